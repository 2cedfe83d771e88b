import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkedEvent } from "../../src/protocol/check";
import type { Item, StreamEvent, WidgetItem, WorkflowItem } from "../../src/protocol/types";
import { type Conversation, EMPTY, type LocalEvent, reduce } from "../../src/state/conversation";
import { added, assistant, delta, done, ended, started, stored, user } from "./events";

function made(events: readonly (StreamEvent | LocalEvent)[], state: Conversation = EMPTY): Conversation {
  return events.reduce(reduce, state);
}

const ANSWER = [
  started(),
  done(user("u", "hi")),
  added(assistant("a", "")),
  delta("a", "Hel"),
  delta("a", "lo"),
];
const WHERE = { thread_id: "thr_1", created_at: "2026-01-01T00:00:00Z" };

describe("an answer", () => {
  test("grows by its deltas, and is what was stored in the end", () => {
    const growing = made(ANSWER);
    expect(growing.items).toEqual([user("u", "hi"), assistant("a", "Hello")]);
    expect([...growing.open]).toEqual(["a"]);
    const whole = made([done(assistant("a", "Hello there")), ended()], growing);
    expect(whole.items).toEqual([user("u", "hi"), assistant("a", "Hello there")]);
    expect(whole.run).toBeNull();
    expect(whole.open.size).toBe(0);
  });

  test("keeps the annotations that its parts had", () => {
    const annotation = {
      type: "annotation" as const,
      source: { type: "url" as const, url: "/x", title: "x" },
      index: 2,
    };
    const state = made([
      ...ANSWER,
      {
        type: "thread.item.updated",
        item_id: "a",
        update: {
          type: "assistant_message.content_part.annotation_added",
          content_index: 0,
          annotation_index: 0,
          annotation,
        },
      },
      {
        type: "thread.item.updated",
        item_id: "a",
        update: {
          type: "assistant_message.content_part.done",
          content_index: 0,
          content: { type: "output_text", text: "Hello", annotations: [] },
        },
      },
    ]);
    expect(state.items[1]).toMatchObject({ content: [{ text: "Hello", annotations: [annotation] }] });
  });

  test("that never said anything is not there when it is over", () => {
    const state = made([...ANSWER.slice(0, 3), { type: "local.ended" }]);
    expect(state.items.map(item => item.id)).toEqual(["u"]);
  });

  test("leaves no task loading when it is over", () => {
    const workflow: WorkflowItem = {
      type: "workflow",
      id: "w",
      ...WHERE,
      workflow: { type: "custom", tasks: [{ type: "custom", title: "look", status_indicator: "loading" }] },
    };
    const state = made([...ANSWER, added(workflow), { type: "local.ended" }]);
    expect(state.items.at(-1)).toMatchObject({ workflow: { tasks: [{ status_indicator: "none" }] } });
  });

  test("takes the line away that was shown meanwhile", () => {
    const waiting = made([started(), { type: "progress_update", text: "Looking" }]);
    expect(waiting.run?.progress).toEqual({ text: "Looking" });
    expect(made([added(assistant("a", ""))], waiting).run?.progress).toBeNull();
  });

  test("that failed says so, until the next one begins", () => {
    const failed = made([...ANSWER, { type: "error", code: "stream.error", allow_retry: true }, ended()]);
    expect(failed.failure).toEqual({ code: "stream.error", message: null, canRetry: true });
    expect(made([{ type: "local.began", runId: null }], failed).failure).toBeNull();
  });
});

describe("what does not fit", () => {
  test("changes nothing: an update for an item that is not there, or of another kind", () => {
    const state = made(ANSWER);
    expect(reduce(state, delta("nobody", "x"))).toBe(state);
    expect(reduce(state, delta("u", "x")).items).toEqual(state.items);
  });

  test("changes nothing: an event of a kind that is not known", () => {
    const state = made(ANSWER);
    expect(reduce(state, { type: "thread.item.sung" } as unknown as StreamEvent)).toBe(state);
  });

  test("changes nothing: news of another thread", () => {
    const thread = { id: "thr_1", created_at: WHERE.created_at, status: { type: "active" as const } };
    const state = made([{ type: "thread.created", thread }]);
    const other = { ...thread, id: "thr_9", title: "Another" };
    expect(reduce(state, { type: "thread.updated", thread: other })).toBe(state);
    const titled = { ...thread, title: "This" };
    expect(reduce(state, { type: "thread.updated", thread: titled }).thread).toEqual(titled);
  });

  test("a part with an absurd index is left out", () => {
    const state = made(ANSWER);
    for (const index of [-1, 1.5, 1e9])
      expect(reduce(state, delta("a", "x", index)).items).toEqual(state.items);
  });
});

