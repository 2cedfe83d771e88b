/** Icons by ChatKit's names, `lucide:*` names, and Lucide's own. */
import { nothing, type TemplateResult } from "lit";

/** An icon for the eye alone (`aria-hidden`), as large as the text beside it; nothing for a name that is none. */
export function icon(_name: string): TemplateResult | typeof nothing {
  return nothing;
}
