import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Menu } from "../../src/view/shell/menu";

const ITEMS = [
  { id: "a", label: "Apple" },
  { id: "b", label: "Banana", disabled: true },
  { id: "c", label: "Cherry" },
  { id: "d", label: "Cranberry" },
];

let menu: Menu;
let chosen: string[];

beforeEach(async () => {
  chosen = [];
  menu = new Menu();
  menu.label = "Fruit";
  menu.items = ITEMS;
  menu.onSelect = ({ id }) => chosen.push(id);
  document.body.append(menu);
  await menu.updateComplete;
});
afterEach(() => document.body.replaceChildren());

const button = () => menu.querySelector("button") as HTMLButtonElement;
const focused = () => document.activeElement?.textContent?.trim();

async function press(key: string, target: Element | null = document.activeElement): Promise<void> {
  target?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await settled();
}

async function settled(): Promise<void> {
  await menu.updateComplete;
  await new Promise(resolve => setTimeout(resolve));
  await menu.updateComplete;
}

test("the button says what it opens", async () => {
  expect(button().getAttribute("aria-haspopup")).toBe("menu");
  expect(button().getAttribute("aria-expanded")).toBe("false");
  button().click();
  await settled();
  expect(button().getAttribute("aria-expanded")).toBe("true");
  expect(menu.querySelector("[role=menu]")?.id).toBe(button().getAttribute("aria-controls"));
});

test("arrows, Home and End go round", async () => {
  await press("ArrowDown", button());
  expect(focused()).toBe("Apple");
  await press("ArrowUp");
  expect(focused()).toBe("Cranberry");
  await press("ArrowDown");
  expect(focused()).toBe("Apple");
  await press("End");
  expect(focused()).toBe("Cranberry");
  await press("Home");
  expect(focused()).toBe("Apple");
});

test("the arrow up opens it at its end", async () => {
  await press("ArrowUp", button());
  expect(focused()).toBe("Cranberry");
});

test("letters go to what begins with them", async () => {
  await press("ArrowDown", button());
  await press("c");
  expect(focused()).toBe("Cherry");
  await press("r");
  expect(focused()).toBe("Cranberry");
});

test("what was chosen has the focus when it is opened", async () => {
  menu.choice = true;
  menu.items = ITEMS.map(item => ({ ...item, checked: item.id === "c" }));
  button().click();
  await settled();
  expect(focused()).toBe("Cherry");
  expect(document.activeElement?.getAttribute("role")).toBe("menuitemradio");
  expect(document.activeElement?.getAttribute("aria-checked")).toBe("true");
});

test("Escape closes it, and the focus is on the button", async () => {
  await press("ArrowDown", button());
  await press("Escape");
  expect(menu.querySelector("[role=menu]")).toBeNull();
  expect(document.activeElement).toBe(button());
});

test("a click elsewhere closes it", async () => {
  await press("ArrowDown", button());
  document.body.dispatchEvent(new Event("pointerdown", { bubbles: true, composed: true }));
  await settled();
  expect(menu.querySelector("[role=menu]")).toBeNull();
});

test("an item is chosen, and a disabled one is not", async () => {
  button().click();
  await settled();
  const items = menu.querySelectorAll<HTMLElement>("[data-item]");
  items[1]?.click();
  expect(chosen).toEqual([]);
  items[2]?.click();
  await settled();
  expect(chosen).toEqual(["c"]);
  expect(menu.querySelector("[role=menu]")).toBeNull();
});

test("nothing listens when it is gone", async () => {
  const removed = vi.spyOn(document, "addEventListener");
  button().click();
  await settled();
  const signals = removed.mock.calls.map(([, , options]) => (options as AddEventListenerOptions).signal);
  menu.remove();
  expect(signals.length).toBeGreaterThan(0);
  for (const signal of signals) expect(signal?.aborted).toBe(true);
  removed.mockRestore();
});
