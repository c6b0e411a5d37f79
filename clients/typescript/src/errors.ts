import type { Problem, ProblemError } from "./types.js";

/** The last part of a problem's `type`. The store may come to know more of them. */
export type ProblemName =
  | "invalid-request" | "position-ahead" | "unauthorized" | "forbidden"
  | "session-not-found" | "message-not-found" | "agent-context-not-found" | "erasure-not-found" | "not-found"
  | "search-disabled" | "method-not-allowed" | "not-acceptable" | "request-timeout" | "draft-silent"
  | "session-exists" | "session-not-deleted" | "agent-conflict" | "message-exists" | "draft-offset" | "draft-taken"
  | "session-deleted" | "sequence-conflict" | "too-large" | "unsupported-media-type" | "idempotency-key-reused"
  | "context-too-small" | "too-many-instructions" | "tenant-busy" | "too-many-streams" | "too-many-drafts"
  | "internal-error" | "busy" | "outcome-unknown";

/** The store refused a request, or could not be asked (`StoreUnavailable`). Decide by `is`, or by `type`. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";

  /** The HTTP status; undefined if no answer came. */
  readonly status: number | undefined;

  /** The stable name of the problem, such as `/problems/session-not-found`. */
  readonly type: string | undefined;

  readonly title: string | undefined;

  /** What happened, in words for people. */
  readonly detail: string;

  /** Every wrong place of a request that is not valid. */
  readonly errors: readonly ProblemError[];

  /** The whole problem, with what else it says: `last_seq`, `current_agent`, `known`, `offset`, … */
  readonly problem: Partial<Problem>;

  /** Whether a try of the call was left without an answer, or failed there (500), so that it may have been carried out. */
  outcomeUnknown = false;

  constructor(detail: string, status?: number, problem: Partial<Problem> = {}, options?: ErrorOptions) {
    super(status === undefined ? detail : `${detail} (HTTP ${status})`, options);
    this.detail = detail;
    this.status = status;
    this.problem = problem;
    this.type = problem.type;
    this.title = problem.title;
    this.errors = problem.errors ?? [];
  }

  /** Whether it is one of these problems: `error.is("session-not-found", "session-deleted")`. */
  is(...names: ProblemName[]): boolean {
    return names.some((name) => this.type === `/problems/${name}`);
  }
}

/** No answer, or "busy", until the tries or the time were used up. */
export class StoreUnavailable extends StoreError {
  override readonly name: string = "StoreUnavailable";

  /** Milliseconds that the store asks to wait. */
  retryAfter = 0;
}

/** Whether something that was thrown is one of these problems. */
export function isProblem(error: unknown, ...names: ProblemName[]): error is StoreError {
  return error instanceof StoreError && error.is(...names);
}

const AGAIN = new Set([408, 429, 502, 503, 504]);

/** What an answer that is no success means. */
export function refusal(response: Response, body: string): StoreError {
  const problem = problemOf(body);
  const detail = problem.detail ?? (response.statusText || "refused");
  const again = AGAIN.has(response.status) && problem.type !== "/problems/draft-silent";
  const error = new (again ? StoreUnavailable : StoreError)(detail, response.status, problem);
  if (error instanceof StoreUnavailable) {
    error.retryAfter = millisecondsOf(response.headers.get("Retry-After") ?? "");
  }
  error.outcomeUnknown = response.status >= 500 && !error.is("busy");
  return error;
}

/** How long to wait: a number of seconds or, from something on the way, a date; 0 for what is neither. */
function millisecondsOf(retryAfter: string): number {
  if (/^\d+$/.test(retryAfter)) {
    return Number(retryAfter) * 1000;
  }
  return / GMT$/.test(retryAfter) ? Math.max(Date.parse(retryAfter) - Date.now(), 0) || 0 : 0;
}

function problemOf(body: string): Partial<Problem> {
  try {
    const problem: unknown = JSON.parse(body);
    return typeof problem === "object" && problem !== null && !Array.isArray(problem) ? problem : {};
  } catch { // from something on the way, a proxy for instance
    return {};
  }
}

// What Node's fetch says when nothing was sent. Browsers tell no reasons.
const NOT_SENT = new Set([
  "ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "UND_ERR_CONNECT_TIMEOUT",
]);
const NOT_TRUSTED = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_)/;

/** What a request without an answer means. */
export function unanswered(url: string, failure: unknown): StoreError {
  const { code, reason } = causeOf(failure);
  if (NOT_TRUSTED.test(code)) { // will not be better the next time
    return new StoreError(`cannot trust ${url}: ${reason}`, undefined, {}, { cause: failure });
  }
  const sent = !NOT_SENT.has(code);
  const detail = `${sent ? "no answer from" : "cannot reach"} ${url}: ${reason}`;
  const error = new StoreUnavailable(detail, undefined, {}, { cause: failure });
  error.outcomeUnknown = sent;
  return error;
}

function causeOf(failure: unknown): { code: string; reason: string } {
  let cause = failure;
  while (cause instanceof Error && cause.cause !== undefined) {
    cause = cause.cause;
  }
  if (cause instanceof AggregateError && cause.errors.length > 0) {
    cause = cause.errors[0]; // one for each address of a host
  }
  const code = String((cause as { code?: unknown } | undefined)?.code ?? "");
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code, reason: code === "ECONNREFUSED" ? "connection refused" : message || code };
}
