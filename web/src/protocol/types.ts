/**
 * What goes over the wire, as the native dialect has it (docs/protocol.md). Whatever comes from a server may have more
 * than this, and other kinds of things: readers narrow by `type`, and leave alone what they do not know.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Thread {
  id: string;
  title?: string;
  created_at: string;
  status: { type: "active" } | { type: "locked" | "closed"; reason?: string };
  allowed_image_domains?: string[];
}

export interface Page<T> {
  data: T[];
  has_more: boolean;
  after?: string;
}

// --- items -----------------------------------------------------------------------------------------------------------

interface ItemBase {
  id: string;
  thread_id: string;
  created_at: string;
}

export type UserContent =
  | { type: "input_text"; text: string }
  | {
      type: "input_tag";
      id: string;
      text: string;
      data?: Record<string, unknown>;
      group?: string;
      interactive?: boolean;
    };

export type Attachment =
  | { type: "file"; id: string; name: string; mime_type: string }
  | { type: "image"; id: string; name: string; mime_type: string; preview_url: string };

export interface InferenceOptions {
  tool_choice?: { id: string };
  model?: string;
}

export interface UserMessageInput {
  content: UserContent[];
  attachments: string[];
  quoted_text?: string;
  inference_options: InferenceOptions;
}

export interface UserMessageItem extends ItemBase {
  type: "user_message";
  content: UserContent[];
  attachments: Attachment[];
  quoted_text?: string;
  inference_options?: InferenceOptions;
}

export type Source =
  | {
      type: "url";
      url: string;
      title: string;
      description?: string;
      timestamp?: string;
      group?: string;
      attribution?: string;
    }
  | {
      type: "file";
      filename: string;
      title: string;
      description?: string;
      timestamp?: string;
      group?: string;
    }
  | {
      type: "entity";
      id: string;
      title: string;
      icon?: string;
      label?: string;
      inline_label?: string;
      interactive?: boolean;
      data?: Record<string, unknown>;
      description?: string;
      timestamp?: string;
      group?: string;
    };

export interface Annotation {
  type: "annotation";
  source: Source;
  /** Where in the text it belongs, in characters (code points) from its start; without one, among the sources alone. */
  index?: number;
}

export interface AssistantContent {
  type: "output_text";
  text: string;
  annotations: Annotation[];
}

export interface AssistantMessageItem extends ItemBase {
  type: "assistant_message";
  content: AssistantContent[];
}

export interface ClientToolCallItem extends ItemBase {
  type: "client_tool_call";
  status: "pending" | "completed";
  call_id: string;
  name: string;
  arguments: Record<string, unknown>;
  output?: Json;
}

/** A widget or a part of one, as the server sent it: props are validated where they are drawn. */
export interface WidgetNode {
  type: string;
  id?: string;
  key?: string;
  children?: WidgetNode[] | WidgetNode;
  [prop: string]: unknown;
}

export interface WidgetItem extends ItemBase {
  type: "widget";
  widget: WidgetNode;
  copy_text?: string;
}

export interface GeneratedImageItem extends ItemBase {
  type: "generated_image";
  image?: { id: string; url: string };
  /** 0 to 1, while it is made; known from updates alone. */
  progress?: number;
}

export type Question = { id: string; question: string; answer?: { values?: string[]; skipped?: boolean } } & (
  | { type: "multiple_choice"; options: { value: string }[]; multiple?: boolean }
  | { type: "freeform"; description?: string }
);

export interface StructuredInputItem extends ItemBase {
  type: "structured_input";
  status: "pending" | "answered" | "skipped";
  inputs: Question[];
}

export type Task = { status_indicator?: "none" | "loading" | "complete" } & (
  | { type: "custom"; title?: string; icon?: string; content?: string }
  | { type: "web_search"; title?: string; title_query?: string; queries?: string[]; sources?: Source[] }
  | { type: "thought"; title?: string; content: string }
  | { type: "file"; title?: string; sources?: Source[] }
  | { type: "image"; title?: string }
);

export interface Workflow {
  type: "custom" | "reasoning";
  tasks: Task[];
  /** How it ended: a title, or how long it took, in seconds. Without one, it goes on. */
  summary?: { title: string; icon?: string } | { duration: number };
  expanded?: boolean;
}

export interface WorkflowItem extends ItemBase {
  type: "workflow";
  workflow: Workflow;
}

export interface TaskItem extends ItemBase {
  type: "task";
  task: Task;
}

export interface EndOfTurnItem extends ItemBase {
  type: "end_of_turn";
}

export type Item =
  | UserMessageItem
  | AssistantMessageItem
  | ClientToolCallItem
  | WidgetItem
  | GeneratedImageItem
  | StructuredInputItem
  | WorkflowItem
  | TaskItem
  | EndOfTurnItem;

// --- events ----------------------------------------------------------------------------------------------------------

export type ItemUpdate =
  | { type: "assistant_message.content_part.added"; content_index: number; content: AssistantContent }
  | { type: "assistant_message.content_part.text_delta"; content_index: number; delta: string }
  | {
      type: "assistant_message.content_part.annotation_added";
      content_index: number;
      annotation_index: number;
      annotation: Annotation;
    }
  | { type: "assistant_message.content_part.done"; content_index: number; content: AssistantContent }
  | { type: "widget.streaming_text.value_delta"; component_id: string; delta: string; done: boolean }
  | { type: "widget.component.updated"; component_id: string; component: WidgetNode }
  | { type: "widget.root.updated"; widget: WidgetNode }
  | { type: "workflow.task.added"; task_index: number; task: Task }
  | { type: "workflow.task.updated"; task_index: number; task: Task }
  | { type: "generated_image.updated"; image: { id: string; url: string }; progress?: number };

export interface ErrorEvent {
  type: "error";
  code: string;
  message?: string;
  allow_retry: boolean;
}

export interface NoticeEvent {
  type: "notice";
  level: "info" | "warning" | "danger";
  /** Markdown. */
  message: string;
  title?: string;
}

export type RunStatus = "queued" | "running" | "completed" | "failed" | "cancelled" | "interrupted";

/** What a resumable stream says of its run, beside what the SDK's streams say. */
export type RunEvent =
  | { type: "run.started"; run_id: string; thread_id: string; attempt: number }
  | { type: "run.snapshot"; run_id: string; thread_id: string; last_event_id: string; items: Item[] }
  | { type: "run.ended"; run_id: string; status: RunStatus; stop_reason?: string };

export type StreamEvent =
  | { type: "thread.created"; thread: Thread }
  | { type: "thread.updated"; thread: Thread }
  | { type: "thread.item.added"; item: Item }
  | { type: "thread.item.updated"; item_id: string; update: ItemUpdate }
  | { type: "thread.item.done"; item: Item }
  | { type: "thread.item.removed"; item_id: string }
  | { type: "thread.item.replaced"; item: Item }
  | { type: "stream_options"; stream_options: { allow_cancel: boolean } }
  | { type: "progress_update"; icon?: string; text: string }
  | { type: "client_effect"; name: string; data: Record<string, unknown> }
  | ErrorEvent
  | NoticeEvent
  | RunEvent;

export interface Run {
  id: string;
  thread_id: string;
  status: RunStatus;
  attempt: number;
  created_at: string;
  ended_at?: string;
  stop_reason?: string;
  last_event_id?: string | null;
}

export interface WidgetAction {
  type: string;
  payload?: Record<string, unknown>;
}
