/** Which function draws which type of component. */
import { nothing } from "lit";
import type { WidgetNode } from "../protocol/types";
import { drawCard } from "./card";
import { drawChart } from "./chart";
import { drawBadge, drawIcon, drawImage } from "./content";
import { drawButton } from "./controls/button";
import { drawCheckbox } from "./controls/checkbox";
import { drawDatePicker } from "./controls/date-picker";
import { drawInput } from "./controls/input";
import { drawRadioGroup } from "./controls/radio-group";
import { drawSelect } from "./controls/select";
import { drawTextarea } from "./controls/textarea";
import { drawForm } from "./form";
import { drawBasic, drawBox, drawCol, drawDivider, drawRow, drawSpacer } from "./layout";
import { drawListItem, drawListView } from "./list";
import type { Scope } from "./scope";
import { drawTable } from "./table";
import { drawCaption, drawLabel, drawMarkdown, drawText, drawTitle } from "./text";
import { drawTransition } from "./transition";

export type Draw = (node: WidgetNode, scope: Scope) => unknown;

const DRAWN: ReadonlyMap<string, Draw> = new Map<string, Draw>([
  ["Badge", drawBadge],
  ["Basic", drawBasic],
  ["Box", drawBox],
  ["Button", drawButton],
  ["Caption", drawCaption],
  ["Card", drawCard],
  ["Chart", drawChart],
  ["Checkbox", drawCheckbox],
  ["Col", drawCol],
  ["DatePicker", drawDatePicker],
  ["Divider", drawDivider],
  ["Form", drawForm],
  ["Icon", drawIcon],
  ["Image", drawImage],
  ["Input", drawInput],
  ["Label", drawLabel],
  ["ListView", drawListView],
  ["ListViewItem", drawListItem],
  ["Markdown", drawMarkdown],
  ["RadioGroup", drawRadioGroup],
  ["Row", drawRow],
  ["Select", drawSelect],
  ["Spacer", drawSpacer],
  ["Table", drawTable],
  ["Table.Cell", drawCol], // outside of a table
  ["Table.Row", drawRow],
  ["Text", drawText],
  ["Textarea", drawTextarea],
  ["Title", drawTitle],
  ["Transition", drawTransition],
]);

interface Drawn {
  content: unknown;
  /** What is wrong with it, if something is. */
  problem: string | null;
}

/** One component and all inside of it. Never throws: a component that cannot be drawn leaves the others alone. */
export function draw(node: WidgetNode, scope: Scope): Drawn {
  const drawer = DRAWN.get(node.type);
  try {
    if (drawer !== undefined) return { content: drawer(node, scope), problem: null };
    return { content: scope.children(node), problem: "Unknown widget" };
  } catch (error) {
    return { content: nothing, problem: `A widget cannot be drawn: ${String(error)}` };
  }
}
