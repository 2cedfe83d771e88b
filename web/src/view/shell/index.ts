/** The chat as a whole: header, thread or start screen, composer, history. */
import type { StartScreenPrompt } from "@openai/chatkit";
import { html, type TemplateResult } from "lit";
import { Chunk } from "../../chunk";
import type { Composition } from "../../state/composition";
import type { ViewContext } from "../context";
import { thread } from "../thread";
import { baseStyles } from "./base";
import { chipStyles } from "./chips";
import { modelOf, toolOf } from "./choices";
import { composerStyles } from "./composer-styles";
import { connectionStyles } from "./connection";
import { controlStyles } from "./control-styles";
import { disclaimer, disclaimerStyles } from "./disclaimer";
import { header, headerStyles } from "./header";
import { queue, queueStyles } from "./queue";
import { startScreen, startStyles } from "./start";
import "./composer";
import "./connection";

/** The history, which is not seen at first. */
export const historyChunk = new Chunk(() => import("./history"));

export interface Shell {
  context: ViewContext;
  composition: Composition;
  isHistoryOpen: boolean;
  showHistory(): void;
  hideHistory(): void;
  newChat(): void;
}

export function shell({ context, composition, isHistoryOpen, ...hands }: Shell): TemplateResult {
  const { state, locale, options } = context;
  const isNew = isUntouched(context);
  const hasHistory = options.history?.enabled !== false;
  return html`
    <div class="root" part="root" dir=${locale.direction} lang=${locale.language} ?data-new=${isNew}>
      <div class="main" ?inert=${isHistoryOpen}>
        ${header(context, isNew, { newChat: hands.newChat, showHistory: hasHistory ? hands.showHistory : null })}
        ${isNew ? startScreen(context, prompt => send(prompt, context, composition)) : thread(context)}
        <div class="footer" part="footer">
          <chatkit-connection .interrupted=${state.interrupted !== null} .strings=${locale.strings}
          ></chatkit-connection>
          ${queue(context, message => composition.putBack(message))}
          <chatkit-composer .context=${context} .composition=${composition} .onNewChat=${hands.newChat}
          ></chatkit-composer>
          ${disclaimer(context)}
        </div>
      </div>
      <chatkit-history .context=${context} .open=${isHistoryOpen} .onClose=${hands.hideHistory}
        .onNewChat=${hands.newChat} .onThread=${(id: string) => openThread(id, context, hands.hideHistory)}
      ></chatkit-history>
    </div>
  `;
}

/** Nothing was said yet, and nothing is on its way. */
function isUntouched({ state }: ViewContext): boolean {
  return (
    state.threadId === null &&
    !state.responding &&
    state.conversation.items.length === 0 &&
    state.conversation.failure === null
  );
}

/** With the tool and the model that are chosen, as what one writes. */
function send(
  { prompt }: StartScreenPrompt,
  { options, session }: ViewContext,
  composition: Composition,
): void {
  const { tools, models } = options.composer ?? {};
  const tool = toolOf(tools, composition.value.toolId);
  session.send({
    content: typeof prompt === "string" ? [{ type: "input_text", text: prompt }] : prompt,
    attachments: [],
    quotedText: null,
    toolId: tool?.id ?? null,
    modelId: modelOf(models, composition.modelId)?.id ?? null,
  });
  if (tool?.persistent !== true) composition.change({ toolId: null });
}

function openThread(threadId: string, { session, state }: ViewContext, hide: () => void): void {
  hide();
  if (threadId === state.threadId) return;
  session.openThread(threadId).catch(() => undefined); // it is shown, and was reported
}

export const shellStyles = [
  baseStyles,
  controlStyles,
  headerStyles,
  startStyles,
  chipStyles,
  composerStyles,
  queueStyles,
  connectionStyles,
  disclaimerStyles,
];
