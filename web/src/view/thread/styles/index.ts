/** How a thread looks: all by tokens. */

import { controlStyles } from "./controls";
import { floatingStyles } from "./floating";
import { layoutStyles } from "./layout";
import { messageStyles } from "./messages";
import { questionStyles } from "./questions";
import { stateStyles } from "./states";
import { taskStyles } from "./tasks";

export const threadStyles = [
  layoutStyles,
  controlStyles,
  messageStyles,
  taskStyles,
  questionStyles,
  stateStyles,
  floatingStyles,
];
