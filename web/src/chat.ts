/** One server's chat as a page has it: the session, what is being written to it, and which thread that is for. */

import { Api } from "./protocol/api";
import { type Host, Session } from "./session";
import { Composition } from "./state/composition";

export interface Page extends Host {
  fetch: typeof globalThis.fetch;
  /** As it is sent in `Accept-Language`. */
  language(): string;
  changed(): void;
}

export class Chat {
  session: Session;
  readonly composition: Composition;
  private readonly api: Api;
  private threadId: string | null = null;
  private isAsleep = false;

  constructor(
    readonly url: string,
    private readonly page: Page,
  ) {
    this.api = new Api(url, page.fetch, page.language);
    this.composition = new Composition(url, toolId => page.emit("tool.change", { toolId }));
    this.session = this.begin();
  }

  close(): void {
    this.composition.save();
    this.session.close();
  }

  /** The page has taken the chat away: nothing more is asked of the server. */
  sleep(): void {
    this.isAsleep = true;
    this.close();
  }

  /** It is back, with all that was shown. */
  wake(): void {
    if (!this.isAsleep) return;
    this.isAsleep = false;
    const { state } = this.session;
    this.session = this.begin();
    this.session.resume(state).catch(() => undefined); // it is shown, and was reported
    this.page.changed();
  }

  private begin(): Session {
    const session = new Session(this.api, this.url, this.page);
    session.subscribe(() => {
      this.followThread(session);
      this.page.changed();
    });
    return session;
  }

  /** A new thread that gets its id is the same one; any other has a draft of its own. */
  private followThread({ state }: Session): void {
    const { threadId, loading } = state;
    if (threadId === this.threadId) return;
    const isSame = this.threadId === null && threadId !== null && !loading;
    this.threadId = threadId;
    if (isSame) this.composition.adopt(threadId);
    else this.composition.open(threadId);
  }
}
