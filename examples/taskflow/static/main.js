/** The page: who it is for, the board, the chat, and what each tells the other. */
import { Api } from "./api.js";
import { Board } from "./board.js";
import { Chat } from "./chat.js";
import { element, find } from "./dom.js";
import { startHint } from "./hint.js";
import { Identity } from "./identity.js";
import { markPane, showPane, startPanes } from "./panes.js";
import { showPeople } from "./people.js";
import { Projects } from "./projects.js";
import { openTask } from "./task_dialog.js";
import { startTheme } from "./theme.js";
import { STATUS } from "./words.js";

const LOOK_AGAIN_MS = 20_000;

/** Says something that has happened, for a moment.
 * @param {string} text */
function say(text) {
  const said = find("#said", HTMLElement);
  said.textContent = text;
  setTimeout(() => said.textContent === text && said.replaceChildren(), 6000);
}

/** @param {unknown} error */
function complain(error) {
  say(error instanceof Error ? error.message : String(error));
}

async function start() {
  const identity = await Identity.fetch();
  showPeople(identity.user, () => chat.clear());
  const api = new Api(identity.request);

  /** @type {import("./board.js").BoardActions} */
  const actions = {
    open: task => openTask(task, actions, api.history(board.project, task.id)),
    ask: task => {
      showPane("chat");
      chat.ask(task).catch(complain);
    },
    move: (task, move) => {
      const moved = api.move(board.project, task.id, move).then(async after => {
        await changed(task.id);
        say(`“${after.title}” is now: ${STATUS[after.status]}`);
      });
      moved.catch(complain);
    },
    add: async (title, requestId) => {
      try {
        await changed((await api.addTask(board.project, title, requestId)).id);
        return true;
      } catch (error) {
        complain(error);
        return false;
      }
    },
    suggest: text => {
      showPane("chat");
      chat.say(text).catch(complain);
    },
  };

  const board = new Board(find("#board", HTMLElement), api, actions);
  const neighbours = new BroadcastChannel("taskflow");

  /** Something has changed: here, and so in other tabs.
   * @param {number | null} id the task to point at */
  async function changed(id) {
    neighbours.postMessage("changed");
    await board.refresh();
    if (id !== null) board.highlight(id);
  }

  const projects = new Projects(find("#project", HTMLSelectElement), api, identity.user ?? "", project => {
    board.show(project.id);
  });

  const chat = new Chat(identity, () => projects.current, {
    changed: (project, task, action) => {
      if (project !== board.project) return;
      markPane("board");
      void changed(action === "delete" ? null : task);
    },
    show: id => {
      showPane("board");
      board.highlight(id);
      if (document.querySelector(`[data-key="${id}"]`)) return;
      api.task(board.project, id).then(actions.open).catch(complain);
    },
  });

  document.addEventListener("scheme", () => chat.draw());
  neighbours.addEventListener("message", () => board.refresh());
  document.addEventListener("visibilitychange", () => document.hidden || board.refresh());
  globalThis.addEventListener("online", () => board.refresh());
  setInterval(() => document.hidden || board.refresh(), LOOK_AGAIN_MS);
  await projects.load();
  await chat.start();
  startHint();
}

/** @param {unknown} error */
function failed(error) {
  const message = error instanceof TypeError ? "TaskFlow cannot be reached at the moment." : String(error);
  const again = element(
    "button",
    { type: "button", class: "primary", onclick: () => location.reload() },
    "Try again",
  );
  const shown = element(
    "div",
    { class: "failure", role: "alert" },
    element("h2", {}, "This did not work"),
    element("p", {}, message),
    again,
  );
  find("main", HTMLElement).replaceChildren(shown);
}

startTheme();
startPanes();
start().catch(failed);
