import { describe, expect, it, vi } from "vitest";
import { deepLink, imageAddress, linkAddress } from "../../src/markdown/links";
import { Page } from "./drawn";

describe("a link's address", () => {
  it.each([
    "https://a.b",
    "HTTP://a.b",
    "//a.b/c",
    "/a",
    "a/b",
    "#a",
    "?a",
    "mailto:a@b.c",
    "tel:+1",
    "",
    "a:b/c".slice(2),
  ])("may be %j", address => expect(linkAddress(address)).toBe(address));

  it.each([
    "javascript:x",
    " javascript:x",
    "java\tscript:x",
    "java\nscript:x",
    "\u0001javascript:x",
    "JAVASCRIPT:x",
    "vbscript:x",
    "data:text/html,x",
    "blob:x",
    "file:///x",
    "intent:x",
    "chatkit-link:x",
    "view-source:x",
  ])("may not be %j", address => expect(linkAddress(address)).toBeNull());
});

describe("an image's address", () => {
  const PNG = "data:image/png;base64,AAAA";

  it.each(["https://a.b/i.png", "//a.b/i.png", "/i.png", PNG, "data:image/webp,x"])("may be %j", address =>
    expect(imageAddress(address, undefined)).toBe(address),
  );

  it.each([
    "data:image/svg+xml,x",
    "data:text/html,x",
    "blob:x",
    "javascript:x",
    "ftp://a.b/i.png",
    "mailto:a",
  ])("may not be %j", address => expect(imageAddress(address, undefined)).toBeNull());

  it.each([
    ["https://a.example/i.png", ["a.example"], true],
    ["https://img.a.example/i.png", ["a.example"], true],
    ["https://A.EXAMPLE/i.png", ["a.example"], true],
    ["https://img.a.example/i.png", ["*.a.example"], true],
    ["https://a.example/i.png", ["https://a.example/x"], true],
    ["https://a.example:8080/i.png", ["a.example:8080"], true],
    ["/i.png", [], true],
    [PNG, [], true],
    ["https://nota.example/i.png", ["a.example"], false],
    ["https://a.example.evil/i.png", ["a.example"], false],
    ["https://evil/a.example", ["a.example"], false],
    ["https://a.example@evil/i.png", ["a.example"], false],
    ["https://evil\\@a.example/i.png", ["a.example"], false],
    ["//evil/i.png", ["a.example"], false],
    ["https://a.example/i.png", [], false],
    ["https://a.example/i.png", [""], false],
    ["https://[::1", ["a.example"], false],
  ])("%j from %j: %s", (address, domains, isShown) => {
    expect(imageAddress(address, domains) !== null).toBe(isShown);
  });

  it("is a link where it may not be shown", () => {
    const page = new Page();
    page.show("![cat](https://b.example/c.png) ![](https://b.example/d.png)", {
      allowedImageDomains: ["a.example"],
    });
    const links = [...page.element.querySelectorAll("a")];
    expect(links.map(link => [link.textContent, link.getAttribute("href")])).toEqual([
      ["cat", "https://b.example/c.png"],
      ["https://b.example/d.png", "https://b.example/d.png"],
    ]);
    expect(page.element.querySelector("img")).toBeNull();
    page.remove();
  });

  it("is text alone in a link, where it may not be shown", () => {
    const page = new Page();
    page.show("[![cat](https://b.example/c.png)](https://c.example)", { allowedImageDomains: [] });
    expect(page.element.querySelectorAll("a")).toHaveLength(1);
    expect(page.element.textContent).toContain("cat");
    page.remove();
  });
});

describe("a deep link", () => {
  it.each([
    ["chatkit-link://order", { name: "order", data: {} }],
    ["chatkit-link://order?id=1&note=a%20b", { name: "order", data: { id: "1", note: "a b" } }],
    ["chatkit-link://order/?id=1#x", { name: "order", data: { id: "1" } }],
    ["chatkit-link://Two%20words", { name: "Two words", data: {} }],
    ["chatkit-link://a/b", { name: "a/b", data: {} }],
    ["chatkit-link://%zz", { name: "%zz", data: {} }],
    ["CHATKIT-LINK://a", { name: "a", data: {} }],
  ])("%j is read", (address, expected) => expect(deepLink(address)).toEqual(expected));

  it.each(["https://a.b", "chatkit-link:a", "x chatkit-link://a", ""])("%j is none", address =>
    expect(deepLink(address)).toBeNull(),
  );

  it("tells the page, and leads nowhere", () => {
    const page = new Page();
    const onDeepLink = vi.fn();
    page.show("[Order](chatkit-link://order?id=7)", { onDeepLink });
    const click = new Event("click", { bubbles: true, cancelable: true });
    page.element.querySelector("a")?.dispatchEvent(click);
    expect(onDeepLink).toHaveBeenCalledExactlyOnceWith("order", { id: "7" });
    expect(click.defaultPrevented).toBe(true);
    page.remove();
  });

  it("is text where the page takes none", () => {
    const page = new Page();
    expect(page.show("[Order](chatkit-link://order)").querySelector("a")).toBeNull();
    expect(page.element.textContent).toContain("Order");
    page.remove();
  });
});
