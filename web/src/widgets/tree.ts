/** A widget's tree, walked with care: it may be deep, huge, or lead back into itself. */
import type { WidgetNode } from "../protocol/types";
import { record, string } from "./props";

export const MAX_DEPTH = 100;
export const MAX_NODES = 5000;

/** What is known of a tree before it is drawn. */
export interface Survey {
  /** Whether it is small enough to be drawn at all. */
  drawable: boolean;
  /** The names of the fields that a `Label` is for. */
  labelled: ReadonlySet<string>;
}

function isNode(value: unknown): value is WidgetNode {
  const props = record(value);
  return props !== null && typeof props.type === "string";
}

/** The components inside of one: some have a list, `Transition` has a single one. */
export function childrenOf(node: WidgetNode): WidgetNode[] {
  const children: unknown = node.children;
  return (Array.isArray(children) ? children : [children]).filter(isNode);
}

/** Never throws: a page's own code may hand over what is no JSON. */
export function surveyed(root: WidgetNode): Survey {
  try {
    return survey(root);
  } catch {
    return { drawable: false, labelled: new Set() };
  }
}

function survey(root: WidgetNode): Survey {
  const labelled = new Set<string>();
  const rest: [WidgetNode, number][] = [[root, 1]];
  let seen = 0;
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [node, depth] = next;
    seen += 1;
    if (seen > MAX_NODES || depth > MAX_DEPTH) return { drawable: false, labelled };
    if (node.type === "Label") labelled.add(string(node, "fieldName") ?? "");
    for (const child of childrenOf(node)) rest.push([child, depth + 1]);
  }
  return { drawable: true, labelled };
}

/** Keys of siblings, each once: what has a name of its own keeps its place in the page when others come and go. */
export function keysOf(nodes: readonly WidgetNode[]): string[] {
  const seen = new Set<string>();
  return nodes.map((node, index) => {
    const own = string(node, "key") ?? string(node, "id") ?? `${index}`;
    const key = seen.has(own) ? `${own}#${index}` : own;
    seen.add(key);
    return key;
  });
}

/** The first words of a tree: what is left of a card that is collapsed. */
export function headline(node: WidgetNode): string {
  for (const type of ["Title", "Text", "Caption"]) {
    const found = find(node, type);
    if (found !== null) return found;
  }
  return "";
}

function find(node: WidgetNode, type: string): string | null {
  if (node.type === type && typeof node.value === "string" && node.value !== "") return node.value;
  for (const child of childrenOf(node)) {
    const found = find(child, type);
    if (found !== null) return found;
  }
  return null;
}
