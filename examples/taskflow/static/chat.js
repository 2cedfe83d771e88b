/** The chat beside the board: the component, told who asks, about which project. */
import { find } from "./dom.js";
import { scheme } from "./theme.js";

/**
 * @typedef {import("@openai/chatkit").OpenAIChatKit} ChatElement
 * @typedef {import("@openai/chatkit").ChatKitOptions} Options
 * @typedef {{changed: (project: number, task: number, action: string) => void, show: (task: number) => void}} ChatEvents
 */

const URL_OF_CHAT = "chatkit";

export class Chat {
  /**
   * @param {import("./identity.js").Identity} identity
   * @param {() => import("./api.js").Project | null} project the one that is chosen
   * @param {ChatEvents} events
   */
  constructor(identity, project, events) {
    this.element = /** @type {ChatElement} */ (find("openai-chatkit", HTMLElement));
    this.identity = identity;
    this.project = project;
    this.events = events;
    /** What messages were sent with, by their keys.
     * @type {Map<string, object>} */
    this.meant = new Map();
    /** @type {Promise<unknown>} */
    this.ready = new Promise(resolve =>
      this.element.addEventListener("chatkit.ready", resolve, { once: true }),
    );
  }

  /** Throws where the component cannot be loaded. */
  async start() {
    await import(new URL(`${URL_OF_CHAT}/ui/chatkit.js`, document.baseURI).href);
    this.element.addEventListener("chatkit.effect", ({ detail }) => {
      if (detail.name !== "tasks.changed") return;
      const { project_id, task_id, action } = detail.data ?? {};
      this.events.changed(Number(project_id), Number(task_id), String(action));
    });
    this.element.addEventListener("chatkit.deeplink", ({ detail }) => {
      if (detail.name === "task") this.events.show(Number(detail.data?.id));
    });
    this.element.addEventListener("chatkit.thread.change", ({ detail }) => remember(detail.threadId));
    this.draw();
  }

  /** Draws it anew, as after a change of the theme. */
  draw() {
    if (customElements.get("openai-chatkit")) this.element.setOptions(this.options());
  }

  /** @param {string} text */
  async say(text) {
    await this.ready;
    await this.element.sendUserMessage({ text });
  }

  /** Begins a message about a task.
   * @param {import("./api.js").Task} task */
  async ask(task) {
    await this.ready;
    await this.element.setComposerValue({ text: `task ${task.id}: ` });
    await this.element.focusComposer();
  }

  /** Leaves no draft behind; there is none before it has begun. */
  async clear() {
    await this.element.setComposerValue?.({ text: "" }).catch(() => undefined);
  }

  /** @returns {Options} */
  options() {
    return {
      api: { url: URL_OF_CHAT, domainKey: "none", fetch: this.send },
      initialThread: new URLSearchParams(location.search).get("thread"),
      theme: { colorScheme: scheme(), radius: "round", color: { accent: { primary: accent(), level: 1 } } },
      frameTitle: "TaskFlow's assistant",
      history: { enabled: true, showDelete: true, showRename: true },
      threadItemActions: { feedback: true, retry: true },
      thread: { autoScroll: true },
      composer: { placeholder: "What is to be done?" },
      startScreen: {
        greeting: "What is to be done?",
        prompts: [
          {
            label: "Add a task",
            prompt: "add a task to buy groceries by Friday, high priority",
            icon: "plus",
          },
          { label: "What's on my plate?", prompt: "what's on my plate?", icon: "notebook" },
          { label: "What is overdue?", prompt: "what is overdue?", icon: "clock" },
          { label: "What can you do?", prompt: "help", icon: "circle-question" },
        ],
      },
      widgets: {
        onAction: async action => {
          if (action.type === "task.show") this.events.show(Number(action.payload?.task_id));
        },
      },
    };
  }

  /** A request as the page's user, with the project that is chosen.
   * @type {typeof globalThis.fetch} */
  send = async (url, init) => {
    const { body } = init ?? {};
    if (typeof body !== "string") return await this.identity.request(url, init);
    const metadata = this.metadata(new Headers(init?.headers).get("Idempotency-Key"));
    const operation = JSON.parse(body);
    const content = { ...operation, metadata: { ...operation.metadata, ...metadata } };
    return await this.identity.request(url, { ...init, body: JSON.stringify(content) });
  };

  /** What goes with a message: sent again, it is about the project that it was about.
   * @param {string | null} key */
  metadata(key) {
    const project = this.project();
    const now = { user_name: this.identity.user, project_id: project?.id, project_name: project?.name };
    if (key === null) return now;
    const meant = this.meant.get(key) ?? now;
    this.meant.set(key, meant);
    return meant;
  }
}

/** The page's own colour, from its style sheet. */
function accent() {
  return scheme() === "dark" ? "#8b8cf6" : "#4f46e5";
}

/** The thread that is open is in the address: a reload comes back to it, wherever it was.
 * @param {string | null} threadId */
function remember(threadId) {
  const address = new URL(location.href);
  if (threadId === null) address.searchParams.delete("thread");
  else address.searchParams.set("thread", threadId);
  history.replaceState(null, "", address);
}
