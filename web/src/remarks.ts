/** What a page's developer should know, said in the console, and once. */

import type { Remarks } from "./options";
import type { Problem } from "./protocol/problem";

const said = new Set<string>();

function say(remark: string, subject = remark): void {
  if (said.has(subject)) return;
  said.add(subject);
  console.warn(`<openai-chatkit>: ${remark}`);
}

export function sayRemarks({ unknown, withoutEffect }: Remarks): void {
  for (const path of unknown) say(`there is no option ${path}`);
  for (const path of withoutEffect) say(`the option ${path} has no effect yet`);
}

export function sayWithoutEffect(what: string): void {
  say(`${what} has no effect yet`);
}

/** What is wrong with a request as such, and no user can mend: who calls is not said, or another server answers. */
export function sayProblem({ code, status, message, isTemporary }: Problem): void {
  if (code === "not_a_chat_server") say(message);
  else if (status >= 400 && status !== 409 && !isTemporary)
    say(`the server answers ${status} ${code}: ${message}`, `${status} ${code}`);
}

/** For tests: as in a page that was just loaded. */
export function forgetRemarks(): void {
  said.clear();
}
