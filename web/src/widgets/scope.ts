/** Where in a widget something is drawn, and what it can do there. */
import { nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Strings } from "../locale";
import type { WidgetNode } from "../protocol/types";
import type { Scheme } from "../theme/palette";
import { readAction } from "./actions";
import type { ActionConfig, Loading, PreviewContext } from "./context";
import { Field, type Fields } from "./fields";
import type { FieldValue } from "./payload";
import { oneOf, type Props, string } from "./props";
import type { WidgetState } from "./state";
import { childrenOf, keysOf } from "./tree";

/** What belongs to an action beside itself. */
interface Beside {
  /** The control's own field: its value goes along without a form, too. */
  own?: Field;
  /** Called when it was done, before the focus returns. */
  onDone?: () => void;
}

/** An action, and where it comes from. */
export interface Firing extends Beside {
  action: ActionConfig;
  /** Where it shows, if the action leaves that open. */
  auto: Loading;
  /** Of its control. */
  path: string;
  /** Whose values go with it. */
  fields: Fields | null;
}

/** The element that draws a widget. */
export interface Host {
  readonly context: PreviewContext;
  readonly state: WidgetState;
  /** Begins the ids of elements. */
  readonly uid: string;
  /** Whether actions lead anywhere: not in a preview. */
  readonly isLive: boolean;
  readonly labelled: ReadonlySet<string>;
  draw(node: WidgetNode, scope: Scope): unknown;
  /** Resolves to whether it was done. */
  fire(firing: Firing): Promise<boolean>;
}

const LONGEST_ID = 200;

/** An id that needs no quotes anywhere: keys and names are a server's. */
function idOf(text: string): string {
  return text.slice(0, LONGEST_ID).replaceAll(/[^\w-]/g, letter => `_${letter.charCodeAt(0).toString(16)}`);
}

export class Scope {
  /** The scheme, where a root has another one than what is around it. */
  ownScheme: Scheme | typeof nothing = nothing;

  constructor(
    private readonly host: Host,
    readonly path: string,
    readonly scheme: Scheme,
    readonly fields: Fields | null = null,
  ) {}

  get context(): PreviewContext {
    return this.host.context;
  }
  get strings(): Strings {
    return this.host.context.strings;
  }
  get state(): WidgetState {
    return this.host.state;
  }
  get isLive(): boolean {
    return this.host.isLive;
  }
  /** Whether this control's own action goes on. */
  get isBusy(): boolean {
    return this.state.busy.has(this.path);
  }

  /** An id for an element of this place. */
  id(part: string): string {
    return idOf(`${this.host.uid}${this.path}-${part}`);
  }

  /** The same place, inside of a form. */
  within(fields: Fields): Scope {
    return new Scope(this.host, this.path, this.scheme, fields);
  }

  /** The same place, in the scheme that a root asks for. */
  themed(props: Props): Scope {
    const scheme = oneOf(props, "theme", ["light", "dark"]) ?? this.scheme;
    if (scheme === this.scheme) return this;
    const themed = new Scope(this.host, this.path, scheme, this.fields);
    themed.ownScheme = scheme;
    return themed;
  }

  at(key: string): Scope {
    return new Scope(this.host, `${this.path}/${key}`, this.scheme, this.fields);
  }

  /** Draws what is inside of a component. */
  children(node: WidgetNode): unknown {
    return this.all(childrenOf(node));
  }

  all(nodes: readonly WidgetNode[]): unknown {
    const keys = keysOf(nodes);
    if (nodes.length === 0) return nothing;
    return repeat(
      nodes,
      (_, index) => keys[index],
      (node, index) => this.host.draw(node, this.at(keys[index] ?? "")),
    );
  }

  /** The field of a control. One that is disabled is not sent; one without a name neither. */
  field<T extends FieldValue>(props: Props, initial: T, isDisabled = false): Field<T> {
    const name = string(props, "name") ?? "";
    const key = `${this.fields?.path ?? ""}|${name === "" ? this.path : name}|${string(props, "key") ?? ""}`;
    const field = new Field<T>(
      this.state,
      key,
      name,
      initial,
      this.fieldId(name),
      this.host.labelled.has(name),
    );
    if (name !== "" && !isDisabled) this.fields?.add(field as Field);
    return field;
  }

  /** Of the element that holds the field of this name, in the form around. */
  fieldId(name: string): string {
    const place = name === "" ? this.path : `${this.fields?.path ?? ""}.${name}`;
    return idOf(`${this.host.uid}${place}-field`);
  }

  /** Does what an action prop says, if it says anything. Resolves to whether it was done. */
  async fire(action: unknown, auto: Loading, beside: Beside = {}): Promise<boolean> {
    const config = readAction(action);
    if (config === null) return false;
    const { path, fields } = this;
    return await this.host.fire({ ...beside, action: config, auto, path, fields });
  }
}
