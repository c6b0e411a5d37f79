import { refusal, StoreError, StoreUnavailable, unanswered } from "./errors.js";
import { whole } from "./paths.js";

/** Who calls: a key, a token, or what gives the token that is good now, asked before each try. */
export type Credential = string | (() => string | Promise<string>);

export interface CallOptions {
  /** Ends the call; it throws the signal's reason. What was sent may be carried out nevertheless. */
  signal?: AbortSignal;

  /** Milliseconds that the call waits in all, its repeated tries included, in place of the store's. */
  timeout?: number;
}

export interface Request extends CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** False if it must not be carried out twice, since it would undo what others do in between. */
  repeatable?: boolean;
}

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;
const LONGEST_TIMEOUT = 2 ** 31 - 1; // a timer that is set to more goes off at once

/** Requests of JSON, tried again where that is safe. */
export class Service {
  readonly url: string;
  readonly timeout: number;

  constructor(
    url: string,
    private readonly credential: Credential | undefined,
    private readonly fetch: typeof globalThis.fetch,
    timeout: number,
    private readonly retries: number,
  ) {
    this.url = address(url);
    this.timeout = positive("timeout", timeout);
    if (!(retries >= 0)) {
      throw new TypeError("retries must be 0 or more");
    }
    if (typeof credential === "string") {
      checked(credential);
    }
  }

  /** The answer's JSON; undefined if it has none. What may not be carried out twice has to say so. */
  async call<T>(method: string, path: string, request: Request = {}): Promise<T> {
    const { signal } = request;
    const body = request.body === undefined ? undefined : jsonText(request.body);
    const headers: Record<string, string> = { Accept: "application/json", ...request.headers };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    const deadline = Date.now() + positive("timeout", request.timeout ?? this.timeout);
    let outcomeUnknown = false;
    for (let tries = 1; ; tries++) {
      signal?.throwIfAborted();
      try {
        const response = await this.once(path, { method, body, headers }, deadline - Date.now(), signal);
        return response.status === 204 ? undefined as T : json<T>(response.body, this.url);
      } catch (error) {
        if (!(error instanceof StoreError)) {
          throw error;
        }
        outcomeUnknown = error.outcomeUnknown ||= outcomeUnknown;
        const pause = error instanceof StoreUnavailable ? error.retryAfter + pauseAfter(tries) : Infinity;
        if (tries > this.retries || Date.now() + pause > deadline || (outcomeUnknown && request.repeatable === false)) {
          throw error;
        }
        await sleep(pause, signal);
      }
    }
  }

  /** A POST or PUT that writes once however often it is tried: the store knows the key, and gives the first answer again. */
  async keyed<T>(method: string, path: string, request: Request, key: string = uuid()): Promise<T> {
    const headers = { ...request.headers, "Idempotency-Key": headerText(key) };
    return this.call<T>(method, path, { ...request, headers });
  }

  /** The answers that make up a list; there may be items behind one that has none. */
  async *parts<T extends { next?: string }>(path: string, options: CallOptions = {}): AsyncGenerator<T, void, undefined> {
    for (let following: string | undefined = path; following !== undefined;) {
      const part: T = await this.call<T>("GET", following, options);
      yield part;
      following = part.next;
    }
  }

  walk<T>(path: string, limit: number | undefined, options: CallOptions = {}): AsyncGenerator<T, void, undefined> {
    return items(this.parts<{ data: T[]; next?: string }>(path, options), limit);
  }

  /** One try, with its whole answer, in this many milliseconds. */
  async once(path: string, init: RequestInit, timeout: number, signal?: AbortSignal): Promise<{ status: number; body: string }> {
    return within(timeout, signal, async (both) => {
      const headers = await this.headers(init.headers, both, signal);
      const lost = this.lost(both, signal);
      const response = await this.send(path, { ...init, headers, signal: both }).catch(lost);
      const body = await response.text().catch(lost);
      if (!response.ok) {
        throw refusal(response, body);
      }
      return { status: response.status, body };
    });
  }

  /** One try at a stream: its answer as soon as it begins. `signal` ends it, and goes on to be heard. */
  async stream(path: string, sent: Record<string, string>, timeout: number, signal: AbortSignal): Promise<Response> {
    signal.throwIfAborted();
    const open = new AbortController();
    merged(signal, open);
    const timer = setTimeout(() => open.abort(timedOut()), timeout);
    const lost = this.lost(open.signal, signal);
    try {
      const headers = await this.headers(sent, open.signal, signal);
      const response = await this.send(path, { headers, signal: open.signal, cache: "no-store" }).catch(lost);
      if (!response.ok) {
        throw refusal(response, await response.text().catch(lost));
      }
      if (!response.headers.get("Content-Type")?.startsWith("text/event-stream") || response.body === null) {
        throw new StoreError(`${this.url} answers no stream: is that the address of the store?`, response.status);
      }
      return response;
    } finally {
      clearTimeout(timer);
    }
  }

  /** What a failed `fetch`, or a body that broke off, means to the caller: his own end, or no answer. */
  lost(ended: AbortSignal, asked?: AbortSignal): (failure: unknown) => never {
    return (failure) => {
      if (failure instanceof StoreError) {
        throw failure;
      }
      throw asked?.aborted ? asked.reason : unanswered(this.url, ended.aborted ? ended.reason : failure);
    };
  }

