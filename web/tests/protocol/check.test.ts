import { expect, test } from "vitest";
import { checkedEvent, checkedItem, checkedPage } from "../../src/protocol/check";
import { assistant } from "../state/events";

/** What every object has, and no protocol. */
const INHERITED = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "__defineGetter__"];

test.each(INHERITED)("nothing is of the kind %s, and it passes as any that is not known", name => {
  expect(checkedEvent(name, { odd: 1 })).toEqual({ type: name, odd: 1 });
  const item = { type: name, id: "x", thread_id: "thr_1", created_at: "" };
  expect(checkedItem(item)).toEqual(item);
  const update = { type: name, odd: 1 };
  expect(checkedEvent("thread.item.updated", { item_id: "x", update })).toMatchObject({ update });
});

test("a page with such an item has the others", () => {
  const odd = { type: "__proto__", id: "x" };
  const page = checkedPage({ data: [odd, assistant("a", "hi"), null] }, checkedItem);
  expect(page.data.map(item => item.id)).toEqual(["x", "a"]);
});
