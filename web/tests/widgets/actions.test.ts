import { describe, expect, test } from "vitest";
import { Problem } from "../../src/protocol/problem";
import { card, gate, settled, show, showPreview } from "./page";

const button = (action: object, more: object = {}) => ({
  type: "Button",
  label: "Go",
  onClickAction: action,
  ...more,
});

describe("actions", () => {
  test("come to the view with all that they say", async () => {
    const { find, acted } = await show(
      card(
        button({
          type: "go",
          payload: { id: 1 },
          handler: "client",
          loadingBehavior: "none",
          streaming: false,
        }),
      ),
    );
    find(".w-button").click();
    expect(acted).toEqual([
      { type: "go", payload: { id: 1 }, handler: "client", loadingBehavior: "none", streaming: false },
    ]);
  });

  test("what they leave open is as the SDK has it", async () => {
    const { find, acted } = await show(card(button({ type: "go", handler: "page", streaming: "no" })));
    find(".w-button").click();
    expect(acted).toEqual([{ type: "go", handler: "server", loadingBehavior: "auto", streaming: true }]);
  });

  test.each([null, "go", {}, { type: 3 }, { type: "" }, []])("%j is none", async action => {
    const { find, acted } = await show(card(button(action as object)));
    find(".w-button").click();
    expect(acted).toEqual([]);
  });

  test("a list's item is pressed anywhere", async () => {
    const { find, acted } = await show({
      type: "ListView",
      children: [
        {
          type: "ListViewItem",
          onClickAction: { type: "open" },
          children: [{ type: "Text", value: "Lina" }],
        },
      ],
    });
    const press = find<HTMLButtonElement>(".w-overlay");
    expect(document.getElementById(press.getAttribute("aria-labelledby") ?? "")?.textContent).toContain(
      "Lina",
    );
    press.click();
    expect(acted[0]?.type).toBe("open");
  });

  test("a preview has none", async () => {
    const { context } = await show(card());
    const place = await showPreview(
      {
        type: "Basic",
        children: [
          button({ type: "go" }),
          { type: "ListViewItem", onClickAction: { type: "go" }, children: [] },
        ],
      },
      context,
    );
    expect(place.querySelector<HTMLButtonElement>(".w-button")?.disabled).toBe(true);
    expect(place.querySelector(".w-overlay")).toBeNull();
  });
});

