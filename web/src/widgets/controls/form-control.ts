/** A control of our own that takes part in its form, as a native one does. */
import { LitElement } from "lit";

export class FormControl extends LitElement {
  static formAssociated = true;

  /** Not every environment has them. */
  private readonly internals: ElementInternals | null =
    typeof this.attachInternals === "function" ? this.attachInternals() : null;

  constructor() {
    super();
    this.addEventListener("invalid", () => this.toggleAttribute("data-invalid", true));
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Says what it holds, and whether it may be empty; `anchor` is where the browser shows its complaint. */
  protected holds(value: string, isRequired: boolean, complaint: string, anchor: HTMLElement | null): void {
    if (this.internals === null || typeof this.internals.setFormValue !== "function") return;
    this.internals.setFormValue(value === "" ? null : value);
    if (isRequired && value === "" && anchor !== null) {
      this.internals.setValidity({ valueMissing: true }, complaint, anchor);
    } else {
      this.internals.setValidity({});
      this.removeAttribute("data-invalid");
    }
  }
}
