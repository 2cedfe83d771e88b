/** Props that all controls share. */
import { nothing } from "lit";
import type { Field } from "../fields";
import { flag, oneOf, type Props, string } from "../props";

const SIZES = ["3xs", "2xs", "xs", "sm", "md", "lg", "xl", "2xl", "3xl"] as const;

export function sizeOf(props: Props): string {
  return oneOf(props, "size", SIZES) ?? "lg";
}

const GUTTERS: Readonly<Record<string, string>> = {
  "2xs": "6px",
  xs: "8px",
  sm: "10px",
  md: "12px",
  lg: "14px",
  xl: "16px",
};

export function gutterOf(props: Props): string | null {
  const name = string(props, "gutterSize");
  return name !== null && Object.hasOwn(GUTTERS, name) ? (GUTTERS[name] ?? null) : null;
}

/** The name of a control that no `Label` is for. */
export function ownLabel(field: Field, ...names: (string | null)[]): string | typeof nothing {
  if (field.isLabelled) return nothing;
  return names.find(name => name !== null && name !== "") ?? field.name.replaceAll(/[._-]+/g, " ");
}

/** What keeps password managers and the like away, unless they are welcome. */
export function autofill(props: Props): boolean {
  return flag(props, "allowAutofillExtensions");
}
