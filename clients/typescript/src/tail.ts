import { isProblem, StoreError, StoreUnavailable, unanswered } from "./errors.js";
import { EventStreamParser, type ServerSentEvent } from "./event-stream.js";
import { pathOf, queryOf } from "./paths.js";
import { json, merged, type Service, sleep } from "./service.js";
import type { AgentSwitch, Message, Ranges } from "./types.js";

interface Started {
  session_id: string;
  last_seq: number;
  switch_count: number;
  ranges: Ranges;
  view_no: number;
}

interface Events {
  message: Message;
  agent_switch: AgentSwitch;
  /** The newest view, behind the message `at_seq`. */
  view: { ranges: Ranges; at_seq: number; view_no: number };
  /** The log begins anew at `first_seq`, and follows. */
  history_replaced: { first_seq: number; last_seq: number };
  agent_history_replaced: { last_switch_no: number };
  /**
   * The last event of the session. Where all of several have gone while there was no connection, those are told of in which
   * anything had happened.
   */
  session_deleted: object;
  /** The draft is now its first `offset` code points, and `text` behind them. */
  draft: { message_id: string; offset: number; text: string };
  /** The draft has ended without a message. */
  draft_discarded: { message_id: string };
}

interface OfOne extends Events {
  /** The stream has begun, or begun again after a lost connection: forget all drafts, they are told anew. */
  ready: Started;
}

type Named<T> = T & { session_id: string };

type OfMany = { [Name in keyof Events]: Named<Events[Name]> } & {
  /**
   * As of one session. A session that is not there yet has 0 for all numbers, as one that has nothing yet; one that is
   * soft-deleted says so.
   */
  ready: { sessions: (Started & { deleted?: true })[] };
};

type Told<Of> = {
  [Name in keyof Of]: {
    event: Name;
    data: Of[Name];
    /**
     * The position after it: opaque, and what `lastEventId` takes to go on from there. An event of a draft has that of the
     * event before it.
     */
    id: string | undefined;
  };
}[keyof Of];

/** One event of the tail of one session. */
export type TailEvent = Told<OfOne>;

/** One event of the tail of several sessions. */
export type SessionsTailEvent = Told<OfMany>;

export interface SessionsTailOptions {
  /** Where to go on: the `id` of the last event that was handled. */
  lastEventId?: string;

  /** Whether drafts are told of, with `draft` and `draft_discarded`. */
  drafts?: boolean;

  /** Ends the tail; it throws the signal's reason. */
  signal?: AbortSignal;

  /** Milliseconds without a connection after which it throws `StoreUnavailable`; 300,000 if it is not given. */
  giveUpAfter?: number;
}

export interface TailOptions extends SessionsTailOptions {
  /** Begin behind this message. `lastEventId` wins. */
  after?: number;

  /** Whether a session that is not there yet is followed from its creation, in place of `session-not-found`. */
  wait?: boolean;
}

const FIRST_RETRY = 1000;
const LONGEST_RETRY = 30_000;
const SILENCE = 45_000; // until a stream counts as lost; the store says something every 15 s
const GIVE_UP_AFTER = 300_000;

const NAMES = new Set<string>([
  "ready", "message", "agent_switch", "view", "history_replaced", "agent_history_replaced", "session_deleted", "draft",
  "draft_discarded",
] satisfies TailEvent["event"][]);

/**
 * The events of one session or several, to be taken once, with `for await`. It reads from the store as events are taken, and
 * holds no more than what came with the last one. Leaving the loop closes the connection, and so does `return`, at any time.
 */
export class Tail<Event extends TailEvent | SessionsTailEvent> implements AsyncIterableIterator<Event> {
  private readonly closed = new AbortController();
  private readonly generator: AsyncGenerator<Event, void, undefined>;
  private position: string | undefined;
  private retry = FIRST_RETRY;
  /** The sessions that have not been deleted, and whether each is known to be there. */
  private readonly left = new Map<string, boolean>();
  private ready = false;
  private heard = false;

  private constructor(
    private readonly service: Service,
    private readonly path: string,
    private readonly sessionIds: readonly string[],
    private readonly options: SessionsTailOptions,
  ) {
    this.position = options.lastEventId;
    sessionIds.forEach((id) => this.left.set(id, false));
    this.generator = this.events();
  }

  /** @internal */
  static ofOne(service: Service, sessionId: string, options: TailOptions): Tail<TailEvent> {
    const query = queryOf<"tailSession">({ after: options.after, wait: options.wait, drafts: options.drafts });
    return new Tail(service, pathOf(sessionId, "tail") + query, [sessionId], options);
  }

  /** @internal */
  static ofMany(service: Service, sessionIds: readonly string[], options: TailOptions): Tail<SessionsTailEvent> {
    if (options.after !== undefined) {
      throw new TypeError("after is for the tail of one session");
    }
    const query = queryOf<"tailSessions">({ session_id: [...sessionIds], drafts: options.drafts });
    return new Tail(service, "/v1/tail" + query, sessionIds, options);
  }

  /** The position behind the last event that was taken. */
  get lastEventId(): string | undefined {
    return this.position;
  }

  next(): Promise<IteratorResult<Event>> {
    return this.generator.next();
  }

