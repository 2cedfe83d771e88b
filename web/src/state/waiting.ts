/** Messages that wait, kept for when the page is loaded again in this tab. */

import type { Outgoing } from "./chat";

function nameOf(url: string, threadId: string): string {
  return `chatkit waiting ${url} ${threadId}`;
}

export function kept(url: string, threadId: string): Outgoing[] {
  try {
    const saved: unknown = JSON.parse(sessionStorage.getItem(nameOf(url, threadId)) ?? "[]");
    return Array.isArray(saved) ? saved.filter(isOutgoing) : [];
  } catch {
    return []; // no storage here, or somebody else's
  }
}

function isOutgoing(one: Partial<Outgoing> | null): one is Outgoing {
  return typeof one?.key === "string" && Array.isArray(one.input?.content) && typeof one.state === "string";
}

export function keep(url: string, threadId: string, outgoing: readonly Outgoing[]): void {
  try {
    const name = nameOf(url, threadId);
    if (outgoing.length === 0) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(outgoing.map(one => ({ ...one, problem: null }))));
  } catch {
    // no storage here, or it is full: they wait as long as the page is open
  }
}
