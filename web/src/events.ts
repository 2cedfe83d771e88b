/**
 * What an element tells its page. All wait for `chatkit.ready`: a framework that adds its listeners a moment after the
 * element hears them from the first.
 */

export class Events {
  private waiting: Event[] | null = [];

  constructor(private readonly target: EventTarget) {}

  get haveBegun(): boolean {
    return this.waiting === null;
  }

  /** `chatkit.<name>`. */
  emit(name: string, detail?: unknown): void {
    const event = new CustomEvent(`chatkit.${name}`, { detail, composed: true });
    if (this.waiting === null) this.target.dispatchEvent(event);
    else this.waiting.push(event);
  }

  /** The chat is there: says so, once, and then what has happened since. */
  begin(): void {
    if (this.waiting === null) return;
    this.waiting.unshift(new CustomEvent("chatkit.ready", { composed: true }));
    while (this.waiting.length > 0) {
      const event = this.waiting.shift();
      if (event) this.target.dispatchEvent(event);
    }
    this.waiting = null;
  }
}
