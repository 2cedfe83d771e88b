/** What mending keeps as it goes through a text. */

/** What stands open: `length` marks to be closed. */
export interface Opener {
  at: number;
  mark: string;
  size: number;
  length: number;
}

export interface Bracket {
  at: number;
  isImage: boolean;
  /** After a letter it is no link, and not left out. */
  isIndex: boolean;
  /** How many openers were there before it. */
  openers: number;
}

export interface Scan {
  readonly source: string;
  at: number;
  /** What is left out: brackets and marks that may turn out to be none. */
  readonly hidden: Set<number>;
  readonly openers: Opener[];
  readonly brackets: Bracket[];
}

/** Where the text ends for now, and what closes it. */
export interface Stop {
  cut: number;
  close?: string;
}

/** How far from the end something open may begin: no text changes its looks, or is gone, for long. */
export const NEAR = 400;

export const isNear = ({ source }: Scan, at: number) => source.length - at <= NEAR;

export function skip(scan: Scan, length: number): null {
  scan.at += length;
  return null;
}
