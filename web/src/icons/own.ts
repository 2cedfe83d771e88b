/** Shapes that Lucide does not have, in its grid of 24 and its manner. */
import { type IconNode, Star } from "lucide";

const FILLED = { fill: "currentColor", stroke: "none" };

const panel = (x: number, fill: "none" | "currentColor"): IconNode => [
  ["rect", { x: 3, y: 3, width: 18, height: 18, rx: 2 }],
  ["rect", { x, y: 7, width: 4, height: 10, rx: 1, fill }],
];

export const starFilled: IconNode = Star.map(([tag, attributes]) => [
  tag,
  { ...attributes, fill: "currentColor" },
]);

export const stop: IconNode = [["rect", { x: 5, y: 5, width: 14, height: 14, rx: 2.5, ...FILLED }]];

export const dot: IconNode = [["circle", { cx: 12, cy: 12, r: 4, ...FILLED }]];

export const checkCircleFilled: IconNode = [
  [
    "path",
    {
      d: "M12 1.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21Zm5.1 6.9a1.2 1.2 0 0 0-1.7 0l-4.9 4.9-1.9-1.9a1.2 1.2 0 1 0-1.7 1.7l2.75 2.75a1.2 1.2 0 0 0 1.7 0l5.75-5.75a1.2 1.2 0 0 0 0-1.7Z",
      "fill-rule": "evenodd",
      ...FILLED,
    },
  ],
];

export const bookClock: IconNode = [
  ["path", { d: "M20 6V3a1 1 0 0 0-1-1H6.5A2.5 2.5 0 0 0 4 4.5v15A2.5 2.5 0 0 0 6.5 22H8" }],
  ["path", { d: "M4 19.5A2.5 2.5 0 0 1 6.5 17H7" }],
  ["circle", { cx: 16, cy: 16, r: 6 }],
  ["path", { d: "M16 13.5v2.7l1.6 1" }],
];

export const floatingLeft = panel(6, "none");
export const floatingRight = panel(14, "none");
export const floatingOpenLeft = panel(6, "currentColor");
export const floatingOpenRight = panel(14, "currentColor");

export const homeAlt: IconNode = [
  [
    "path",
    {
      d: "M3 10a2 2 0 0 1 .709-1.528l7-6a2 2 0 0 1 2.582 0l7 6A2 2 0 0 1 21 10v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
    },
  ],
  ["path", { d: "M9 17h6" }],
];

export const dotsVerticalCircle: IconNode = [
  ["circle", { cx: 12, cy: 12, r: 10 }],
  ["path", { d: "M12 8h.01" }],
  ["path", { d: "M12 12h.01" }],
  ["path", { d: "M12 16h.01" }],
];