  return(): Promise<IteratorResult<Event>> {
    this.closed.abort(CLOSED); // a `next` that waits ends, too
    return this.generator.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async *events(): AsyncGenerator<Event, void, undefined> {
    try {
      yield* this.connections(merged(this.options.signal, this.closed));
    } catch (error) {
      if (error !== CLOSED) {
        throw error;
      }
    } finally {
      this.closed.abort(CLOSED);
    }
  }

  private async *connections(signal: AbortSignal): AsyncGenerator<Event, void, undefined> {
    let failures = 0;
    let aloneSince = Date.now();
    for (;;) {
      const connection = new AbortController();
      let failure = new StoreUnavailable(`the stream of ${this.service.url} ends before it begins`);
      this.heard = false;
      try {
        for await (const event of this.connection(merged(signal, connection))) {
          yield event;
          if (event.event === "session_deleted" && this.left.size === 0) {
            return;
          }
        }
      } catch (error) {
        signal.throwIfAborted();
        if (this.ready && isProblem(error, "session-not-found", "session-deleted")) { // they went away meanwhile
          yield* this.deleted();
          return;
        }
        failure = healing(error);
      } finally {
        connection.abort(CLOSED);
      }
      if (this.heard) {
        [failures, aloneSince] = [0, Date.now()];
      } else if (Date.now() - aloneSince > (this.options.giveUpAfter ?? GIVE_UP_AFTER)) {
        throw failure;
      } else {
        failures++;
      }
      await sleep(Math.min(failure.retryAfter, LONGEST_RETRY) + this.pause(failures), signal);
    }
  }

  /** What is new on one connection, until it ends. */
  private async *connection(signal: AbortSignal): AsyncGenerator<Event, void, undefined> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.position !== undefined) {
      headers["Last-Event-ID"] = this.position;
    }
    const response = await this.service.stream(this.path, headers, this.service.timeout, signal);
    const parser = new EventStreamParser(this.position);
    for await (const bytes of chunks(this.service.url, response, signal)) {
      for (const told of parser.push(bytes)) {
        this.heard = true;
        this.retry = retryOf(parser.retry) ?? this.retry;
        if (told.event === "bye") {
          return;
        }
        this.position = told.id;
        const event = this.eventOf(told);
        if (event) {
          yield event;
        }
      }
      this.retry = retryOf(parser.retry) ?? this.retry;
      this.position = parser.lastEventId;
    }
  }

  private eventOf(told: ServerSentEvent): Event | undefined {
    if (!NAMES.has(told.event)) {
      return undefined; // of a store that is newer
    }
    type Data = Partial<Started> & { sessions?: (Partial<Started> & { deleted?: true })[]; deleted?: true };
    const data = json<Data>(told.data, this.service.url);
    const sessionId = data.session_id ?? this.sessionIds[0]!;
    if (told.event === "ready") {
      this.ready = true;
      const sessions = data.sessions ?? [data];
      const alone = sessions.filter(({ deleted }) => !deleted).length === 1; // then it is there, or this would be a 404 or 410
      for (const { session_id = sessionId, last_seq = 0, switch_count = 0, view_no = 0, deleted } of sessions) {
        if (deleted) {
          this.left.delete(session_id);
        } else { // one that has nothing yet looks like one that is not there
          const there = alone || last_seq > 0 || switch_count > 0 || view_no > 0;
          this.left.set(session_id, there || (this.left.get(session_id) ?? false));
        }
      }
    } else if (told.event === "session_deleted") {
      this.left.delete(sessionId);
    } else {
      this.left.set(sessionId, true);
    }
    return { event: told.event, data, id: told.id } as Event;
  }

  private *deleted(): Generator<Event, void, undefined> {
    for (const [session_id, there] of this.left) {
      if (there) {
        yield { event: "session_deleted", data: { session_id }, id: this.position } as Event;
      }
    }
    this.left.clear();
  }

  private pause(failures: number): number {
    const longest = Math.min(this.retry * 2 ** Math.min(failures, 10), LONGEST_RETRY);
    return longest * (1 + Math.random() / 4);
  }
}

const CLOSED = new Error("the tail was closed");

/** What a connection ended with, if it is worth another one; throws what will not heal. */
function healing(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) {
    return error;
  }
  if (error instanceof StoreError && (error.status ?? 0) >= 500) {
    return new StoreUnavailable(error.detail, error.status, error.problem);
  }
  throw error;
}

/** The bytes of an answer, read as they are taken; a silence that is too long is a lost connection. */
async function* chunks(url: string, response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body!.getReader();
  try {
    for (;;) {
      const read = reader.read();
      const silence = new AbortController();
      const silent = sleep(SILENCE, merged(signal, silence)).then((): never => {
        throw new Error("silence");
      });
      try {
        const { done, value } = await Promise.race([read, silent]);
        if (done) {
          return;
        }
        yield value;
      } catch (failure) {
        throw signal.aborted ? signal.reason : unanswered(url, failure);
      } finally {
        silence.abort();
        silent.catch(() => undefined);
        read.catch(() => undefined);
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function retryOf(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.min(Math.max(milliseconds, 100), LONGEST_RETRY);
}
