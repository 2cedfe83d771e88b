/**
 * Who the page's user is. On this machine a user is chosen, and the server signs a token for them; where it does not, a
 * gateway in front says who is calling, and the page says nothing.
 */

const KEY = "taskflow user";

/** Whom to try it as. Anybody else can be named. */
export const PEOPLE = ["alice", "bob", "carol"];

export class Identity {
  /**
   * @param {string | null} user null: the gateway knows
   * @param {string | null} token
   */
  constructor(user, token) {
    this.user = user;
    this.token = token;
  }

  static get chosen() {
    return localStorage.getItem(KEY) ?? "alice";
  }

  /** @param {string} user */
  static choose(user) {
    localStorage.setItem(KEY, user);
  }

  /** Throws where the server cannot be reached, or does not take the user's name. */
  static async fetch() {
    const user = Identity.chosen;
    const response = await fetch(`dev/token?user=${encodeURIComponent(user)}`);
    if (response.status === 404 || response.status === 403) return new Identity(null, null);
    if (!response.ok) throw new Error(`There is no token for “${user}” (${response.status}).`);
    const { token } = await response.json();
    return new Identity(user, token);
  }

  /** A request as this user; once more with a new token where the old one is over. */
  /** @type {typeof globalThis.fetch} */
  request = async (url, init) => {
    const response = await globalThis.fetch(url, this.named(init));
    if (response.status !== 401 || this.token === null) return response;
    this.token = (await Identity.fetch()).token;
    return await globalThis.fetch(url, this.named(init));
  };

  /** @param {RequestInit | undefined} init */
  named(init) {
    const headers = new Headers(init?.headers);
    if (this.user !== null) headers.set("X-User-ID", bytes(this.user));
    if (this.token !== null) headers.set("Authorization", `Bearer ${this.token}`);
    return { ...init, headers };
  }
}

/**
 * A header's value is bytes to a browser, and UTF-8 to the server.
 * @param {string} value
 */
function bytes(value) {
  return String.fromCharCode(...new TextEncoder().encode(value));
}
