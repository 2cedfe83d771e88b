import { expect, test, vi } from "vitest";
import { Api } from "../../src/protocol/api";
import { type Answer, json } from "./server";

function api(answer: Answer | typeof fetch): Api {
  return new Api("/chatkit", answer as typeof fetch, () => "en");
}

const PAGE = [{}, new AbortController().signal] as const;

test("an answer that stops half way is a lost connection, and one that is no JSON no chat server's", async () => {
  const cut = () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"data": ['));
        controller.error(new TypeError("network error"));
      },
    });
    return new Response(body);
  };
  await expect(api(cut).call("threads.list", ...PAGE)).rejects.toMatchObject({ code: "network" });
  const html = () => new Response("<html>");
  await expect(api(html).call("threads.list", ...PAGE)).rejects.toMatchObject({ code: "not_a_chat_server" });
});

test("what is not answered in a minute is a lost connection; an action may take longer", async () => {
  const soon = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(soon.signal);
  const never = () => new Promise<Response>(() => undefined);
  const listed = api(never).call("threads.list", ...PAGE);
  soon.abort();
  await expect(listed).rejects.toMatchObject({ code: "network", status: 0 });
  expect(timeout).toHaveBeenCalledTimes(1);
  const leaving = new AbortController();
  const params = { thread_id: "thr_1", action: { type: "a" } };
  const acted = api(never).call("threads.sync_custom_action", params, leaving.signal);
  leaving.abort();
  await expect(acted).rejects.toBe(leaving.signal.reason);
  expect(timeout).toHaveBeenCalledTimes(1);
  timeout.mockRestore();
});

test("whether the server has runs is asked once, and what comes from a gateway says nothing of it", async () => {
  const answers: [Answer, boolean | null][] = [
    [json({}, 401), null],
    [() => new Response("<h1>502</h1>", { status: 502 }), null],
    [json({ code: "internal", detail: "Error" }, 500), null],
    [() => new Response("<p>Log in</p>"), null],
    [() => Promise.reject(new TypeError("Failed to fetch")), null],
    [json({ detail: [{ msg: "no such operation" }] }, 422), false],
    [() => new Response("Internal Server Error", { status: 500 }), false],
    [json({ code: "run_not_found", detail: "none" }, 404), true],
    [json({ run: { id: "run_1", status: "completed" } }), true],
  ];
  for (const [answer, known] of answers) {
    const { runs } = api(answer);
    expect(await runs.current("thr_1", PAGE[1])).toBeNull();
    expect(runs.areKnown).toBe(known);
  }
});
