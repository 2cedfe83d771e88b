/** The fields of a form: what they hold, and under which name it is sent. */
import type { FieldValue } from "./payload";
import type { WidgetState } from "./state";

/** A field as a control sees it. */
export class Field<T extends FieldValue = FieldValue> {
  constructor(
    private readonly state: WidgetState,
    /** Of its value in the state. */
    private readonly key: string,
    /** As the server calls it, with dots. */
    readonly name: string,
    readonly initial: T,
    /** Of its element: what a label is for. */
    readonly id: string,
    /** Whether a `Label` is for it. */
    readonly isLabelled: boolean,
  ) {}

  get value(): T {
    return this.state.valueOf(this.key, this.initial) as T;
  }

  /** Takes what was typed or chosen. Draws nothing: a text field shows it already. */
  set value(value: T) {
    this.state.setValue(this.key, value);
  }

  sent(): void {
    this.state.sent(this.key, this.initial);
  }
}

/** What is in a form as it was drawn last: its own fields, and those of forms inside of it. */
export class Fields {
  private readonly all = new Map<string, Field>();

  constructor(
    readonly path: string,
    private readonly outer: Fields | null,
    /** The path of the action that submitting does; null: it does none of its own. */
    readonly submits: string | null,
  ) {}

  add(field: Field): void {
    this.all.set(field.name, field);
    this.outer?.add(field);
  }

  entries(): (readonly [string, FieldValue])[] {
    return [...this.all.values()].map(field => [field.name, field.value]);
  }

  sent(): void {
    for (const field of this.all.values()) field.sent();
  }
}