describe("while an action goes on", () => {
  test("a button is busy itself, and is not pressed twice", async () => {
    const { promise, open } = gate();
    const { find, acted } = await show(card(button({ type: "go" })), { act: () => promise });
    find(".w-button").focus();
    find(".w-button").click();
    await settled();
    expect(find(".w-button").getAttribute("aria-busy")).toBe("true");
    expect(find<HTMLButtonElement>(".w-button").disabled).toBe(false);
    expect(find(".w-frame").hasAttribute("inert")).toBe(false);
    find(".w-button").click();
    open();
    await settled();
    expect(acted).toHaveLength(1);
    expect(find(".w-button").hasAttribute("aria-busy")).toBe(false);
    expect(document.activeElement).toBe(find(".w-button"));
  });

  test("other buttons can be pressed meanwhile", async () => {
    const { promise } = gate();
    const { all, acted } = await show(card(button({ type: "a" }), button({ type: "b" })), {
      act: () => promise,
    });
    for (const one of all(".w-button")) one.click();
    expect(acted.map(({ type }) => type)).toEqual(["a", "b"]);
  });

  test.each([
    ["none", false, false],
    ["self", true, false],
    ["container", false, true],
  ])("%s", async (loadingBehavior, isBusy, waits) => {
    const { promise, open } = gate();
    const { find } = await show(card(button({ type: "go", loadingBehavior })), { act: () => promise });
    find(".w-button").click();
    await settled();
    expect(find(".w-button").hasAttribute("aria-busy")).toBe(isBusy);
    expect(find(".w-frame").hasAttribute("inert")).toBe(waits);
    open();
    await settled();
    expect(find(".w-frame").hasAttribute("inert")).toBe(false);
  });

  test("a choice shows nothing, unless it says so", async () => {
    const { promise } = gate();
    const box = (more: object) => ({ type: "Checkbox", name: "a", onChangeAction: { type: "go", ...more } });
    const { all } = await show(card(box({}), box({ loadingBehavior: "self" })), { act: () => promise });
    for (const one of all("input")) one.click();
    await settled();
    expect(all("input").map(one => one.hasAttribute("aria-busy"))).toEqual([false, true]);
  });

  test("the widget may be updated, and may leave the page", async () => {
    const { promise, open } = gate();
    const shown = await show(card(button({ type: "go", loadingBehavior: "container" })), {
      act: () => promise,
    });
    shown.find(".w-button").click();
    await shown.update(card({ type: "Text", value: "new" }, button({ type: "go" })));
    expect(shown.find(".w-frame").hasAttribute("inert")).toBe(true);
    shown.leave();
    await shown.comeBack();
    expect(shown.find(".w-frame").hasAttribute("inert")).toBe(true);
    open();
    await settled();
    expect(shown.find(".w-frame").hasAttribute("inert")).toBe(false);
  });

  test("one that fails leaves the widget usable, and says so until the next one", async () => {
    let fails = true;
    const { find, all, acted } = await show(card(button({ type: "go", loadingBehavior: "container" })), {
      act: async () => {
        if (fails) throw new Error("no");
      },
    });
    find(".w-button").click();
    await settled();
    expect(find(".w-problem").getAttribute("role")).toBe("alert");
    expect(find(".w-frame").hasAttribute("inert")).toBe(false);
    fails = false;
    find(".w-button").click();
    await settled();
    expect(all(".w-problem")).toHaveLength(0);
    expect(acted).toHaveLength(2);
  });

  test("the focus returns when everything has waited", async () => {
    const { promise, open } = gate();
    const { find } = await show(card(button({ type: "go", loadingBehavior: "container" })), {
      act: () => promise,
    });
    find(".w-button").focus();
    find(".w-button").click();
    await settled();
    find(".w-button").blur(); // as browsers do for what is inert
    open();
    await settled();
    expect(document.activeElement).toBe(find(".w-button"));
  });

  test("the focus stays where the user has taken it", async () => {
    const { promise, open } = gate();
    const elsewhere = document.body.appendChild(document.createElement("input"));
    const { find } = await show(card(button({ type: "go", loadingBehavior: "container" })), {
      act: () => promise,
    });
    find(".w-button").focus();
    find(".w-button").click();
    await settled();
    elsewhere.focus();
    open();
    await settled();
    expect(document.activeElement).toBe(elsewhere);
    elsewhere.remove();
  });
});

