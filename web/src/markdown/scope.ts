/** What drawing knows beside the tokens. */
import type { TemplateResult } from "lit";
import type { Strings } from "../locale";
import type { Annotation } from "../protocol/types";
import type { Places } from "./citations";

export interface Scope {
  readonly strings: Strings;
  readonly domains: readonly string[] | undefined;
  readonly places: Places;
  /** Elements around what is drawn. */
  readonly depth: number;
  readonly isInLink: boolean;
  cite(annotation: Annotation): TemplateResult | null;
  /** Null where nobody takes deep links. */
  onDeepLink(): ((name: string, data: Record<string, string>) => void) | null;
}
