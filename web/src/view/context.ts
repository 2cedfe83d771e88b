/** What every part of the view gets. */
import type { ChatKitOptions } from "@openai/chatkit";
import type { Locale } from "../locale";
import type { Session } from "../session";
import type { ChatState } from "../state/chat";
import type { WidgetContext } from "../widgets";

export interface ViewContext {
  session: Session;
  state: ChatState;
  /** As `setOptions` got them. */
  options: ChatKitOptions;
  locale: Locale;
  colorScheme: "light" | "dark";
  widgets: WidgetContext;
  /** Emits `chatkit.<name>`. */
  emit(name: string, detail?: unknown): void;
}
