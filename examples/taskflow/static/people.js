/** Whom the page is used as: any of the people to try it as, or somebody else. */
import { askName } from "./ask_name.js";
import { element, find } from "./dom.js";
import { Identity, PEOPLE } from "./identity.js";
import { capital, initial } from "./words.js";

const OTHER = "other";

/**
 * @param {string | null} user null: a gateway says who it is, and nothing can be chosen
 * @param {() => Promise<void>} onLeave called before somebody else comes: nothing of this user's may be left
 */
export function showPeople(user, onLeave) {
  const select = find("#user", HTMLSelectElement);
  const avatar = find("#avatar", HTMLElement);
  if (user === null) {
    select.parentElement?.remove();
    return;
  }
  avatar.textContent = initial(user);
  const names = PEOPLE.includes(user) ? PEOPLE : [user, ...PEOPLE];
  select.replaceChildren(
    ...names.map(name => element("option", { value: name, selected: name === user }, capital(name))),
    element("option", { value: OTHER }, "Somebody else…"),
  );
  select.disabled = false;
  /** Begins anew as somebody else, who has threads and projects of their own.
   * @param {string} name */
  const change = async name => {
    await onLeave();
    Identity.choose(name);
    location.assign(location.pathname);
  };
  select.addEventListener("change", () => {
    if (select.value !== OTHER) return change(select.value);
    select.value = user;
    askName({ heading: "Somebody else", label: "Whose tasks?", button: "Show them" }, change);
  });
}
