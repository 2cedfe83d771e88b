/** What a user did in a widget, and what goes on there: it outlives updates of the widget, and its leaving the page. */
import type { FieldValue } from "./payload";

interface Entry {
  value: FieldValue;
  /** What the field began with when its value was sent; undefined: it was not sent since it was changed. */
  sentOver?: FieldValue;
}

export class WidgetState {
  private readonly fields = new Map<string, Entry>();
  /** Paths of the controls whose action goes on. */
  readonly busy = new Set<string>();
  /** Whether an action goes on that all of the widget waits for. */
  waits = false;
  /** Why an action failed since the last one began, in words for the user. */
  failure: string | null = null;
  /** Whether a card's confirm or cancel has been done. */
  done = false;
  /** Paths of what a user has opened, and closed. */
  readonly open = new Map<string, boolean>();
  /** Addresses of images that could not be loaded. */
  readonly broken = new Set<string>();
  /** What was warned of already. */
  readonly warned = new Set<string>();
  /** Called after each change: whoever shows this. */
  onChange: () => void = () => {};

  valueOf(key: string, initial: FieldValue): FieldValue {
    const entry = this.fields.get(key);
    if (entry === undefined) return initial;
    // What was sent has been taken by the server: if that begins with something else now, this is the answer.
    if (entry.sentOver !== undefined && entry.sentOver !== initial) {
      this.fields.delete(key);
      return initial;
    }
    return entry.value;
  }

  setValue(key: string, value: FieldValue): void {
    this.fields.set(key, { value });
  }

  /** The value of this field was sent, over what it began with. */
  sent(key: string, initial: FieldValue): void {
    const entry = this.fields.get(key);
    if (entry !== undefined) this.fields.set(key, { value: entry.value, sentOver: initial });
  }

  isOpen(path: string, initial: boolean): boolean {
    return this.open.get(path) ?? initial;
  }

  setOpen(path: string, open: boolean): void {
    this.open.set(path, open);
    this.onChange();
  }
}

const MOST = 200;

/** States of widgets that are not on the page at the moment: a long thread draws what is seen alone. */
export class StateShelf {
  private readonly states = new Map<string, WidgetState>();

  take(itemId: string): WidgetState {
    const state = this.states.get(itemId) ?? new WidgetState();
    this.states.delete(itemId);
    return state;
  }

  put(itemId: string, state: WidgetState): void {
    state.onChange = () => {};
    this.states.set(itemId, state);
    const [oldest] = this.states.keys();
    if (this.states.size > MOST && oldest !== undefined) this.states.delete(oldest);
  }
}
