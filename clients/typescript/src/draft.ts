import { codePoints, indexOf } from "./draft-texts.js";
import { isProblem, refusal, StoreError, StoreUnavailable } from "./errors.js";
import { pathOf, queryOf } from "./paths.js";
import { type Service, json, jsonText, merged, pauseAfter, sleep } from "./service.js";
import type { SessionStore } from "./store.js";
import type { Appended, NewMessage } from "./types.js";

export interface DraftOptions {
  /**
   * How the text goes out. `stream`: in one request that lasts as long as the draft, for which `fetch` has to send a body bit
   * by bit, and whatever is in between has to pass it on so. `pieces`: a request for what has come since the last one, which
   * works everywhere. Without it `stream` in Node, with its own `fetch`, and `pieces` in all else.
   */
  send?: "stream" | "pieces";

  /** Whether a session that does not exist is created (as it is if this is not given). */
  create?: boolean;

  /** The text that the draft has already, to go on with it in another process; `getDrafts` tells it. */
  text?: string;

  /** Ends the writing, not the draft: what goes on throws the signal's reason, and the draft stays open. */
  signal?: AbortSignal;
}

type End = { message: NewMessage } | { discard: true };

const MOST_UNITS_A_LINE = 64 * 1024;
const SILENCE = 60_000; // milliseconds after which the store discards a draft that nobody writes to
const LASTED = 2000; // milliseconds after which a stream that broke off is none that failed to begin
const TYPE = "application/x-ndjson";

/**
 * A message while it is being written.
 *
 * The text goes out in the background: `write` does not wait for the network. The draft knows all of its text, so it goes on by
 * itself after lost connections and restarts of the store, from where the store has it. What will not heal is thrown by the next
 * `write`, and so is that the store did not answer for longer than its `timeout`. While the store can't hold the draft (429, 5xx),
 * because there are too many, say, the text is kept, and goes out later.
 *
 * The store discards a draft that nobody has written to for 60 s: `write("")` is a sign of life, while a model thinks.
 */
export class Draft {
  readonly sessionId: string;

  /** The `id` that the message gets. */
  readonly messageId: string;

  private readonly path: string;
  private readonly streams: boolean;

  private create: boolean | undefined;
  private said: string;
  /** Half of a character, whose other half comes with the next piece. */
  private half = "";
  /** Up to here the text has been given to the network; more is never claimed to be there. */
  private sent: number;
  private signs = 0;
  private saidAt = Date.now();
  private end: string | undefined; // its line
  private discards = false;
  /** Whether the present try has given the end to the network. */
  private endSent = false;
  /** Whether the end may have been carried out. */
  private endUnknown = false;
  private endedAt = 0;
  private failure: unknown;
  private sending: Promise<void> | undefined;
  private ending: Promise<Appended | undefined> | undefined;
  private answer: unknown;
  private wake: (() => void) | undefined;
  /** Has the present request end in time, once the draft is to end. */
  private limit: (() => void) | undefined;

  /** @internal */
  constructor(
    private readonly store: SessionStore,
    private readonly service: Service,
    sessionId: string,
    messageId: string,
    private readonly options: DraftOptions,
    ownFetch: boolean,
  ) {
    this.sessionId = sessionId;
    this.messageId = messageId;
    this.path = pathOf(sessionId, "drafts", messageId);
    this.create = options.create;
    this.said = wellFormed(options.text ?? "");
    this.sent = this.said.length;
    this.streams = options.send === undefined ? ownFetch && inNode() : options.send === "stream";
  }

  /** All that has been said. */
  get text(): string {
    return this.said + this.half;
  }

  /**
   * Says more. An empty text is a sign of life. Throws what ended the writing: `draft-taken` if another writer has gone on with
   * the draft, `draft-silent` after 60 s without a word, `too-large`, `StoreUnavailable`, …
   */
  async write(text: string): Promise<void> {
    if (this.ending !== undefined) {
      throw new TypeError("the draft has ended");
    }
    this.options.signal?.throwIfAborted();
    if (this.failure !== undefined) {
      throw this.failure;
    }
    const more = this.half + text;
    this.half = /[\uD800-\uDBFF]$/.test(more) ? more.slice(-1) : "";
    this.said += wellFormed(this.half === "" ? more : more.slice(0, -1));
    this.signs++;
    this.saidAt = Date.now();
    this.go();
  }

  /**
   * Ends the draft with its message, which is appended with the draft's id, whatever its text was, also where the store can't
   * hold the draft. Safe to be repeated: the message is known by its id. Throws `draft-taken` if another writer has gone on with
   * the draft, else the errors of an append.
   */
  async commit(message: NewMessage): Promise<Appended> {
    if (message.id !== undefined && message.id !== this.messageId) {
      throw new TypeError(`the message of the draft ${this.messageId} has another id: ${message.id}`);
    }
    if (this.ending !== undefined) {
      await this.ending.catch(() => undefined);
      return this.append(message); // the same once more gets the first answer
    }
    this.ending = this.endWith({ message: { ...message, id: this.messageId } });
    return (await this.ending)!;
  }

