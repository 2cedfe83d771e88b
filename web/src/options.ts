/**
 * What `setOptions` takes. Wrong options are refused before anything is changed; what is not known, or has no effect here,
 * is said once.
 */

import type { ChatKitOptions } from "@openai/chatkit";
import {
  anything,
  boolean,
  type Check,
  callable,
  either,
  isObject,
  list,
  matching,
  nullable,
  number,
  oneOf,
  record,
  shape,
  string,
  text,
  type Unknown,
} from "./checks";
import { isTranslated } from "./locale";
import { colourOf } from "./theme/colour";

export interface Remarks {
  /** Paths of options that nobody knows. */
  unknown: readonly string[];
  /** Paths of options that are known, and do nothing yet. */
  withoutEffect: readonly string[];
}

/** Throws a TypeError where an option is wrong. */
export function checkOptions(options: unknown): Remarks {
  if (isObject(options) && isObject(options.api) && options.api.getClientSecret !== undefined)
    throw new TypeError(
      "api.getClientSecret is for ChatKit as OpenAI hosts it. This <openai-chatkit> talks to a server of your own: " +
        'give its address instead, api: { url: "/chatkit" }, and what a request needs to be let in with api.fetch',
    );
  const unknown: Unknown = [];
  optionsShape(unknown)(options, "");
  return { unknown, withoutEffect: ineffective(options as ChatKitOptions) };
}

function ineffective({ composer, entities, commands, locale }: ChatKitOptions): string[] {
  const found: string[] = [];
  if (composer?.attachments?.enabled) found.push("composer.attachments");
  if (composer?.dictation?.enabled) found.push("composer.dictation");
  if (entities !== undefined) found.push("entities");
  if (commands?.enabled) found.push("commands");
  if (locale !== undefined && !isTranslated(locale)) found.push(`locale: "${locale}"`);
  return found;
}

// --- values ----------------------------------------------------------------------------------------------------------

export const content: Check = list(
  either(
    'an object with type "input_text" or "input_tag"',
    [part => isObject(part) && part.type === "input_text", shape({ "text!": string, type: anything })],
    [
      part => isObject(part) && part.type === "input_tag",
      shape({
        "text!": string,
        "id!": text,
        data: record(anything),
        group: string,
        interactive: boolean,
        type: anything,
      }),
    ],
  ),
);

export const attachments: Check = list(
  shape({
    "type!": oneOf("file", "image"),
    "id!": text,
    "name!": string,
    "mime_type!": string,
    preview_url: string,
  }),
);

const colour = matching(
  "a CSS colour by its value, as #0d6efd or rgb(13 110 253) (for one that depends on the page, such as var(), set " +
    "--ck-accent, --ck-surface or --ck-text in its style sheet)",
  value => colourOf(value) !== null,
);

/** Nothing that could end a declaration; `var()` for fonts that a framework names. */
const fontFamily = matching(
  "a CSS font-family",
  value =>
    /^([^;{}()\\<>@]|var\(--[\w-]+\))+$/.test(value) &&
    (typeof CSS === "undefined" || CSS.supports("font-family", value)),
);

const theme = (unknown: Unknown): Check => {
  const of = (fields: Record<string, Check>): Check => shape(fields, unknown);
  const fontSource = of({
    "family!": text,
    "src!": text,
    weight: either(
      "a font-weight",
      [value => typeof value === "string", text],
      [value => typeof value === "number", number(1, 1000)],
    ),
    style: oneOf("normal", "italic", "oblique"),
    display: oneOf("auto", "block", "swap", "fallback", "optional"),
    unicodeRange: text,
  });
  const color = of({
    grayscale: of({
      "hue!": number(0, 360),
      "tint!": number(0, 9),
      shade: number(-4, 4),
    }),
    accent: of({ "primary!": colour, "level!": oneOf(0, 1, 2, 3) }),
    surface: of({ "background!": colour, "foreground!": colour }),
  });
  const options = of({
    colorScheme: oneOf("light", "dark"),
    typography: of({
      baseSize: oneOf(14, 15, 16, 17, 18),
      fontSources: list(fontSource),
      fontFamily,
      fontFamilyMono: fontFamily,
    }),
    radius: oneOf("pill", "round", "soft", "sharp"),
    density: oneOf("compact", "normal", "spacious"),
    color,
  });
  return either(
    '"light", "dark" or an object',
    [value => typeof value === "string", oneOf("light", "dark")],
    [isObject, options],
  );
};

// --- options ---------------------------------------------------------------------------------------------------------

const limit = number(0, Infinity);

function optionsShape(unknown: Unknown): Check {
  const of = (fields: Record<string, Check>): Check => shape(fields, unknown);
  const action = of({ "icon!": text, "onClick!": callable });
  const tool = of({
    "id!": text,
    "label!": string,
    icon: string,
    shortLabel: string,
    placeholderOverride: string,
    pinned: boolean,
    persistent: boolean,
  });
  const model = of({
    "id!": text,
    "label!": string,
    description: string,
    disabled: boolean,
    default: boolean,
  });
  const composer = of({
    placeholder: string,
    attachments: of({
      enabled: boolean,
      maxSize: either(
        "a number, or an object of numbers",
        [isObject, record(limit)],
        [value => !isObject(value), limit],
      ),
      maxCount: limit,
      accept: record(list(string)),
    }),
    tools: list(tool),
    models: list(model),
    dictation: of({ enabled: boolean }),
  });
  const prompt = of({
    "label!": string,
    "prompt!": either(
      "a string, or an array of content",
      [value => typeof value === "string", text],
      [Array.isArray, content],
    ),
    icon: string,
  });
  return of({
    "api!": of({
      "url!": text,
      fetch: callable,
      domainKey: anything,
      uploadStrategy: either(
        'an object with type "two_phase" or "direct"',
        [value => isObject(value) && value.type === "two_phase", of({ type: anything })],
        [value => isObject(value) && value.type === "direct", of({ type: anything, "uploadUrl!": text })],
      ),
    }),
    locale: string,
    theme: theme(unknown),
    frameTitle: string,
    initialThread: nullable(text),
    onClientTool: callable,
    header: of({
      enabled: boolean,
      title: of({ enabled: boolean, text: string }),
      leftAction: action,
      rightAction: action,
    }),
    history: of({ enabled: boolean, showDelete: boolean, showRename: boolean }),
    startScreen: of({ greeting: string, prompts: list(prompt) }),
    threadItemActions: of({ feedback: boolean, retry: boolean }),
    composer,
    disclaimer: of({ "text!": string, highContrast: boolean }),
    entities: of({
      onTagSearch: callable,
      showComposerMenu: boolean,
      onClick: callable,
      onRequestPreview: callable,
    }),
    commands: of({ enabled: boolean, onSearch: callable, onSelect: callable }),
    widgets: of({ onAction: callable }),
    thread: of({ autoScroll: boolean }),
  });
}
