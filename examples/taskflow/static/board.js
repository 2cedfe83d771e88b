/** The board: a column for each state. It is read from the API, and read again when something has changed. */
import { card } from "./card.js";
import { element, icon, present } from "./dom.js";
import { glide } from "./motion.js";
import { STATUS } from "./words.js";

/**
 * @typedef {import("./api.js").Task} Task
 * @typedef {import("./api.js").Status} Status
 * @typedef {import("./card.js").CardActions & {add: (title: string, requestId: string) => Promise<boolean>, suggest: (text: string) => void}}
 *   BoardActions
 */

const STATES = /** @type {Status[]} */ (Object.keys(STATUS));
const SUGGESTIONS = [
  "add a task to buy groceries by Friday, high priority",
  "add a task to water the plants every week",
  "show me the form for a new task",
];

export class Board {
  /**
   * @param {HTMLElement} root
   * @param {import("./api.js").Api} api
   * @param {BoardActions} actions
   */
  constructor(root, api, actions) {
    this.root = root;
    this.api = api;
    this.actions = actions;
    this.project = 0;
    /** The newest reading: what an older one brings is late. */
    this.reading = 0;
    this.hasTasks = false;
    /** The same one however often the board is drawn: what is typed in it stays. */
    this.adding = this.form();
  }

  /**
   * Shows a project.
   * @param {number} project
   */
  async show(project) {
    this.project = project;
    this.hasTasks = false;
    this.root.setAttribute("aria-busy", "true");
    this.root.replaceChildren(skeleton());
    await this.refresh();
  }

  /** Reads the tasks again. */
  async refresh() {
    const reading = ++this.reading;
    try {
      const columns = await Promise.all(STATES.map(status => this.api.tasks(this.project, status)));
      if (reading !== this.reading) return;
      this.draw(columns);
    } catch (error) {
      if (reading !== this.reading) return;
      if (!this.hasTasks) this.root.replaceChildren(this.failure(error));
      else this.root.prepend(this.stale(error));
    } finally {
      if (reading === this.reading) this.root.removeAttribute("aria-busy");
    }
  }

  /**
   * Points at a task, if it is on the board.
   * @param {number} id
   */
  highlight(id) {
    const found = this.root.querySelector(`[data-key="${id}"]`);
    if (!(found instanceof HTMLElement)) return;
    found.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "smooth" });
    found.classList.remove("lit");
    requestAnimationFrame(() => found.classList.add("lit"));
  }

  /** @param {{tasks: Task[], total: number}[]} columns */
  draw(columns) {
    const focused = this.focus();
    const total = columns.reduce((sum, column) => sum + column.total, 0);
    this.hasTasks = true;
    glide(this.root, () => {
      this.root.replaceChildren(
        ...present([
          total === 0 && this.welcome(),
          element(
            "div",
            { class: "columns" },
            ...STATES.map((status, index) => this.column(status, columns[index] ?? { tasks: [], total: 0 })),
          ),
        ]),
      );
    });
    focused();
  }

  /** @param {Status} status @param {{tasks: Task[], total: number}} listed */
  column(status, { tasks, total }) {
    const more = total - tasks.length;
    return element(
      "section",
      { class: `column ${status}`, "aria-labelledby": `column-${status}` },
      element(
        "header",
        {},
        icon(status),
        element("h2", { id: `column-${status}` }, STATUS[status]),
        element("span", { class: "count" }, String(total), element("span", { class: "unseen" }, " tasks")),
      ),
      status === "pending" && this.adding,
      element("ul", { class: "cards" }, ...tasks.map(task => card(task, this.actions))),
      total === 0 && element("p", { class: "nothing" }, "Nothing here"),
      more > 0 && element("p", { class: "nothing" }, `and ${more} more: ask for them in the chat`),
    );
  }

  form() {
    const input = element("input", {
      name: "title",
      "aria-label": "Title of a new task",
      placeholder: "Add a task",
      maxlength: 200,
      autocomplete: "off",
    });
    /** What could not be added, as far as one knows: again under the same id, it is not there twice. */
    let failed = { title: "", requestId: "", project: 0 };
    /** @param {SubmitEvent} event */
    const onsubmit = async event => {
      event.preventDefault();
      const title = input.value.trim();
      if (title === "") return;
      input.value = "";
      const { project } = this;
      const isAgain = failed.title === title && failed.project === project;
      const requestId = isAgain ? failed.requestId : `${Date.now()} ${Math.random()}`;
      if (await this.actions.add(title, requestId)) return;
      failed = { title, requestId, project };
      if (input.value === "") input.value = title;
    };
    return element("form", { class: "adding", onsubmit }, icon("plus"), input);
  }

  welcome() {
    return element(
      "div",
      { class: "welcome" },
      element("h2", {}, "A board with nothing on it"),
      element("p", {}, "Say in the chat what is to be done, and watch it come up here. For a start:"),
      element(
        "ul",
        {},
        ...SUGGESTIONS.map(text =>
          element(
            "li",
            {},
            element("button", { type: "button", onclick: () => this.actions.suggest(text) }, `“${text}”`),
          ),
        ),
      ),
    );
  }

  /** @param {unknown} error */
  failure(error) {
    return element(
      "div",
      { class: "failure", role: "alert" },
      element("h2", {}, "The board cannot be shown"),
      element("p", {}, messageOf(error)),
      element(
        "button",
        { type: "button", class: "primary", onclick: () => this.show(this.project) },
        "Try again",
      ),
    );
  }

  /** @param {unknown} error */
  stale(error) {
    this.root.querySelector(".stale")?.remove();
    const again = element("button", { type: "button", onclick: () => this.refresh() }, "Try again");
    return element(
      "p",
      { class: "stale", role: "alert" },
      `${messageOf(error)} This is how the board was. `,
      again,
    );
  }

  /** What brings the focus back to where it is now. */
  focus() {
    const active = document.activeElement;
    if (!(active instanceof HTMLElement) || !this.root.contains(active)) return () => {};
    const key = active.closest("[data-key]")?.getAttribute("data-key");
    const label = active.getAttribute("aria-label");
    return () => {
      const place =
        key === null || key === undefined ? this.root : this.root.querySelector(`[data-key="${key}"]`);
      const same = [...(place?.querySelectorAll("button, input") ?? [])].find(
        one => one.getAttribute("aria-label") === label,
      );
      const next = same ?? place?.querySelector("button");
      if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    };
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

function skeleton() {
  return element(
    "div",
    { class: "columns waiting" },
    element("p", { class: "unseen", role: "status" }, "The board is loading"),
    ...[3, 2, 1, 2].map(cards =>
      element(
        "div",
        { class: "column", "aria-hidden": "true" },
        element("div", { class: "bone title" }),
        ...Array.from({ length: cards }, () => element("div", { class: "bone" })),
      ),
    ),
  );
}
