/** Tags in a text that is edited as plain text: while a tag's name stands there, it is the tag. */

import type { UserContent } from "../protocol/types";

export type Tag = UserContent & { type: "input_tag" };

export function textOf(content: readonly UserContent[]): string {
  return content.map(part => part.text).join("");
}

export function tagsOf(content: readonly UserContent[]): Tag[] {
  return content.filter(part => part.type === "input_tag");
}

/** The text in parts, each tag where its name stands: the first one first, and each as often as it was given. */
export function contentOf(text: string, tags: readonly Tag[]): UserContent[] {
  const content: UserContent[] = [];
  let rest = text;
  for (const tag of tags) {
    const at = tag.text === "" ? -1 : rest.indexOf(tag.text);
    if (at < 0) continue;
    if (at > 0) content.push({ type: "input_text", text: rest.slice(0, at) });
    content.push(tag);
    rest = rest.slice(at + tag.text.length);
  }
  if (rest !== "") content.push({ type: "input_text", text: rest });
  return content;
}
