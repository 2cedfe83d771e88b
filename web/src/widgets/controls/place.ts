/** Where something floats beside what it belongs to, so that it can be seen. */

export type Side = "top" | "bottom" | "left" | "right";
export type Align = "start" | "center" | "end";

interface Size {
  width: number;
  height: number;
}

interface Box extends Size {
  left: number;
  top: number;
}

export interface Placement {
  side: Side;
  align: Align;
  isRtl: boolean;
}

export interface Place {
  left: number;
  top: number;
  /** How high it may be there. */
  height: number;
}

const GAP = 4;
const MARGIN = 8;

/** In px of the viewport. Where there is no room on the wanted side, the other one is taken if there is more. */
export function place(anchor: Box, panel: Size, viewport: Box, wanted: Placement): Place {
  const side = sideWithRoom(anchor, panel, viewport, wanted.side);
  if (side === "left" || side === "right") {
    const left = side === "left" ? anchor.left - panel.width - GAP : anchor.left + anchor.width + GAP;
    const top = aligned(anchor.top, anchor.height, panel.height, wanted.align);
    return bounded(left, top, panel, viewport);
  }
  const align = wanted.isRtl ? mirrored(wanted.align) : wanted.align;
  const left = aligned(anchor.left, anchor.width, panel.width, align);
  const room = roomAt(anchor, viewport, side);
  const height = Math.min(panel.height, room);
  const top = side === "top" ? anchor.top - height - GAP : anchor.top + anchor.height + GAP;
  return { ...bounded(left, top, { width: panel.width, height }, viewport), height: room };
}

function roomAt(anchor: Box, viewport: Box, side: Side): number {
  const above = anchor.top - viewport.top - GAP - MARGIN;
  const below = viewport.top + viewport.height - anchor.top - anchor.height - GAP - MARGIN;
  const before = anchor.left - viewport.left - GAP - MARGIN;
  const after = viewport.left + viewport.width - anchor.left - anchor.width - GAP - MARGIN;
  return { top: above, bottom: below, left: before, right: after }[side];
}

const OTHER: Record<Side, Side> = { top: "bottom", bottom: "top", left: "right", right: "left" };

function sideWithRoom(anchor: Box, panel: Size, viewport: Box, side: Side): Side {
  const isBeside = side === "left" || side === "right";
  const needed = isBeside ? panel.width : panel.height;
  const room = roomAt(anchor, viewport, side);
  const other = roomAt(anchor, viewport, OTHER[side]);
  if (room >= needed) return side;
  if (isBeside && other < needed) return sideWithRoom(anchor, panel, viewport, "bottom");
  return other > room ? OTHER[side] : side;
}

function aligned(start: number, length: number, own: number, align: Align): number {
  if (align === "center") return start + (length - own) / 2;
  return align === "start" ? start : start + length - own;
}

function mirrored(align: Align): Align {
  return align === "center" ? align : align === "start" ? "end" : "start";
}

function bounded(left: number, top: number, panel: Size, viewport: Box): Place {
  const mostLeft = viewport.left + viewport.width - panel.width - MARGIN;
  const mostTop = viewport.top + viewport.height - panel.height - MARGIN;
  return {
    left: Math.max(viewport.left + MARGIN, Math.min(left, mostLeft)),
    top: Math.max(viewport.top + MARGIN, Math.min(top, mostTop)),
    height: viewport.height - 2 * MARGIN,
  };
}
