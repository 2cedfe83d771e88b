/** A task on the board. */
import { element, icon } from "./dom.js";
import { capital, daysUntil, dueWords, initial, MOVES } from "./words.js";

/**
 * @typedef {import("./api.js").Task} Task
 * @typedef {{open: (task: Task) => void, move: (task: Task, move: import("./api.js").Move) => void,
 *   ask: (task: Task) => void}} CardActions
 */

/**
 * @param {Task} task
 * @param {CardActions} actions
 */
export function card(task, actions) {
  const [next] = MOVES[task.status];
  const title = element(
    "button",
    { type: "button", class: "card-title", onclick: () => actions.open(task) },
    task.title,
  );
  return element(
    "li",
    { class: `card priority-${task.priority}`, "data-key": task.id },
    element("h3", {}, title),
    facts(task),
    task.progress > 0 && task.status !== "completed" && progress(task),
    element(
      "div",
      { class: "card-actions" },
      next &&
        element(
          "button",
          {
            type: "button",
            "aria-label": `${next.label}: ${task.title}`,
            onclick: () => actions.move(task, next.move),
          },
          next.short ?? next.label,
        ),
      element(
        "button",
        {
          type: "button",
          "aria-label": `Ask in the chat about: ${task.title}`,
          onclick: () => actions.ask(task),
        },
        icon("chat"),
      ),
    ),
  );
}

/**
 * What is known of a task in a line: priority, day, tags, who does it.
 * @param {Task} task
 */
export function facts(task) {
  return element(
    "p",
    { class: "facts" },
    element("span", { class: "number" }, `#${task.id}`),
    element("span", { class: `priority ${task.priority}` }, capital(task.priority)),
    task.due !== null && due(task, task.due),
    task.recurrence !== "none" &&
      element("span", { class: "fact" }, icon("repeat"), capital(task.recurrence)),
    ...task.tags.map(tag => element("span", { class: "tag" }, tag)),
    task.assignee !== null &&
      element(
        "span",
        { class: "avatar small", title: `Assigned to ${task.assignee}` },
        element("span", { "aria-hidden": "true" }, initial(task.assignee)),
        element("span", { class: "unseen" }, `Assigned to ${task.assignee}`),
      ),
  );
}

/** @param {Task} task @param {string} date */
function due(task, date) {
  const late = task.status !== "completed" && daysUntil(date) < 0;
  const words = late ? `Overdue: ${dueWords(date)}` : dueWords(date);
  return element("span", { class: `fact due ${late ? "late" : ""}` }, icon("calendar"), words);
}

/** @param {Task} task */
function progress(task) {
  return element("progress", { max: 100, value: task.progress, "aria-label": `${task.progress} % done` });
}
