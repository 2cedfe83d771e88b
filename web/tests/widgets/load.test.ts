import { render } from "lit";
import { expect, test, vi } from "vitest";
import type { WidgetItem } from "../../src/protocol/types";
import type { WidgetContext } from "../../src/widgets";

test("where the code of widgets cannot be loaded, that is said once, and tried again", async () => {
  vi.useFakeTimers();
  let isOffline = true;
  vi.doMock("../../src/widgets/widget-element", async original => {
    if (isOffline) throw new Error("offline");
    return await original();
  });
  const { widget } = await import("../../src/widgets");
  const warn = vi.fn();
  const context = { warn } as unknown as WidgetContext;
  const item = { type: "widget", id: "1", widget: { type: "Card" } } as unknown as WidgetItem;
  const place = document.body.appendChild(document.createElement("div"));
  render([widget(item, context), widget({ ...item, id: "2" }, context)], place);
  await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
  expect(place.querySelectorAll("chatkit-widget")).toHaveLength(2);
  isOffline = false;
  vi.resetModules();
  await vi.advanceTimersByTimeAsync(3000);
  await vi.waitFor(() => expect(customElements.get("chatkit-widget")).toBeDefined());
  expect(warn).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});
