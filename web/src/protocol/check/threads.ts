/** Threads, their runs, and pages of whatever a thread has. */

import type { Page, Run, Thread } from "../types";
import { isId, list, object, text, texts } from "./values";

/** A page of what is checked by `check`; what makes no sense is left out. */
export function checkedPage<T>(value: unknown, check: (one: unknown) => T | null): Page<T> {
  const page = object(value) ?? {};
  return {
    data: list(page.data)
      .map(check)
      .filter(one => one !== null),
    has_more: page.has_more === true,
    ...(isId(page.after) ? { after: page.after } : {}),
  };
}

export function checkedThread(value: unknown): Thread | null {
  const thread = object(value);
  if (thread === null || !isId(thread.id)) return null;
  const status = object(thread.status);
  return {
    id: thread.id,
    created_at: text(thread.created_at),
    status: {
      ...status,
      type: status?.type === "locked" || status?.type === "closed" ? status.type : "active",
    },
    ...(typeof thread.title === "string" ? { title: thread.title } : {}),
    ...(Array.isArray(thread.allowed_image_domains)
      ? { allowed_image_domains: texts(thread.allowed_image_domains) }
      : {}),
  };
}

export function checkedRun(value: unknown): { run: Run } | null {
  const run = object(object(value)?.run);
  return run !== null && isId(run.id) && typeof run.status === "string"
    ? { run: run as unknown as Run }
    : null;
}
