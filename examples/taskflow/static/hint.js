/** What is said to those who are here for the first time. */
import { element, find } from "./dom.js";

const KEY = "taskflow hint seen";

export function startHint() {
  if (localStorage.getItem(KEY) !== null) return;
  const hint = element(
    "aside",
    { class: "hint", "aria-label": "Hint" },
    element(
      "p",
      {},
      "Talk to TaskFlow in the chat: what it does appears on the board at once. Everything here is kept on this machine.",
    ),
    element("button", { type: "button", onclick: () => seen(hint) }, "Got it"),
  );
  find("#board", HTMLElement).before(hint);
}

/** @param {HTMLElement} hint */
function seen(hint) {
  localStorage.setItem(KEY, new Date().toISOString());
  hint.remove();
}
