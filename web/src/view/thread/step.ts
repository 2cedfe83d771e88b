/** What has happened between two states, as far as the reader's place in a thread is concerned: pure. */

import type { ChatState, Outgoing } from "../../state/chat";

/**
 * `asked`: a message of this reader's waits for its answer. `began`: an answer is written to something else, as to what
 * was done with a widget.
 */
export type Step = "asked" | "began" | "none";

/** `before`: null where another thread was shown, or nothing. */
export function step(before: ChatState | null, now: ChatState): Step {
  const sending = sendingOf(now);
  if (sending !== null && (before === null || sendingOf(before)?.key !== sending.key)) return "asked";
  if (!now.responding || before?.responding) return "none";
  if (now.conversation.items.at(-1)?.type === "user_message") return "asked";
  return before === null ? "none" : "began";
}

/** A new thread that gets its id is the same one. */
export function isAnother(before: ChatState, now: ChatState): boolean {
  if (now.loading && !before.loading) return true;
  return before.threadId !== now.threadId && !(before.threadId === null && now.responding);
}

export function sendingOf({ outgoing }: ChatState): Outgoing | null {
  return outgoing.find(message => message.state === "sending") ?? null;
}

/** The id of the message that has just got into the thread, if one has. */
export function arrivedIn(before: ChatState | null, now: ChatState): string | null {
  if (before === null || sendingOf(before) === null || sendingOf(now) !== null) return null;
  return now.conversation.items.findLast(item => item.type === "user_message")?.id ?? null;
}
