import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkOptions } from "../../src/options";
import { Problem } from "../../src/protocol/problem";
import { forgetRemarks, sayProblem, sayRemarks } from "../../src/remarks";

const API = { url: "/chatkit", domainKey: "local" };

beforeEach(() => forgetRemarks());
afterEach(() => void vi.restoreAllMocks());

test("all that the public types have is taken", () => {
  const options = {
    api: {
      ...API,
      fetch: async () => new Response(),
      uploadStrategy: { type: "direct", uploadUrl: "/upload" },
    },
    locale: "de",
    theme: {
      colorScheme: "dark",
      typography: {
        baseSize: 15,
        fontSources: [
          { family: "Inter", src: "/inter.woff2", weight: 400, style: "normal", display: "swap" },
        ],
        fontFamily: 'Inter, "Segoe UI", sans-serif',
        fontFamilyMono: "var(--font-mono)",
      },
      radius: "soft",
      density: "compact",
      color: {
        grayscale: { hue: 220, tint: 6, shade: -1 },
        accent: { primary: "#2f6fed", level: 1 },
        surface: { background: "rgb(255 255 255)", foreground: "hsl(220 20% 20%)" },
      },
    },
    frameTitle: "Support",
    initialThread: null,
    onClientTool: () => ({}),
    header: { enabled: true, title: { text: "x" }, leftAction: { icon: "menu", onClick() {} } },
    history: { enabled: true, showDelete: true, showRename: false },
    startScreen: {
      greeting: "Hi",
      prompts: [{ label: "a", prompt: [{ type: "input_text", text: "b" }], icon: "bolt" }],
    },
    threadItemActions: { feedback: true, retry: true },
    composer: {
      placeholder: "x",
      attachments: { enabled: false, maxSize: { "*": 10 }, maxCount: 2, accept: { "image/*": [".png"] } },
      tools: [{ id: "a", label: "A", icon: "bolt", shortLabel: "a", pinned: true, persistent: true }],
      models: [{ id: "m", label: "M", description: "d", disabled: false, default: true }],
      dictation: { enabled: false },
    },
    disclaimer: { text: "x", highContrast: true },
    widgets: { onAction: async () => undefined },
    thread: { autoScroll: true },
  };
  expect(checkOptions(options)).toEqual({ unknown: [], withoutEffect: [] });
});

describe("what is wrong is named", () => {
  test.each([
    [undefined, "options must be an object"],
    [{}, "api must be an object"],
    [{ api: {} }, "api.url must be a string that is not empty"],
    [{ api: { url: "/x", fetch: 1 } }, "api.fetch must be a function"],
    [{ api: API, theme: "blue" }, 'theme must be one of "light", "dark"'],
    [{ api: API, theme: { radius: "square" } }, "theme.radius must be one of"],
    [{ api: API, theme: { typography: { baseSize: 40 } } }, "theme.typography.baseSize must be one of 14"],
    [
      { api: API, theme: { typography: { fontFamily: "x; } * { color: red" } } },
      "theme.typography.fontFamily must be a CSS font-family",
    ],
    [
      { api: API, theme: { color: { accent: { primary: "no colour", level: 0 } } } },
      "theme.color.accent.primary must be a CSS colour",
    ],
    [
      { api: API, theme: { color: { accent: { primary: "var(--brand)", level: 0 } } } },
      "theme.color.accent.primary must be a CSS colour by its value",
    ],
    [
      { api: API, theme: { color: { grayscale: { hue: 400, tint: 1 } } } },
      "theme.color.grayscale.hue must be a number",
    ],
    [{ api: API, initialThread: 7 }, "initialThread must be"],
    [{ api: API, header: { leftAction: { icon: "menu" } } }, "header.leftAction.onClick must be a function"],
    [
      { api: API, startScreen: { prompts: [{ label: 1, prompt: "x" }] } },
      "startScreen.prompts[0].label must be a string",
    ],
    [
      { api: API, startScreen: { prompts: [{ label: "a", prompt: [{ type: "text" }] }] } },
      "startScreen.prompts[0].prompt[0] must be an object with type",
    ],
    [{ api: API, composer: { tools: [{ label: "x" }] } }, "composer.tools[0].id must be a string"],
    [{ api: API, disclaimer: {} }, "disclaimer.text must be a string"],
    [{ api: API, onClientTool: {} }, "onClientTool must be a function"],
  ])("%j", (options, message) => {
    expect(() => checkOptions(options)).toThrow(TypeError);
    expect(() => checkOptions(options)).toThrow(message);
  });

  test("the hosted kind says what to use instead", () => {
    const hosted = { api: { getClientSecret: async () => "secret" } };
    expect(() => checkOptions(hosted)).toThrow(
      /api\.getClientSecret is for ChatKit as OpenAI hosts it.*api: { url/s,
    );
  });
});

describe("what a developer should know is said once", () => {
  test("unknown options, and those without effect yet", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const remarks = checkOptions({
      api: { ...API, header: {} },
      composr: {},
      header: { titel: {} },
      locale: "it-IT",
      composer: { attachments: { enabled: true }, dictation: { enabled: true } },
      entities: { onTagSearch: async () => [] },
      commands: { enabled: true },
    });
    sayRemarks(remarks);
    sayRemarks(remarks);
    expect(warn.mock.calls.map(([said]) => said)).toEqual([
      "<openai-chatkit>: there is no option api.header",
      "<openai-chatkit>: there is no option header.titel",
      "<openai-chatkit>: there is no option composr",
      "<openai-chatkit>: the option composer.attachments has no effect yet",
      "<openai-chatkit>: the option composer.dictation has no effect yet",
      "<openai-chatkit>: the option entities has no effect yet",
      "<openai-chatkit>: the option commands has no effect yet",
      '<openai-chatkit>: the option locale: "it-IT" has no effect yet',
    ]);
  });
});

test("what only the page's developer can mend of a request is said once, in the server's words", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const missing = new Problem("missing_user", 401, "Send X-User-ID");
  for (const problem of [missing, missing, new Problem("rate_limited", 429, "Slow down")])
    sayProblem(problem);
  sayProblem(new Problem("run_active", 409, "An answer is being written"));
  sayProblem(Problem.network(new TypeError("failed")));
  sayProblem(new Problem("not_a_chat_server", 200, "/chat is no chat server"));
  expect(warn.mock.calls.flat()).toEqual([
    "<openai-chatkit>: the server answers 401 missing_user: Send X-User-ID",
    "<openai-chatkit>: /chat is no chat server",
  ]);
});
