/** What is being written: one draft per thread, kept in this tab; and with which tool and model it will be sent. */

import type { Attachment } from "../protocol/types";
import type { Draft, Outgoing } from "./chat";
import { contentOf, type Tag, tagsOf, textOf } from "./tags";

export interface Writing {
  text: string;
  /** What parts of the text stand for. */
  tags: readonly Tag[];
  quotedText: string | null;
  attachments: readonly Attachment[];
  toolId: string | null;
}

const BLANK: Writing = { text: "", tags: [], quotedText: null, attachments: [], toolId: null };

const SAVE_AFTER_MS = 300;

export class Composition {
  private writing: Writing = BLANK;
  private model: string | null;
  private threadId: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly url: string,
    private readonly onToolChange: (toolId: string | null) => void,
  ) {
    this.writing = this.kept(null);
    this.model = stored(this.modelKey);
  }

  get value(): Writing {
    return this.writing;
  }

  /** The model that was chosen, whatever thread it was in. */
  get modelId(): string | null {
    return this.model;
  }

  get isEmpty(): boolean {
    return this.writing.text.trim() === "" && this.writing.attachments.length === 0;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  change(change: Partial<Writing>): void {
    this.set({ ...this.writing, ...change });
    this.timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS);
  }

  chooseModel(modelId: string | null): void {
    this.model = modelId;
    store(this.modelKey, modelId);
    this.tell();
  }

  /** A tool that the page no longer has is not chosen any more. */
  keepTool(tools: readonly { id: string }[]): void {
    const { toolId } = this.writing;
    if (toolId !== null && !tools.some(tool => tool.id === toolId)) this.change({ toolId: null });
  }

  // --- threads -------------------------------------------------------------------------------------------------------

  /** Another thread is shown, with a draft of its own. */
  open(threadId: string | null): void {
    this.save();
    this.threadId = threadId;
    this.set(this.kept(threadId));
  }

  /** The thread is the same, and has got an id. */
  adopt(threadId: string): void {
    store(this.key(null), null);
    this.threadId = threadId;
    this.save();
  }

  /** Keeps it for when the page is loaded again in this tab. */
  save(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const isBlank = JSON.stringify(this.writing) === JSON.stringify(BLANK);
    store(this.key(this.threadId), isBlank ? null : JSON.stringify(this.writing));
  }

  // --- sending -------------------------------------------------------------------------------------------------------

  /** What to send, taken away from here; `keepTool`: but for the tool. */
  take(keepTool: boolean, modelId: string | null): Draft {
    const { text, tags, quotedText, attachments, toolId } = this.writing;
    const content = contentOf(text.trim(), tags);
    this.set({ ...BLANK, toolId: keepTool ? toolId : null });
    this.save();
    return { content, attachments, quotedText, toolId, modelId };
  }

  /** A message that was taken back, before whatever was written meanwhile. */
  putBack({ input, attachments }: Outgoing): void {
    const { writing } = this;
    const text = textOf(input.content);
    this.change({
      text: writing.text.trim() === "" ? text : `${text}\n\n${writing.text}`,
      tags: [...tagsOf(input.content), ...writing.tags],
      quotedText: input.quoted_text ?? writing.quotedText,
      attachments: [...attachments, ...writing.attachments],
      toolId: input.inference_options.tool_choice?.id ?? writing.toolId,
    });
  }

  // --- how it is kept ------------------------------------------------------------------------------------------------

  private get modelKey(): string {
    return `chatkit model ${this.url}`;
  }

  private key(threadId: string | null): string {
    return `chatkit draft ${this.url} ${threadId ?? ""}`;
  }

  private kept(threadId: string | null): Writing {
    try {
      const writing: unknown = JSON.parse(stored(this.key(threadId)) ?? "{}");
      return isWriting({ ...BLANK, ...(writing as object) }) ? { ...BLANK, ...(writing as object) } : BLANK;
    } catch {
      return BLANK;
    }
  }

  private set(writing: Writing): void {
    const before = this.writing.toolId;
    this.writing = writing;
    this.tell();
    if (writing.toolId !== before) this.onToolChange(writing.toolId);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function isWriting(value: Writing): boolean {
  return typeof value.text === "string" && Array.isArray(value.tags) && Array.isArray(value.attachments);
}

function stored(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // no storage here
  }
}

function store(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // no storage here, or it is full: it lasts as long as the page
  }
}
