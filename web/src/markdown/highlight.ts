/** Code as coloured spans. A chunk of its own: the languages that people write about most. */
import { html } from "lit";
import { common, createLowlight } from "lowlight";

const lowlight = createLowlight(common);
lowlight.registerAlias({ bash: ["console", "shell-session"], python: ["python3"], xml: ["vue"] });

type Node = ReturnType<typeof lowlight.highlight>["children"][number];

/** Null for a language that it does not know. */
export function highlighted(code: string, language: string): unknown[] | null {
  const name = language.toLowerCase();
  return lowlight.registered(name) ? lowlight.highlight(name, code).children.map(span) : null;
}

function span(node: Node): unknown {
  if (node.type === "text") return node.value;
  if (node.type !== "element") return null;
  const { className } = node.properties;
  return html`<span class=${Array.isArray(className) ? className.join(" ") : ""}>${node.children.map(span)}</span>`;
}
