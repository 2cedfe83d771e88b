/**
 * The chat, as this machine's user; behind a gateway, as whom the gateway says. The thread that is open is in the
 * address, so that a reload comes back to it.
 */

const base = document.querySelector("meta[name=chatkit]").content;
const chat = document.querySelector("openai-chatkit");
const dark = matchMedia("(prefers-color-scheme: dark)");

async function identity() {
  const response = await fetch(`${base}/page/identity`);
  if (response.status === 404) return {};
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const { user, token } = await response.json();
  return { "X-User-ID": user, Authorization: `Bearer ${token}` };
}

function withHeaders(headers) {
  return (url, init) => {
    const merged = new Headers(init?.headers);
    for (const [name, value] of Object.entries(headers)) merged.set(name, encoded(value));
    return fetch(url, { ...init, headers: merged });
  };
}

/** A header's value is bytes to the browser, UTF-8 to the server. */
function encoded(value) {
  return String.fromCharCode(...new TextEncoder().encode(value));
}

function options(headers) {
  return {
    api: { url: base, domainKey: "none", fetch: withHeaders(headers) },
    initialThread: new URLSearchParams(location.search).get("thread"),
    theme: dark.matches ? "dark" : "light",
    history: { enabled: true, showDelete: true, showRename: true },
    threadItemActions: { feedback: true, retry: true },
    thread: { autoScroll: true },
  };
}

function remember(threadId) {
  const address = new URL(location.href);
  if (threadId) address.searchParams.set("thread", threadId);
  else address.searchParams.delete("thread");
  window.history.replaceState(null, "", address);
}

function failed(error) {
  const said = document.createElement("p");
  said.role = "alert";
  said.textContent = `The chat cannot be shown: ${error.message} Load the page again in a moment.`;
  chat.replaceWith(said);
}

async function start() {
  const headers = await identity();
  await import(new URL(`${base}/ui/chatkit.js`, document.baseURI)); // loaded by now; tells of it if it could not be
  chat.addEventListener("chatkit.thread.change", event => remember(event.detail.threadId));
  dark.addEventListener("change", () => chat.setOptions(options(headers)));
  chat.setOptions(options(headers));
}

start().catch(failed);
