/** Light or dark: as the system is, until somebody says otherwise. */
import { find, icon } from "./dom.js";

const KEY = "taskflow theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** @returns {"light" | "dark"} */
export function scheme() {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "light" || chosen === "dark") return chosen;
  return system.matches ? "dark" : "light";
}

/** Shows it, and tells of each change by an event of the document's, `scheme`. */
export function startTheme() {
  const button = find("#theme", HTMLButtonElement);
  const show = () => {
    const current = scheme();
    document.documentElement.dataset.scheme = current;
    button.replaceChildren(icon(current === "dark" ? "light" : "dark"));
    button.setAttribute("aria-label", current === "dark" ? "Use the light theme" : "Use the dark theme");
    document.dispatchEvent(new Event("scheme"));
  };
  button.addEventListener("click", () => {
    localStorage.setItem(KEY, scheme() === "dark" ? "light" : "dark");
    show();
  });
  system.addEventListener("change", show);
  show();
}
