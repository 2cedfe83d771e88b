/** Why a request failed: what the server said of it, or that nothing could be reached. */

export type ProblemCode =
  | "network"
  | "not_a_chat_server"
  | "http_error"
  // and those of docs/protocol.md
  | (string & {});

export class Problem extends Error {
  override name = "Problem";
  /** Whether its words tell users what is wrong with what they have filled in. */
  isOfInput = false;

  constructor(
    readonly code: ProblemCode,
    /** HTTP's; 0 where there was no answer. */
    readonly status: number,
    message: string,
    /** After how many seconds to try again, where the server says so. */
    readonly retryAfter: number | null = null,
    readonly requestId: string | null = null,
  ) {
    super(message);
  }

  /** Whether the same request may work in a while. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  static network(cause: unknown): Problem {
    const problem = new Problem("network", 0, "The server cannot be reached");
    problem.cause = cause;
    return problem;
  }

  /** From a response that is no success, whatever its body is. */
  static async of(response: Response): Promise<Problem> {
    const retryAfter = Number.parseFloat(response.headers.get("Retry-After") ?? "");
    const requestId = response.headers.get("X-Request-ID");
    const body = await bodyOf(response);
    const code = typeof body.code === "string" ? body.code : "http_error";
    const detail = typeof body.detail === "string" ? body.detail : `The server answered ${response.status}`;
    const problem = new Problem(
      code,
      response.status,
      detail,
      Number.isFinite(retryAfter) ? retryAfter : null,
      requestId,
    );
    problem.isOfInput = isOfInput(body.errors);
    return problem;
  }
}

/** Of a widget's form: other parameters are no user's business. */
function isOfInput(errors: unknown): boolean {
  return Array.isArray(errors) && errors.some(one => /^params\.action\.payload\b/.test(one?.path));
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? { ...body } : {};
  } catch {
    return {};
  }
}
