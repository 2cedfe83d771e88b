/**
 * Makes sure of the shape of what a server sends, so that everything behind this can rely on it. What misses something
 * that can be empty gets it; what misses what it is about is null. Kinds that are not known pass as they are.
 */

export { checkedEvent } from "./events";
export { checkedItem } from "./items";
export { checkedPage, checkedRun, checkedThread } from "./threads";
