/** On a narrow screen, the board or the chat. */

/** @type {NodeListOf<HTMLButtonElement>} */
const tabs = document.querySelectorAll("[role=tab]");

/** @param {string} pane "board" or "chat" */
export function showPane(pane) {
  document.body.dataset.pane = pane;
  for (const tab of tabs) {
    const selected = tab.dataset.pane === pane;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
    if (selected) tab.removeAttribute("data-news");
  }
}

/** Says on its tab that a pane that is not shown has news.
 * @param {string} pane */
export function markPane(pane) {
  if (document.body.dataset.pane !== pane)
    document.querySelector(`#tab-${pane}`)?.setAttribute("data-news", "");
}

export function startPanes() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => showPane(tab.dataset.pane ?? "board"));
    tab.addEventListener("keydown", event => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const other = [...tabs].find(one => one !== tab);
      showPane(other?.dataset.pane ?? "board");
      other?.focus();
    });
  }
  showPane(document.body.dataset.pane ?? "board");
}
