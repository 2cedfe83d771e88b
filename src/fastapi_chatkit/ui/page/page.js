/**
 * The chat, as this machine's user; behind a gateway, as whom the gateway says. The thread that is open is in the
 * address, so that a reload comes back to it.
 */

/** @typedef {import("@openai/chatkit").OpenAIChatKit} ChatElement */

const base = document.querySelector("meta[name=chatkit]")?.getAttribute("content") ?? "chatkit";
const chat = /** @type {ChatElement} */ (document.querySelector("openai-chatkit"));
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @returns {Promise<Record<string, string>>} the headers that say who this is */
async function identity() {
  const response = await fetch(`${base}/page/identity`);
  if (response.status === 404) return {};
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const { user, token } = await response.json();
  return { "X-User-ID": bytes(user), Authorization: `Bearer ${token}` };
}

/**
 * A header's value is bytes to a browser, and UTF-8 to the server.
 * @param {string} value
 */
function bytes(value) {
  return String.fromCharCode(...new TextEncoder().encode(value));
}

/**
 * @param {Record<string, string>} identity
 * @returns {import("@openai/chatkit").ChatKitOptions}
 */
function options(identity) {
  /** @type {typeof globalThis.fetch} */
  const named = (url, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(identity)) headers.set(name, value);
    return fetch(url, { ...init, headers });
  };
  return {
    api: { url: base, domainKey: "none", fetch: named },
    initialThread: new URLSearchParams(location.search).get("thread"),
    theme: dark.matches ? "dark" : "light",
    history: { enabled: true, showDelete: true, showRename: true },
    threadItemActions: { feedback: true, retry: true },
    thread: { autoScroll: true },
  };
}

/** @param {string | null} threadId */
function remember(threadId) {
  const address = new URL(location.href);
  if (threadId === null) address.searchParams.delete("thread");
  else address.searchParams.set("thread", threadId);
  history.replaceState(null, "", address);
}

/** @param {Error} error */
function failed(error) {
  const said = document.createElement("p");
  said.role = "alert";
  said.textContent = `The chat cannot be shown: ${error.message} Load the page again in a moment.`;
  chat.replaceWith(said);
}

async function start() {
  const headers = await identity();
  await import(new URL(`${base}/ui/chatkit.js`, document.baseURI).href); // loaded by now; tells of it if it could not be
  chat.addEventListener("chatkit.thread.change", ({ detail }) => remember(detail.threadId));
  dark.addEventListener("change", () => chat.setOptions(options(headers)));
  chat.setOptions(options(headers));
}

start().catch(failed);