  /** These headers, and who calls; a token is waited for until the call ends. */
  async headers(sent: HeadersInit | undefined, ended: AbortSignal, asked?: AbortSignal): Promise<Headers> {
    const headers = new Headers(sent);
    if (this.credential !== undefined) {
      const given = typeof this.credential === "string" ? this.credential : await unlessEnded(this.credential(), ended, () =>
        asked?.aborted ? asked.reason : new StoreUnavailable(`there is no token for ${this.url} in time`));
      headers.set("Authorization", `Bearer ${checked(given)}`);
    }
    return headers;
  }

  /** The answer as soon as its head is there. */
  async send(path: string, init: RequestInit): Promise<Response> {
    const response = await this.fetch.call(globalThis, this.url + path, { ...init, redirect: "manual" });
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      throw new StoreError(`${this.url} sends requests elsewhere: is that the address of the store?`, response.status || undefined);
    }
    return response;
  }
}

/** What these parts of a list hold, up to so many of them. */
export async function* items<T>(parts: AsyncIterable<{ data: T[] }>, limit = Infinity): AsyncGenerator<T, void, undefined> {
  let left = limit;
  for await (const part of parts) {
    for (const item of part.data) {
      if (left-- <= 0) {
        return;
      }
      yield item;
    }
    if (left <= 0) {
      return;
    }
  }
}

/** The pause before the next try: growing, and uneven, so that those sent away together don't come back together. */
export function pauseAfter(tries: number): number {
  const longest = Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE);
  return longest * (0.5 + Math.random() / 2);
}

/** Waits so many milliseconds; throws the signal's reason as soon as that is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** An id that nobody else has. `crypto.randomUUID` is not there in a page that came over plain HTTP. */
export function uuid(): string {
  if (typeof crypto.randomUUID === "function") {
    return crypto.randomUUID();
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** What an answer says, which is an object. */
export function json<T>(body: string, url: string): T {
  try {
    const said: unknown = JSON.parse(body);
    if (typeof said !== "object" || said === null || Array.isArray(said)) {
      throw new TypeError("no object");
    }
    return said as T;
  } catch (failure) {
    throw new StoreError(`the answer of ${url} is not JSON: is that the address of the store?`, undefined, {}, { cause: failure });
  }
}

async function within<T>(timeout: number, signal: AbortSignal | undefined, work: (both: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(timedOut()), Math.max(timeout, 1));
  try {
    return await work(merged(signal, ended));
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}

/** The signal of the other, which `signal` aborts too; that is heard until the other is aborted. */
export function merged(signal: AbortSignal | undefined, other: AbortController): AbortSignal {
  const end = () => other.abort(signal?.reason);
  if (signal?.aborted) {
    end();
  } else {
    signal?.addEventListener("abort", end, { once: true });
    other.signal.addEventListener("abort", () => signal?.removeEventListener("abort", end), { once: true });
  }
  return other.signal;
}

function unlessEnded<T>(work: T | Promise<T>, ended: AbortSignal, reason: () => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(reason());
    if (ended.aborted) {
      end();
    }
    ended.addEventListener("abort", end, { once: true });
    Promise.resolve(work).then(resolve, reject).finally(() => ended.removeEventListener("abort", end));
  });
}

function timedOut(): Error {
  return new Error("timed out");
}

function address(url: string): string {
  const here: string | undefined = (globalThis as { location?: { href: string } }).location?.href;
  let parsed: URL;
  try {
    parsed = new URL(url, here);
  } catch {
    throw new TypeError("url is where the store is, http://host:port or https://host:port");
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new TypeError(`url is where the store is, http://host:port or https://host:port, not ${parsed.protocol}`);
  }
  if (parsed.username || parsed.password || parsed.search || parsed.hash) {
    throw new TypeError("url must not have a user, a query or a fragment; a key goes into key");
  }
  return parsed.origin + parsed.pathname.replace(/\/+$/, "");
}

function checked(credential: string): string {
  if (!/^[\x21-\x7e]+$/.test(credential)) { // which an error further down would print
    throw new TypeError("the key or token has characters that none has");
  }
  return credential;
}

/** JSON of a value; it has no NaN and nothing infinite, which would be sent as null. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (name, each: unknown) => {
    if (typeof each === "number" && !Number.isFinite(each)) {
      throw new TypeError(`JSON has no number ${each}, as ${JSON.stringify(name)} is`);
    }
    return each;
  });
}

/** What a header takes: its bytes are those of UTF-8, one for each character of this text. */
function headerText(text: string): string {
  if (!/^\P{Cc}+$/u.test(text)) {
    throw new TypeError(`a key is one character or more, and none of control: ${JSON.stringify(text)}`);
  }
  return Array.from(new TextEncoder().encode(whole(text)), (byte) => String.fromCharCode(byte)).join("");
}

function positive(name: string, milliseconds: number): number {
  if (!(milliseconds > 0)) {
    throw new TypeError(`${name} must be more than 0 milliseconds`);
  }
  return Math.min(milliseconds, LONGEST_TIMEOUT);
}
