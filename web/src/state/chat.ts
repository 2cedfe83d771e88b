/** Everything that is shown, as one value. */

import type { Problem } from "../protocol/problem";
import type { Attachment, Thread, UserContent, UserMessageInput } from "../protocol/types";
import { type Conversation, EMPTY } from "./conversation";

/** A message that the server does not have yet. */
export interface Outgoing {
  /** Its idempotency key, too. */
  key: string;
  input: UserMessageInput;
  attachments: readonly Attachment[];
  state: "sending" | "waiting" | "failed";
  problem: Problem | null;
}

export interface History {
  threads: readonly Thread[];
  /** Where to ask for more; null: these are all; undefined: none was asked for yet. */
  after: string | null | undefined;
  loading: boolean;
  problem: Problem | null;
}

export interface ChatState {
  threadId: string | null;
  conversation: Conversation;
  /** The thread is being loaded, and nothing of it is here. */
  loading: boolean;
  loadingOlder: boolean;
  loadProblem: Problem | null;
  /** From the moment that a message is sent until its answer has ended. */
  responding: boolean;
  /** Whether what goes on cannot be followed at the moment. */
  interrupted: Problem | null;
  outgoing: readonly Outgoing[];
  /** What was said of answers here: the server keeps it, and does not give it back. */
  feedback: ReadonlyMap<string, "positive" | "negative">;
  history: History;
}

export const NOTHING_YET: ChatState = {
  threadId: null,
  conversation: EMPTY,
  loading: false,
  loadingOlder: false,
  loadProblem: null,
  responding: false,
  interrupted: null,
  outgoing: [],
  feedback: new Map(),
  history: { threads: [], after: undefined, loading: false, problem: null },
};

/** What a user writes, before it is sent. */
export interface Draft {
  content: UserContent[];
  attachments: readonly Attachment[];
  quotedText: string | null;
  toolId: string | null;
  modelId: string | null;
}

export function inputOf(draft: Draft): UserMessageInput {
  return {
    content: draft.content,
    attachments: draft.attachments.map(attachment => attachment.id),
    ...(draft.quotedText === null ? {} : { quoted_text: draft.quotedText }),
    inference_options: {
      ...(draft.toolId === null ? {} : { tool_choice: { id: draft.toolId } }),
      ...(draft.modelId === null ? {} : { model: draft.modelId }),
    },
  };
}