describe("a widget", () => {
  const widget: WidgetItem = {
    type: "widget",
    id: "w",
    ...WHERE,
    widget: {
      type: "Card",
      children: [{ type: "Transition", children: { type: "Text", id: "t", value: "a" } }],
    },
  };

  function textOf(state: Conversation): unknown {
    return (state.items[0] as WidgetItem).widget;
  }

  test("grows where the component of an id is, however deep", () => {
    const state = made([
      done(widget),
      {
        type: "thread.item.updated",
        item_id: "w",
        update: { type: "widget.streaming_text.value_delta", component_id: "t", delta: "b", done: true },
      },
    ]);
    expect(textOf(state)).toMatchObject({ children: [{ children: { value: "ab", streaming: false } }] });
  });

  test("is replaced in whole, or in part", () => {
    const part = {
      type: "widget.component.updated" as const,
      component_id: "t",
      component: { type: "Badge", label: "b" },
    };
    const whole = { type: "widget.root.updated" as const, widget: { type: "Basic", children: [] } };
    const state = made([done(widget), { type: "thread.item.updated", item_id: "w", update: part }]);
    expect(textOf(state)).toMatchObject({ children: [{ children: { type: "Badge" } }] });
    expect(textOf(made([{ type: "thread.item.updated", item_id: "w", update: whole }], state))).toEqual(
      whole.widget,
    );
  });
});

describe("coming back", () => {
  const words = fc.array(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 6 });
  const answers = fc.array(words, { minLength: 1, maxLength: 4 });

  function said(texts: string[][]): StreamEvent[] {
    return texts.flatMap((deltas, number) => [
      added(assistant(`a${number}`, "")),
      ...deltas.map(text => delta(`a${number}`, text)),
      done(assistant(`a${number}`, deltas.join(""))),
    ]);
  }

  test("wherever the stream was cut, what is shown in the end is what was stored", () => {
    fc.assert(
      fc.property(answers, fc.array(fc.nat(40), { maxLength: 4 }), (texts, cuts) => {
        const events = [started(), done(user("u", "hi")), ...said(texts), ended()];
        let state = EMPTY;
        let from = 0;
        for (const cut of cuts) {
          const to = Math.min(from + cut, events.length);
          state = made(events.slice(from, to), state);
          from = cut % 2 ? to : 0; // on from there, or all of it again
        }
        state = made(events.slice(from), state);
        expect(
          state.items.filter(item => !(item.type === "assistant_message" && !item.content[0]?.text)),
        ).toEqual(
          stored(events).filter(item => !(item.type === "assistant_message" && !item.content[0]?.text)),
        );
        expect(state.run).toBeNull();
      }),
    );
  });

  test("with a snapshot anywhere, too", () => {
    fc.assert(
      fc.property(answers, fc.nat(40), fc.nat(40), (texts, cut, jump) => {
        const events = [started(), done(user("u", "hi")), ...said(texts)];
        const before = Math.min(cut, events.length);
        const at = Math.min(before + jump, events.length);
        const truth = made(events.slice(0, at));
        const snapshot: StreamEvent = {
          type: "run.snapshot",
          run_id: "run_1",
          thread_id: "thr_1",
          last_event_id: `1-${at}`,
          items: [...truth.items],
        };
        const state = made([snapshot, ...events.slice(at), ended()], made(events.slice(0, before)));
        const whole = made([...events, ended()]);
        expect(state.items.map(item => item.id)).toEqual(whole.items.map(item => item.id));
        expect(state.items).toEqual(whole.items);
      }),
    );
  });

  test("to a run that is told from its start leaves the order of what is there, and of what waits behind it", () => {
    const widget: WidgetItem = { type: "widget", id: "w", ...WHERE, widget: { type: "Card" } };
    const events = [
      started(),
      done(user("u", "hi")),
      ...said([["1"]]),
      done(widget),
      added(assistant("b", "2")),
    ];
    const items = [user("u", "hi"), assistant("a0", "1"), widget, assistant("b", "2"), user("later", "and?")];
    const newest = { data: items.toReversed(), has_more: false };
    const began: LocalEvent = { type: "local.began", runId: "run_1" };
    const state = made([{ type: "local.opened", thread: null, newest }, began, ...events, ended()]);
    expect(state.items).toEqual(items);
  });

  test("a snapshot takes away what the run had and has no more", () => {
    const snapshot: StreamEvent = {
      type: "run.snapshot",
      run_id: "run_1",
      thread_id: "thr_1",
      last_event_id: "2-1",
      items: [user("u", "hi")],
    };
    expect(made([...ANSWER, snapshot]).items).toEqual([user("u", "hi")]);
    const older = made([done(user("o", "before")), ...ANSWER, snapshot]);
    expect(older.items.map(item => item.id)).toEqual(["o", "u"]);
  });
});

