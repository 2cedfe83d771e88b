/** Shows the component as the test says (`window.chatOptions`), and keeps what it tells (`window.told`). */

const EVENTS = [
  "ready", "error", "effect", "deeplink", "response.start", "response.end", "thread.change", "thread.load.start",
  "thread.load.end", "tool.change", "history.open", "history.close", "log",
];
const query = new URLSearchParams(location.search);
const chat = document.querySelector("openai-chatkit");
const { user = "alice", ...options } = window.chatOptions ?? {};

window.told = [];
window.calls = [];
for (const name of EVENTS) {
  chat.addEventListener(`chatkit.${name}`, ({ detail }) => {
    const error = detail?.error;
    window.told.push({ name, detail: error ? { error: String(error.message) } : (detail ?? null) });
  });
}
chat.addEventListener("chatkit.thread.change", ({ detail }) => {
  const address = new URL(location.href);
  if (detail.threadId === null) address.searchParams.delete("thread");
  else address.searchParams.set("thread", detail.threadId);
  history.replaceState(null, "", address);
});

function request(url, init) {
  const headers = new Headers(init?.headers);
  headers.set("X-User-ID", user);
  headers.set("Authorization", "Bearer any");
  return fetch(url, { ...init, headers });
}

chat.setOptions({
  initialThread: query.get("thread"),
  history: { enabled: true, showDelete: true, showRename: true },
  threadItemActions: { feedback: true, retry: true },
  thread: { autoScroll: true },
  onClientTool: call => {
    window.calls.push(call);
    return { colour: "green" };
  },
  widgets: {
    onAction: async (action, item) => {
      window.calls.push({ action, id: item.id });
    },
  },
  ...options,
  api: { url: query.get("endpoint") ?? "/chatkit", domainKey: "any", fetch: request },
});
