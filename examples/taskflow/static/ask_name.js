/** A question for a name. */
import { element } from "./dom.js";

/**
 * Asks; it is closed when the name could be used, and by Escape.
 * @param {{heading: string, label: string, button: string}} words
 * @param {(name: string) => Promise<void> | void} use what it throws is shown
 */
export function askName({ heading, label, button }, use) {
  const input = element("input", { id: "asked-name", required: true, maxlength: 100, autocomplete: "off" });
  const problem = element("p", { class: "problem", role: "alert" });
  let isUsing = false;
  /** @param {SubmitEvent} event */
  const onsubmit = async event => {
    event.preventDefault();
    const name = input.value.trim();
    if (name === "" || isUsing) return;
    isUsing = true;
    try {
      await use(name);
      dialog.close();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      isUsing = false;
    }
  };
  const dialog = element(
    "dialog",
    { "aria-labelledby": "asked-heading" },
    element(
      "form",
      { onsubmit },
      element("h2", { id: "asked-heading" }, heading),
      element("label", { for: "asked-name" }, label),
      input,
      problem,
      element(
        "div",
        { class: "buttons" },
        element("button", { class: "primary" }, button),
        element("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
