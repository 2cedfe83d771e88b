/** Which project is shown: chosen in the bar, remembered for each user. */
import { askName } from "./ask_name.js";
import { element } from "./dom.js";

/** @typedef {import("./api.js").Project} Project */

const NEW = "new";

export class Projects {
  /**
   * @param {HTMLSelectElement} select
   * @param {import("./api.js").Api} api
   * @param {string} user
   * @param {(project: Project) => void} onChange
   */
  constructor(select, api, user, onChange) {
    this.select = select;
    this.api = api;
    this.key = `taskflow project of ${user}`;
    this.onChange = onChange;
    /** @type {Project[]} */
    this.all = [];
    /** @type {Project | null} */
    this.current = null;
    select.addEventListener("change", () => this.chosen());
  }

  async load() {
    this.all = await this.api.projects();
    const remembered = Number(localStorage.getItem(this.key));
    this.show(this.all.find(project => project.id === remembered) ?? this.all[0] ?? null);
  }

  /** @param {Project | null} project */
  show(project) {
    this.select.disabled = false;
    this.select.replaceChildren(
      ...this.all.map(({ id, name }) => element("option", { value: id, selected: id === project?.id }, name)),
      element("option", { value: NEW }, "New project…"),
    );
    if (project === null || project.id === this.current?.id) return;
    this.current = project;
    localStorage.setItem(this.key, String(project.id));
    this.onChange(project);
  }

  chosen() {
    if (this.select.value === NEW) {
      this.show(this.current);
      askName({ heading: "New project", label: "Name", button: "Create" }, async name => {
        const added = await this.api.addProject(name);
        this.all = await this.api.projects();
        this.show(this.all.find(project => project.id === added.id) ?? this.current);
      });
      return;
    }
    this.show(this.all.find(project => project.id === Number(this.select.value)) ?? this.current);
  }
}