  /** Ends the draft without a message. Nothing happens if there is none. */
  async discard(): Promise<void> {
    if (this.ending !== undefined) {
      throw new TypeError("the draft has ended");
    }
    this.ending = this.endWith({ discard: true });
    await this.ending;
  }

  private async endWith(end: End): Promise<Appended | undefined> {
    this.options.signal?.throwIfAborted();
    const line = `${jsonText(end)}\n`;
    const begun = this.sending !== undefined || this.said !== "";
    if (this.failure === undefined && begun) {
      this.end = line;
      this.discards = "discard" in end;
      this.endedAt = Date.now();
      this.limit?.();
      while (this.answer === undefined && this.failure === undefined) {
        this.go();
        await this.sending;
      }
    }
    if (this.answer !== undefined) {
      return this.answer as Appended;
    }
    const failure = this.failure;
    if (isProblem(failure, "draft-taken", "draft-offset") || this.options.signal?.aborted) {
      throw failure; // another writer decides on it
    }
    if ("message" in end && isProblem(failure, "session-not-found", "session-deleted")) {
      throw failure; // an append would make it anew
    }
    if ("message" in end) {
      return this.append(end.message).catch((error: unknown) => { // which ends the draft as well, if there is one
        if (error instanceof StoreError) {
          error.outcomeUnknown ||= this.endUnknown;
        }
        throw error;
      });
    }
    if (failure === undefined || isProblem(failure, "draft-silent", "session-not-found", "session-deleted", "too-many-drafts")) {
      return undefined;
    }
    throw failure;
  }

  private append(message: NewMessage): Promise<Appended> {
    const { signal } = this.options;
    return this.store.append(this.sessionId, { ...message, id: this.messageId }, { create: this.create, signal });
  }

  // ---- what goes on in the background

  private go(): void {
    this.wake?.();
    this.sending ??= this.send().catch((failure: unknown) => {
      this.failure = this.options.signal?.aborted ? this.options.signal.reason : failure;
    }).finally(() => {
      if (!this.streams && this.failure === undefined && this.answer === undefined) {
        this.sending = undefined;
        if (this.isMore(0)) {
          this.go();
        }
      }
    });
  }

  /** Sends until the draft has ended, or, in pieces, until there is no more. */
  private async send(): Promise<void> {
    const { signal } = this.options;
    let failures = 0;
    let since = Date.now();
    let lost: StoreUnavailable | undefined;
    let endedInVain = false;
    for (;;) {
      const begun = Date.now();
      const signs = this.signs;
      this.endSent = false;
      try {
        const answer = this.streams ? await this.sendAll(this.sent) : await this.sendPiece(this.sent);
        if (!("offset" in answer)) {
          this.answer = answer;
          return;
        }
        this.create = false; // it is there, and if it goes it stays so
        [failures, since, lost] = [0, Date.now(), undefined];
        if (!this.streams && !this.isMore(signs)) {
          return;
        }
      } catch (error) {
        signal?.throwIfAborted();
        this.endUnknown ||= this.endSent && error instanceof StoreError && error.outcomeUnknown;
        // without a message there is nothing that need not wait
        if (isNotHeld(error) && (!this.discards || error.is("too-many-drafts"))) {
          const busy = error instanceof StoreUnavailable ? error : undefined;
          lost = busy ?? lost;
          if (this.end === undefined) {
            await this.rest(Math.min((busy?.retryAfter ?? 0) + pauseAfter(++failures), this.service.timeout));
            since = Date.now();
          }
          if (this.end !== undefined) { // its message need not wait for a draft
            if (error.is("too-many-drafts") || (!this.discards && (!busy || endedInVain))) {
              throw error;
            }
            endedInVain = true; // another try may tell that somebody else writes to it
            await sleep(pauseAfter(1), signal);
          }
          continue;
        }
        if (isProblem(error, "draft-offset")) {
          await this.goOnAt(error);
        } else if (!(error instanceof StoreUnavailable)) {
          throw error;
        }
        if (this.streams && this.end === undefined && Date.now() - begun > LASTED) {
          [failures, since] = [0, Date.now()];
        }
        since = Math.max(since, this.endedAt); // from here on somebody waits
        lost = error instanceof StoreUnavailable ? error : lost;
        const pause = error instanceof StoreUnavailable ? error.retryAfter + pauseAfter(++failures)
          : 10 * failures++; // we know where to go on
        if (Date.now() + pause - since > this.service.timeout) {
          throw lost ?? error; // where we go on is no reason to stop
        }
        await sleep(pause, signal);
      }
    }
  }

