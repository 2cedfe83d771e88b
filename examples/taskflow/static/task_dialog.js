/** A task in full, with what became of it. */
import { facts } from "./card.js";
import { element, icon } from "./dom.js";
import { ago, MOVES, STATUS } from "./words.js";

/** @typedef {import("./api.js").Task} Task */

const ACTIONS = {
  created: "added it",
  updated: "changed it",
  started: "started it",
  review_requested: "asked for a review",
  completed: "completed it",
  rejected: "rejected it",
  reopened: "reopened it",
  assigned: "assigned it",
  progress_updated: "recorded progress",
  deleted: "deleted it",
};

/**
 * Opens it; it is closed by Escape, by a click beside it, and after each thing that is done with it.
 * @param {Task} task
 * @param {import("./card.js").CardActions} actions
 * @param {Promise<import("./api.js").Entry[]>} history
 */
export function openTask(task, actions, history) {
  const entries = element("ol", { class: "history" }, element("li", { class: "bone" }));
  const dialog = element(
    "dialog",
    { class: "task", "aria-labelledby": "task-title" },
    element(
      "header",
      {},
      element("p", { class: `state ${task.status}` }, icon(task.status), STATUS[task.status]),
      element(
        "button",
        { type: "button", class: "round", "aria-label": "Close", onclick: () => dialog.close() },
        icon("close"),
      ),
    ),
    element("h2", { id: "task-title", tabindex: -1, autofocus: true }, task.title),
    facts(task),
    element("p", { class: "description" }, task.description || "No description."),
    element(
      "div",
      { class: "buttons" },
      ...MOVES[task.status].map(({ move, label }, index) =>
        element(
          "button",
          {
            type: "button",
            class: index === 0 ? "primary" : "",
            onclick: done(() => actions.move(task, move)),
          },
          label,
        ),
      ),
      element(
        "button",
        { type: "button", onclick: done(() => actions.ask(task)) },
        icon("chat"),
        "Ask in the chat",
      ),
    ),
    element("h3", {}, "History"),
    entries,
  );

  /** @param {() => void} action */
  function done(action) {
    return () => {
      dialog.close();
      action();
    };
  }

  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", event => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  history.then(
    found => entries.replaceChildren(...found.map(line)),
    () => entries.replaceChildren(element("li", {}, "It cannot be shown at the moment.")),
  );
}

/** @param {import("./api.js").Entry} entry */
function line(entry) {
  const action =
    Object.entries(ACTIONS).find(([name]) => name === entry.action)?.[1] ?? entry.action.replaceAll("_", " ");
  const how = entry.via === "chat" ? " in the chat" : "";
  return element(
    "li",
    {},
    element("span", {}, element("strong", {}, entry.actor), ` ${action}${how}`),
    element("time", { datetime: entry.at }, ago(entry.at)),
  );
}
