/** Problems in words for whoever reads the page. */

import type { Strings } from "../locale";
import { own } from "../own";
import type { Problem } from "../protocol/problem";

const BY_CODE: Record<string, keyof Problems> = {
  network: "problemUnreachable",
  not_a_chat_server: "problemNotAChatServer",
  thread_locked: "threadLocked",
  client: "problemInvalid",
};

const BY_STATUS: Record<number, keyof Problems> = {
  0: "problemUnreachable",
  401: "problemUnauthorized",
  403: "problemForbidden",
  404: "problemNotFound",
  409: "problemConflict",
  413: "problemTooLarge",
  429: "problemBusy",
  503: "problemBusy",
};

type Problems = { [K in keyof Strings as Strings[K] extends string ? K : never]: string };

export function reasonOf({ code, status }: Problem, strings: Strings): string {
  const key = own(BY_CODE, code) ?? BY_STATUS[status] ?? (status >= 500 ? "problemServer" : "problemInvalid");
  return strings[key];
}
