import { html, render } from "lit";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { WidgetItem } from "../../src/protocol/types";
import { isolated } from "../../src/view/thread/isolated";
import { assistant, Chat, item, leave } from "./chat";

vi.mock("../../src/widgets", async original => ({
  ...(await original<object>()),
  widget: ({ widget }: WidgetItem) => {
    if (widget.type === "Throws") throw new Error("no");
    if (widget.type === "Spoof") return html`<b>before</b>${{ _$litType$: 1, strings: ["<b>"], values: [] }}`;
    return html`${widget.type}`;
  },
}));

afterEach(leave);

const widget = (type: string) => item("widget", "w", { widget: { type } });

describe("an item that cannot be drawn", () => {
  test.each(["Throws", "Spoof"])("says so, in its place alone, and is logged: %s", async type => {
    const chat = await Chat.of([assistant("a1", "before"), widget(type), assistant("a2", "after")]).draw();
    expect(chat.items).toEqual(["before", "This part cannot be shown", "after"]);
    expect(chat.emitted).toEqual([
      {
        name: "log",
        detail: { name: "item.not_shown", data: expect.objectContaining({ id: "w", type: "widget" }) },
      },
    ]);
  });

  test("is drawn once it can be", async () => {
    const chat = await Chat.of([widget("Spoof"), assistant("a")]).draw();
    await chat.take({ type: "local.replaced", item: widget("Fine") });
    expect(chat.items[0]).toBe("Fine");
    await chat.take({ type: "local.replaced", item: widget("Throws") });
    expect(chat.items[0]).toBe("This part cannot be shown");
  });
});

describe("isolated", () => {
  test("draws only where something has changed on which it depends", () => {
    const draw = vi.fn(() => html`drawn`);
    const show = (...dependencies: unknown[]) =>
      render(html`<p ${isolated(dependencies, draw, () => html``)}></p>`, document.body);
    const value = {};
    show(value, 1);
    show(value, 1);
    expect(draw).toHaveBeenCalledTimes(1);
    show(value, 2);
    show({}, 2);
    expect(draw).toHaveBeenCalledTimes(3);
    expect(document.body.textContent).toBe("drawn");
  });
});
