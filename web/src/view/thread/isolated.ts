/**
 * Draws into an element of its own, so that what fails there takes nothing else with it, and only when something that it
 * depends on has changed.
 */

import { noChange, type RootPart, render, type TemplateResult } from "lit";
import { AsyncDirective } from "lit/async-directive.js";
import { directive, type ElementPart } from "lit/directive.js";

type Draw = () => unknown;
type Fail = (error: unknown) => TemplateResult;

class Isolated extends AsyncDirective {
  private dependencies: readonly unknown[] = [];
  private root: RootPart | null = null;
  private end: Comment | null = null;

  override render(_dependencies: readonly unknown[], _draw: Draw, _fail: Fail): unknown {
    return noChange;
  }

  override update({ element }: ElementPart, [dependencies, draw, fail]: [readonly unknown[], Draw, Fail]) {
    if (this.end !== null && isSame(this.dependencies, dependencies)) return noChange;
    this.dependencies = dependencies;
    try {
      this.show(element, draw());
    } catch (error) {
      this.clear(element);
      this.show(element, fail(error));
    }
    return noChange;
  }

  private show(element: Element, value: unknown): void {
    this.end ??= element.appendChild(document.createComment(""));
    const options = { renderBefore: this.end, isConnected: this.isConnected };
    this.root = render(value, element as HTMLElement, options);
  }

  private clear(element: Element): void {
    element.replaceChildren();
    this.end = null;
    this.root = null;
  }

  protected override disconnected(): void {
    this.root?.setConnected(false);
  }

  protected override reconnected(): void {
    this.root?.setConnected(true);
  }
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}

/** On an element: fills it with what `draw` returns, or with what `fail` makes of the error. */
export const isolated = directive(Isolated);