describe("cards", () => {
  const approval = (more: object = {}) => ({
    type: "Card",
    confirm: { label: "Approve", action: { type: "yes" } },
    cancel: { label: "Reject", action: { type: "no" } },
    children: [{ type: "Title", value: "Deploy?" }],
    ...more,
  });

  test("have a size, a status and their main actions", async () => {
    const { find, all, acted } = await show(
      approval({ size: "lg", status: { text: "Draft", icon: "mail" } }),
    );
    expect(find(".w-card").dataset.size).toBe("lg");
    expect(find(".w-status").textContent).toContain("Draft");
    expect(all(".w-card-footer button").map(one => one.textContent?.trim())).toEqual(["Reject", "Approve"]);
    all(".w-card-footer button")[1]?.click();
    await settled();
    expect(acted[0]?.type).toBe("yes");
    expect(all(".w-card-footer")).toHaveLength(1);
  });

  test("one that is to collapse does so when its main action is done, and opens again", async () => {
    const { find, all } = await show(approval({ collapsed: true }));
    expect(find(".w-fold").hasAttribute("data-folded")).toBe(false);
    const [, confirm] = all(".w-card-footer button");
    confirm?.focus();
    confirm?.click();
    await settled();
    expect(find(".w-fold").hasAttribute("data-folded")).toBe(true);
    expect(all(".w-card-footer")).toHaveLength(0);
    const line = find(".w-disclosure");
    expect(line.textContent).toContain("Deploy?");
    expect(line.getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(line);
    line.click();
    await settled();
    expect(find(".w-fold").hasAttribute("data-folded")).toBe(false);
  });

  test("a main action may show in its button alone", async () => {
    const { promise, open } = gate();
    const confirm = { label: "Go", action: { type: "go", loadingBehavior: "self" } };
    const { find, all, acted } = await show(approval({ asForm: true, confirm }), { act: () => promise });
    const button = all<HTMLButtonElement>(".w-card-footer button")[1];
    button?.click();
    await settled();
    expect(button?.getAttribute("aria-busy")).toBe("true");
    expect(find(".w-frame").hasAttribute("inert")).toBe(false);
    button?.click();
    open();
    await settled();
    expect(acted).toHaveLength(1);
    expect(button?.hasAttribute("aria-busy")).toBe(false);
  });

  test("does not collapse when its action has failed", async () => {
    const { find, all } = await show(approval({ collapsed: true }), {
      act: () => Promise.reject(new Error("no")),
    });
    all(".w-card-footer button")[1]?.click();
    await settled();
    expect(find(".w-fold").hasAttribute("data-folded")).toBe(false);
    expect(find(".w-problem").textContent).toContain("did not work");
  });

  test("says what the server finds wrong with what was filled in, and nothing else of a server's", async () => {
    const wrong = new Problem("invalid_request", 422, "Title: is missing");
    const { find, all } = await show(approval({}), { act: () => Promise.reject(wrong) });
    all(".w-card-footer button")[1]?.click();
    await settled();
    expect(find(".w-problem").textContent).toContain("did not work");
    wrong.isOfInput = true;
    all(".w-card-footer button")[1]?.click();
    await settled();
    expect(find(".w-problem").textContent).toBe("Title: is missing");
  });

  test("one without actions that is collapsed begins so", async () => {
    const { find } = await show(approval({ collapsed: true, confirm: null, cancel: null }));
    expect(find(".w-fold").hasAttribute("data-folded")).toBe(true);
  });

  test("without padding, what is inside is not apart either", async () => {
    const { find } = await show({ type: "Card", padding: 0, children: [] });
    expect(find(".w-card-body").style.getPropertyValue("gap")).toBe("0px");
  });

  test("a status may have a favicon, from where images may be", async () => {
    const status = { text: "Site", favicon: "https://a.example/i.png", frame: true };
    const { find } = await show(approval({ status }));
    expect(find<HTMLImageElement>(".w-favicon").className).toContain("w-framed");
    const refused = await show(approval({ status }), { context: { allowedImageDomains: [] } });
    expect(refused.all("img")).toHaveLength(0);
  });
});

describe("lists", () => {
  const list = (limit: unknown, count = 10) => ({
    type: "ListView",
    limit,
    status: { text: "Places" },
    children: Array.from({ length: count }, (_, index) => ({
      type: "ListViewItem",
      children: [{ type: "Text", value: `item ${index}` }],
    })),
  });

  test.each([
    [3, 3],
    ["auto", 6],
    [undefined, 10],
    [0, 10],
    ["many", 10],
    [50, 10],
  ])("limit %j shows %j", async (limit, shown) => {
    const { all } = await show(list(limit) as never);
    expect(all(".w-list-item")).toHaveLength(shown);
    expect(all(".w-show-more")).toHaveLength(shown < 10 ? 1 : 0);
  });

  test("shows the others when they are asked for, and keeps them shown", async () => {
    const { find, all, update } = await show(list(3) as never);
    expect(find(".w-show-more").textContent?.trim()).toBe("Show 7 more");
    find(".w-show-more").click();
    await settled();
    expect(all(".w-list-item")).toHaveLength(10);
    expect(all(".w-show-more")).toHaveLength(0);
    expect(document.activeElement).toBe(all(".w-list-item")[3]);
    await update(list(3, 12) as never);
    expect(all(".w-list-item")).toHaveLength(12);
  });
});
