/** What the reader has done with items, as long as their thread is shown. */

import { NO_NOTES, type Notes } from "./view";

export class Memory {
  private notes = new Map<string, Notes>();

  constructor(private readonly changed: (change: Notes) => void) {}

  of(id: string): Notes {
    return this.notes.get(id) ?? NO_NOTES;
  }

  note(id: string, change: Notes): void {
    this.notes.set(id, { ...this.of(id), ...change });
    this.changed(change);
  }

  clear(): void {
    this.notes = new Map();
  }
}
