/** Actions as widgets name them. */
import type { ActionConfig, Loading } from "./context";
import { oneOf, record, string } from "./props";

/** An action with everything that it leaves open filled in; null: this is none. */
export function readAction(value: unknown): ActionConfig | null {
  const props = record(value);
  const type = props && string(props, "type");
  if (props === null || type === null || type === "") return null;
  return {
    type,
    ...(props.payload === undefined || props.payload === null
      ? {}
      : { payload: props.payload as Record<string, unknown> }),
    handler: oneOf(props, "handler", ["client"]) ?? "server",
    loadingBehavior: oneOf(props, "loadingBehavior", ["none", "self", "container"]) ?? "auto",
    streaming: props.streaming !== false,
  };
}

/** Where it shows that an action goes on, if its control does so in a way of its own. */
export function loadingOf(action: ActionConfig, auto: Loading): Loading {
  const { loadingBehavior = "auto" } = action;
  return loadingBehavior === "auto" ? auto : loadingBehavior;
}
