/** Names that have a shape: those that are here, and those that come with the chunk of ChatKit's names. */
import type { IconNode } from "lucide";
import type { content, controls, header } from "./chatkit";
import { interfaceShapes } from "./interface";

export type IconName =
  | keyof typeof interfaceShapes
  | keyof typeof content
  | keyof typeof header
  | keyof typeof controls;

const shapes = new Map<string, IconNode>(Object.entries(interfaceShapes));

export function shapeOf(name: string): IconNode | undefined {
  return shapes.get(name);
}