  /** Waits so many milliseconds, or until the draft is to end; until something is said if nothing was for long. */
  private async rest(milliseconds: number): Promise<void> {
    const { signal } = this.options;
    if (Date.now() - this.saidAt > SILENCE) {
      return new Promise((resolve) => {
        const end = () => {
          signal?.removeEventListener("abort", end);
          resolve();
        };
        this.wake = end;
        signal?.addEventListener("abort", end, { once: true });
      });
    }
    const ended = new AbortController();
    this.limit = () => ended.abort();
    await sleep(milliseconds, merged(signal, ended)).catch(() => signal?.throwIfAborted());
    this.limit = undefined;
    ended.abort();
  }

  private isMore(signs: number): boolean {
    return this.sent < this.said.length || this.end !== undefined || (signs > 0 && this.signs > signs);
  }

  /**
   * The store has another part of the text than we suppose: the end of it was lost on the way, or an answer was. If what it has
   * is ours we go on there; if not, somebody else writes to the draft.
   */
  private async goOnAt(refused: StoreError): Promise<void> {
    const offset = refused.problem.offset ?? 0;
    const index = indexOf(this.said, offset);
    const theirs = offset > 0 && (await this.store.getDrafts(this.sessionId, { signal: this.options.signal }))
      .find((draft) => draft.message_id === this.messageId)?.text;
    if (typeof theirs === "string" ? !this.said.startsWith(theirs) : codePoints(this.said.slice(0, index)) < offset) {
      throw refused;
    }
    this.sent = typeof theirs === "string" ? theirs.length : index;
  }

  private async sendPiece(from: number): Promise<object> {
    const lines: string[] = [];
    if (this.end === undefined) {
      this.sent = Math.min(this.said.length, nextLine(this.said, from));
      lines.push(textLine(this.said.slice(from, this.sent)));
    } else {
      lines.push(this.end);
      this.endSent = true;
    }
    const init = { method: "POST", body: lines.join(""), headers: { "Content-Type": TYPE, Accept: "application/json" } };
    const answer = await this.service.once(this.pathAt(from), init, this.service.timeout, this.options.signal);
    return json<object>(answer.body, this.service.url);
  }

  private async sendAll(from: number): Promise<object> {
    const request = new AbortController();
    const { signal } = this.options;
    merged(signal, request);
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.limit = () => {
      timer ??= setTimeout(() => request.abort(new Error("timed out")), this.service.timeout);
    };
    if (this.end !== undefined) {
      this.limit();
    }
    const lost = this.service.lost(request.signal, signal);
    try {
      const headers = await this.service.headers({ "Content-Type": TYPE, Accept: "application/json" }, request.signal, signal);
      const init = { method: "POST", body: this.lines(from, request.signal), headers, signal: request.signal, duplex: "half" };
      const response = await this.service.send(this.pathAt(from), init as RequestInit).catch(lost);
      const body = await response.text().catch(lost);
      if (!response.ok) {
        throw refusal(response, body);
      }
      return json<object>(body, this.service.url);
    } finally {
      this.limit = undefined;
      clearTimeout(timer);
      request.abort();
      this.wake?.();
    }
  }

  /** What is said from there on, line by line as it comes, until the draft ends. */
  private lines(from: number, signal: AbortSignal): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    let at = from;
    let signs = this.signs - 1; // say something at once, so that the draft begins
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        while (at === this.said.length && this.end === undefined && signs === this.signs && !signal.aborted) {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
        }
        if (signal.aborted) {
          return;
        }
        if (at < this.said.length || this.end === undefined) {
          const begin = at;
          at = nextLine(this.said, begin);
          this.sent = at;
          signs = this.signs;
          controller.enqueue(encoder.encode(textLine(this.said.slice(begin, at))));
        } else {
          controller.enqueue(encoder.encode(this.end));
          this.endSent = true;
          controller.close();
        }
      },
    }, { highWaterMark: 0 });
  }

  private pathAt(index: number): string {
    const offset = codePoints(this.said.slice(0, index));
    return this.path + queryOf<"writeDraft">({ offset: offset || undefined, create: this.create });
  }
}

/** Whether the store may take the message, though it does not hold the draft. */
function isNotHeld(error: unknown): error is StoreError {
  return error instanceof StoreError && (error.status === 429 || (error.status ?? 0) >= 500);
}

function textLine(text: string): string {
  return `${JSON.stringify({ text })}\n`;
}

/** Where a line that begins there ends, not in the middle of a character. */
function nextLine(text: string, begin: number): number {
  const end = Math.min(text.length, begin + MOST_UNITS_A_LINE);
  return end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1]!) ? end - 1 : end;
}

/** Halves of characters that have no other half would be refused. */
function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g, (found) => (found.length === 2 ? found : "\uFFFD"));
}

function inNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined && !("window" in globalThis);
}
