/** What drawing knows beside the tokens. */
import type { TemplateResult } from "lit";
import type { Strings } from "../locale";
import type { Annotation } from "../protocol/types";
import type { Places } from "./citations";
import type { Direction } from "./direction";

export interface Scope {
  readonly strings: Strings;
  readonly domains: readonly string[] | undefined;
  readonly places: Places;
  /** Of the outermost block. */
  readonly direction: Direction;
  /** Elements around what is drawn. */
  readonly depth: number;
  readonly isInLink: boolean;
  cite(annotation: Annotation): TemplateResult | null;
  /** Null where nobody takes deep links. */
  onDeepLink(): ((name: string, data: Record<string, string>) => void) | null;
}