describe("pages", () => {
  const page = (items: Item[], has_more = false) => ({
    data: items,
    has_more,
    after: items.at(-1)?.id ?? "",
  });

  test("come newest first, and are shown oldest first", () => {
    const opened = made([
      { type: "local.opened", thread: null, newest: page([assistant("4", "d"), user("3", "c")], true) },
      { type: "local.older", page: page([assistant("2", "b"), user("1", "a")]) },
    ]);
    expect(opened.items.map(item => item.id)).toEqual(["1", "2", "3", "4"]);
    expect(opened.older).toBeNull();
  });

  test("that overlap with what is here add nothing twice", () => {
    const opened = made([
      { type: "local.opened", thread: null, newest: page([user("3", "c"), user("2", "b")], true) },
      { type: "local.older", page: page([user("2", "b"), user("1", "a")]) },
    ]);
    expect(opened.items.map(item => item.id)).toEqual(["1", "2", "3"]);
  });

  test("that are asked for again replace what changed, and keep what is older", () => {
    const thread = { id: "thr_1", created_at: WHERE.created_at, status: { type: "active" as const } };
    const opened = made([
      { type: "local.opened", thread, newest: page([user("3", "c"), user("2", "b"), user("1", "a")]) },
      { type: "local.refreshed", thread, newest: page([user("4", "new"), user("2", "edited")], true) },
    ]);
    expect(opened.items).toEqual([user("1", "a"), user("2", "edited"), user("4", "new")]);
  });

  test("with nothing in common replace all", () => {
    const thread = { id: "thr_1", created_at: WHERE.created_at, status: { type: "active" as const } };
    const opened = made([
      { type: "local.opened", thread, newest: page([user("1", "a")]) },
      { type: "local.refreshed", thread, newest: page([user("9", "z")], true) },
    ]);
    expect(opened.items).toEqual([user("9", "z")]);
    expect(opened.older).toBe("9");
  });
});

describe("ids that are there already", () => {
  const turn = (question: string, answer: string): (StreamEvent | LocalEvent)[] => [
    { type: "local.began", runId: null },
    done(user(`u ${question}`, question)),
    added(assistant("__fake_id__", "")),
    delta("__fake_id__", answer),
    done(assistant("__fake_id__", answer)),
    { type: "local.ended" },
  ];

  test("of a server that has one for all answers: the newest is below its question", () => {
    const state = made([...turn("one", "1"), ...turn("two", "2")]);
    expect(state.items).toEqual([user("u one", "one"), user("u two", "two"), assistant("__fake_id__", "2")]);
  });

  test("in a page twice are there once", () => {
    const newest = { data: [assistant("a", "new"), user("u", "hi"), assistant("a", "old")], has_more: false };
    const opened = made([{ type: "local.opened", thread: null, newest }]);
    expect(opened.items).toEqual([user("u", "hi"), assistant("a", "new")]);
  });
});

test("a page that brings nothing and leads to itself is the last one", () => {
  const newest = { data: [user("b", "b")], has_more: true };
  const opened = made([{ type: "local.opened", thread: null, newest }]);
  expect(opened.older).toBe("b");
  expect(made([{ type: "local.older", page: newest }], opened).older).toBeNull();
  const further = { data: [], has_more: true, after: "a" };
  expect(made([{ type: "local.older", page: further }], opened).older).toBe("a");
});

test("nothing that a server says makes the reducer throw", () => {
  const type = fc.constantFrom(
    "thread.item.added",
    "thread.item.updated",
    "thread.item.done",
    "thread.item.removed",
    "run.snapshot",
    "run.started",
    "stream_options",
    "progress_update",
    "error",
    "notice",
    "thread.updated",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(type, fc.object()), { maxLength: 5 }), events => {
      for (const [name, rest] of events) {
        const event = checkedEvent(name, rest);
        if (event !== null) reduce(made(ANSWER), event);
      }
    }),
  );
});
