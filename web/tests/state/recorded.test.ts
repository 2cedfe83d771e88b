import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkedEvent, checkedItem } from "../../src/protocol/check";
import type { Item, StreamEvent } from "../../src/protocol/types";
import { type Conversation, EMPTY, reduce } from "../../src/state/conversation";

/** Conversations with real servers, made by `tests/web/recording.py`. */
const FOLDER = process.env.CHATKIT_RECORDINGS ?? join(import.meta.dirname, "recordings");

interface Recording {
  streams: StreamEvent[][];
  stored: (Item | null)[];
}

function recordingOf(name: string): Recording {
  const { streams, stored } = JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
  const checked = (fields: Record<string, unknown>) => checkedEvent(String(fields.type), fields);
  return { streams: streams.map((events: []) => events.map(checked)), stored: stored.map(checkedItem) };
}

function made(events: readonly StreamEvent[], state: Conversation): Conversation {
  return events.reduce(reduce, state);
}

/** Without the calls of the page's tools: what comes of those is the page's to know. */
function shown(items: readonly (Item | null)[]): (Item | null)[] {
  return items.filter(item => item?.type !== "client_tool_call");
}

/** What a server that has said so much of a run would say of it instead. */
function snapshotOf(stream: readonly StreamEvent[], at: number): StreamEvent {
  const started = stream.find(event => event.type === "run.started");
  const items = made(stream.slice(0, at), EMPTY).items;
  return {
    type: "run.snapshot",
    run_id: started?.run_id ?? "",
    thread_id: started?.thread_id ?? "",
    last_event_id: `1-${at}`,
    items: [...items],
  };
}

describe.each(readdirSync(FOLDER).filter(name => name.endsWith(".json")))("%s", name => {
  const { streams, stored } = recordingOf(name);

  test("is whole, and says a lot", () => {
    expect(streams.flat()).not.toContain(null);
    expect(stored).not.toContain(null);
    expect(new Set(streams.flat().map(event => event.type)).size).toBeGreaterThan(8);
  });

  test("ends as what is stored", () => {
    expect(shown(made(streams.flat(), EMPTY).items)).toEqual(shown(stored));
  });

  test("wherever its streams are cut and taken up again, it ends as what is stored", () => {
    const cuts = fc.array(fc.record({ length: fc.nat(300), back: fc.nat(300) }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(cuts, { minLength: streams.length, maxLength: streams.length }), plan => {
        let state = EMPTY;
        streams.forEach((stream, number) => {
          let from = 0;
          for (const { length, back } of plan[number] ?? []) {
            const to = Math.min(from + length, stream.length);
            state = made(stream.slice(from, to), state);
            from = back % 2 ? 0 : to; // all of it again, or on from there
          }
          state = made(stream.slice(from), state);
        });
        expect(shown(state.items)).toEqual(shown(stored));
        expect(state.run).toBeNull();
      }),
    );
  });

  test("with a snapshot in the place of what was missed, too", () => {
    const gaps = fc.record({
      left: fc.double({ min: 0, max: 1, noNaN: true }),
      back: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(gaps, { minLength: streams.length, maxLength: streams.length }), plan => {
        let state = EMPTY;
        streams.forEach((stream, number) => {
          const { left = 0, back = 0 } = plan[number] ?? {};
          const begun = stream.findIndex(event => event.type === "run.started") + 1;
          const seen = begun + Math.floor(left * (stream.length - begun));
          const at = Math.min(seen + Math.floor(back * (stream.length - seen)), stream.length - 1);
          state = made(stream.slice(0, seen), state);
          state = made([snapshotOf(stream, at), ...stream.slice(at)], state);
        });
        expect(shown(state.items)).toEqual(shown(stored));
        expect(state.run).toBeNull();
      }),
    );
  });
});
