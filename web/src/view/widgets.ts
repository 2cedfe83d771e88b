/** What widgets get of the chat. The same object as long as nothing in it has changed, so that they are not drawn again. */

import type { ChatKitOptions } from "@openai/chatkit";
import type { WidgetItem } from "../protocol/types";
import type { ActionConfig, WidgetContext } from "../widgets";
import type { ViewContext } from "./context";

type Inputs = Omit<ViewContext, "widgets">;

export class WidgetContexts {
  private inputs: readonly unknown[] = [];
  private context: WidgetContext | null = null;

  for(view: Inputs): WidgetContext {
    const { session, options, locale, colorScheme, state, emit } = view;
    const domains = state.conversation.thread?.allowed_image_domains;
    const inputs = [session, options, locale.strings, locale.language, colorScheme, domains?.join(" ")];
    if (this.context !== null && inputs.every((input, index) => input === this.inputs[index]))
      return this.context;
    this.inputs = inputs;
    this.context = {
      strings: locale.strings,
      colorScheme,
      locale: locale.language,
      allowedImageDomains: domains,
      act: (action, item) => act(action, item, view),
      onDeepLink: (name, data) => emit("deeplink", { name, data }),
      warn: (message, cause) => emit("error", { error: new Error(message, { cause }) }),
    };
    return this.context;
  }
}

async function act(
  { type, payload, ...config }: ActionConfig,
  item: WidgetItem,
  view: Inputs,
): Promise<void> {
  const action = payload === undefined ? { type } : { type, payload };
  if (config.handler !== "client")
    return await view.session.sendAction(action, item.id, config.streaming !== false);
  const { onAction } = view.options.widgets ?? {};
  if (onAction === undefined)
    throw new Error(`The action ${type} is for the page, which has no widgets.onAction`);
  await onAction(action, { id: item.id, widget: item.widget } as unknown as Clicked);
}

type Clicked = Parameters<NonNullable<NonNullable<ChatKitOptions["widgets"]>["onAction"]>>[1];
