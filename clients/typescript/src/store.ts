import { Draft, type DraftOptions } from "./draft.js";
import { isProblem } from "./errors.js";
import type { components } from "./openapi.js";
import { encoded, labelsOf, pathOf, queryOf, timeOf } from "./paths.js";
import { type CallOptions, type Credential, items, Service, uuid } from "./service.js";
import { type SessionsTailEvent, type SessionsTailOptions, Tail, type TailEvent, type TailOptions } from "./tail.js";
import type {
  AgentContext, AgentSwitch, Appended, Compacted, Context, Erasure, FoundMessage, History, Message, MessageList, MessagePage,
  NewAgentContext, NewAgentSwitch, NewCompaction, NewFork, NewMessage, NewSession, NewTurn, OpenDraft, Ranges, Retention, Role,
  SavedHistory, Session, SessionStats, SessionUpdate, Turn, View,
} from "./types.js";

export interface StoreOptions {
  /** Where the store is, with a path before `/v1` if it has one; `http://127.0.0.1:8080` if it is not given. */
  url?: string;

  /** Sent as `Authorization: Bearer …`. */
  key?: string;

  /** In place of `key`: a token, or what gives the one that is good now, asked before each request. */
  token?: Credential;

  /** Used in place of the global one. */
  fetch?: typeof globalThis.fetch;

  /** Milliseconds that a call waits in all, its repeated tries included; 30,000 if it is not given. */
  timeout?: number;

  /** How often a call is tried again; 11 if it is not given: with their pauses ten seconds, in which a store can start again. */
  retries?: number;
}

export interface ReadOptions extends CallOptions {
  /** Whether a soft-deleted session is read too. */
  includeDeleted?: boolean;
}

export interface WriteOptions extends CallOptions {
  /**
   * For calls that the program itself may repeat, after a restart for instance: the second one answers what the first did.
   * Without it each call has its own.
   */
  idempotencyKey?: string;
}

export interface AppendOptions extends WriteOptions {
  /** Whether a session that does not exist is created (as it is if this is not given); if not it is `session-not-found`. */
  create?: boolean;

  /** Append only if this is still the session's `last_seq`; else `sequence-conflict`. */
  ifLastSeq?: number;
}

export interface ViewOptions extends WriteOptions {
  /** Change the view only if it is still this one, and nobody has written since; else `sequence-conflict`. */
  ifView?: Pick<View, "last_seq" | "view_no">;
}

export interface FindOptions extends CallOptions {
  owner?: string;
  /** That the sessions have, with these texts. */
  labels?: Readonly<Record<string, string>>;
  /** A part of the title, in any case and width. */
  title?: string;
  /** The first time of the last activity, or of the creation with the order `created`. */
  from?: Date | string;
  /** The last such time. */
  to?: Date | string;
  /** `activity`: the most recently active first. `created`: the oldest first, the order to walk all sessions by. */
  order?: "activity" | "created";
  includeDeleted?: boolean;
  /** How many at most; all if it is not given. */
  limit?: number;
}

export interface MessagesOptions extends ReadOptions {
  role?: Role;
  from?: Date | string;
  to?: Date | string;
  /** How many at most; all if it is not given. */
  limit?: number;
}

export interface SearchOptions extends CallOptions {
  /** Of their sessions. */
  owner?: string;
  labels?: Readonly<Record<string, string>>;
  /** The only session that is searched. */
  sessionId?: string;
  role?: Role;
  from?: Date | string;
  to?: Date | string;
  /** How many at most; all if it is not given. */
  limit?: number;
}

const MOST_ITEMS = 1000; // in one part of a list, in one append
const MESSAGES_A_PART = 500;
const MOST_FOUND = 100;
const MOST_BY_ID = 100;
const BYTES_A_PART = 4 << 20;

/**
 * The sessions in one Agent Session Store. Keep one for the whole program.
 *
 * What is sent and answered has the names of the API; what a method takes besides is in its options. A call that finds the
 * store busy, or loses its connection, is tried again with growing pauses, and that is safe: what must not be done twice has
 * an `Idempotency-Key`, or, where it removes for good, is not tried again once it may have been done. Errors are `StoreError`.
 */
export class SessionStore {
  private readonly service: Service;
  private readonly ownFetch: boolean;

  constructor({ url = "http://127.0.0.1:8080", key, token, fetch, timeout = 30_000, retries = 11 }: StoreOptions = {}) {
    if (key !== undefined && token !== undefined) {
      throw new TypeError("key and token are two ways to say the same");
    }
    this.service = new Service(url, key ?? token, fetch ?? globalThis.fetch, timeout, retries);
    this.ownFetch = fetch === undefined;
  }

  /** Where the store is. */
  get url(): string {
    return this.service.url;
  }

  // ---- sessions

  /** Creates a session without messages; without a `session_id` it gets a new one. `session-exists` if it is there. */
  createSession(session: NewSession = {}, options: CallOptions = {}): Promise<Session> {
    return this.make("/v1/sessions", session, options);
  }

  getSession(sessionId: string, options: ReadOptions = {}): Promise<Session> {
    const query = queryOf<"getSession">({ include_deleted: options.includeDeleted });
    return this.service.call("GET", pathOf(sessionId) + query, callOf(options));
  }

  /** The sessions that pass everything that is given; they are asked for in parts, as they are taken. */
  findSessions(options: FindOptions = {}): AsyncIterableIterator<Session> {
    const { owner, title, order, includeDeleted, limit } = options;
    const query = queryOf<"listSessions">({
      owner, title, order, label: labelsOf(options.labels), from: timeOf(options.from), to: timeOf(options.to),
      include_deleted: includeDeleted, limit: partOf(limit, MOST_ITEMS),
    });
    return this.service.walk("/v1/sessions" + query, limit, callOf(options));
  }

  /** Changes what is given, and removes what is null; labels change by name, metadata as a whole. */
  updateSession(sessionId: string, changes: SessionUpdate, options: CallOptions = {}): Promise<Session> {
    return this.service.call("PATCH", pathOf(sessionId), { ...callOf(options), body: changes });
  }

  /** Hides a session until `restoreSession`, or with `soft: false` removes it for good. */
  async deleteSession(sessionId: string, options: CallOptions & { soft?: boolean } = {}): Promise<void> {
    const query = queryOf<"deleteSession">({ soft: options.soft });
    try {
      await this.service.call("DELETE", pathOf(sessionId) + query, { ...callOf(options), repeatable: options.soft !== false });
    } catch (error) {
      if (!(isProblem(error, "session-deleted") && error.outcomeUnknown)) {
        throw error;
      } // else the try that got no answer has done it
    }
  }

  /** Undoes a soft delete; `session-not-deleted` if there is nothing to undo. */
  async restoreSession(sessionId: string, options: CallOptions = {}): Promise<Session> {
    try {
      return await this.service.call<Session>("POST", pathOf(sessionId, "restore"), callOf(options));
    } catch (error) {
      if (isProblem(error, "session-not-deleted") && error.outcomeUnknown) {
        return this.getSession(sessionId, options);
      }
      throw error;
    }
  }

  /** Number of messages, sum of their `token_count`, times. */
  getStats(sessionId: string, options: ReadOptions = {}): Promise<SessionStats> {
    const query = queryOf<"getSessionStats">({ include_deleted: options.includeDeleted });
    return this.service.call("GET", pathOf(sessionId, "stats") + query, callOf(options));
  }

  /**
   * A new session that begins as this one was, through the message `through_seq` or as a whole. Its details are those that
   * are given here, and none of the other's. The answer takes as long as the copy: give a very long log more `timeout`.
   */
  fork(sessionId: string, fork: NewFork = {}, options: CallOptions = {}): Promise<Session> {
    return this.make(pathOf(sessionId, "forks"), fork, options);
  }

  private async make(path: string, body: NewSession & NewFork, options: CallOptions): Promise<Session> {
    const session_id = body.session_id ?? uuid(); // a name of its own, so that a retry makes no second one
    try {
      return await this.service.call<Session>("POST", path, { ...callOf(options), body: { ...body, session_id } });
    } catch (error) {
      if (isProblem(error, "session-exists") && error.outcomeUnknown && body.session_id == null) {
        return this.getSession(session_id, options); // the try that got no answer has made it
      }
      throw error;
    }
  }

  // ---- messages

  /** Appends one message, or up to 1000, all or nothing; creates the session if it is new. */
  append(sessionId: string, messages: NewMessage | readonly NewMessage[], options: AppendOptions = {}): Promise<Appended> {
    const query = queryOf<"appendMessages">({ create: options.create });
    const request = { ...callOf(options), body: messages, headers: ifLast(options.ifLastSeq) };
    return this.service.keyed("POST", pathOf(sessionId, "messages") + query, request, options.idempotencyKey);
  }

  /**
   * Appends any number of messages, in parts of up to 1000, each all or nothing and written once. If it fails the parts before
   * are written; give the messages an `id` each, and all of it can be sent again: what is stored is passed over.
   */
  async appendAll(sessionId: string, messages: Iterable<NewMessage> | AsyncIterable<NewMessage>,
    options: CallOptions & { create?: boolean } = {}): Promise<{ appended: number; last_seq?: number }> {
    let appended = 0;
    let lastSeq: number | undefined;
    for await (const part of partsToAppend(messages)) {
      lastSeq = (await this.append(sessionId, part, options)).last_seq;
      appended += part.length;
    }
    return lastSeq === undefined ? { appended } : { appended, last_seq: lastSeq };
  }

  /** All messages behind `after`, the oldest first; they are asked for in parts, as they are taken. */
  messages(sessionId: string, options: MessagesOptions & { after?: number } = {}): AsyncIterableIterator<Message> {
    const path = messagesPath(sessionId, { ...options, after: options.after ?? 0 }, partOf(options.limit, MESSAGES_A_PART));
    return this.service.walk(path, options.limit, callOf(options));
  }

  /**
   * One part of the messages, the oldest first: the first `limit` (100) behind `after`, or the last ones before `before`,
   * which `"end"` makes the newest.
   */
  listMessages(sessionId: string, options: MessagesOptions & { after?: number; before?: number | "end" } = {}): Promise<MessageList> {
    return this.service.call("GET", messagesPath(sessionId, options, options.limit), callOf(options));
  }

  /** A numbered page, the oldest messages on page 1; page N costs the same at any depth. */
  getMessagePage(sessionId: string, options: ReadOptions & { page?: number; pageSize?: number } = {}): Promise<MessagePage> {
    const query = queryOf<"listMessages">({
      page: options.page ?? 1, page_size: options.pageSize, include_deleted: options.includeDeleted,
    });
    return this.service.call("GET", pathOf(sessionId, "messages") + query, callOf(options));
  }

  getMessage(sessionId: string, seq: number, options: ReadOptions = {}): Promise<Message> {
    const query = queryOf<"getMessage">({ include_deleted: options.includeDeleted });
    return this.service.call("GET", pathOf(sessionId, "messages", seq) + query, callOf(options));
  }

  /** The messages with these ids, as far as there are any, in the order of the log. */
  async getMessagesById(sessionId: string, ids: readonly string[], options: ReadOptions = {}): Promise<Message[]> {
    const found: Message[] = [];
    for (let i = 0; i < ids.length; i += MOST_BY_ID) {
      const query = queryOf<"listMessages">({ id: ids.slice(i, i + MOST_BY_ID), include_deleted: options.includeDeleted });
      const part = await this.service.call<MessageList>("GET", pathOf(sessionId, "messages") + query, callOf(options));
      found.push(...part.data);
    }
    return found.sort((a, b) => a.seq - b.seq);
  }

  // ---- what a model sees

  /** What a model sees, ready to be sent to one; with `full` also `seq`, `timestamp`, `token_count` and `metadata`. */
  getHistory(sessionId: string, options: ReadOptions & { full?: boolean } = {}): Promise<History> {
    const query = queryOf<"getHistory">({ full: options.full, include_deleted: options.includeDeleted });
    return this.service.call("GET", pathOf(sessionId, "history") + query, callOf(options));
  }

  /**
   * Saves the whole history: creates the session if it is new, appends what is new, and makes it what a model sees. The log
   * keeps every message; only a history that has nothing in common with what is stored begins the log anew.
   */
  saveHistory(sessionId: string, messages: readonly NewMessage[],
    options: CallOptions & { lastActivity?: Date | string } = {}): Promise<SavedHistory> {
    const body = { messages, last_activity: timeOf(options.lastActivity) };
    return this.service.call("PUT", pathOf(sessionId, "history"), { ...callOf(options), body });
  }

  /** The newest messages that fit, ready to be sent to a model, calls beside their results. One of the two limits is needed. */
  getContext(sessionId: string, options: ReadOptions & {
    maxTokens?: number;
    maxMessages?: number;
    /** Whether system and developer messages come first and count too (`keep`), or are left out. */
    system?: "keep" | "drop";
  }): Promise<Context> {
    const { maxTokens, maxMessages, system, includeDeleted } = options;
    const query = queryOf<"getContext">({
      max_tokens: maxTokens, max_messages: maxMessages, system, include_deleted: includeDeleted,
    });
    return this.service.call("GET", pathOf(sessionId, "context") + query, callOf(options));
  }

  /** Which messages of the log a model sees: ranges of `seq`, in its order. */
  getView(sessionId: string, options: ReadOptions = {}): Promise<View> {
    const query = queryOf<"getView">({ include_deleted: options.includeDeleted });
    return this.service.call("GET", pathOf(sessionId, "view") + query, callOf(options));
  }

  /** Sets the view: rewinds (`[[1, 20], [57]]` where 56 is the last message), hides, takes back (`[]`). */
  setView(sessionId: string, ranges: Ranges, options: ViewOptions = {}): Promise<View> {
    const request = { ...callOf(options), body: { ranges }, headers: ifView(options.ifView) };
    return this.service.keyed("PUT", pathOf(sessionId, "view"), request, options.idempotencyKey);
  }

  /**
   * Takes back what follows a message: a model sees what stands before it, it, and what comes from now on. The log keeps the
   * rest. `sequence-conflict` if somebody has written meanwhile, RangeError if a model does not see the message.
   */
  async rewind(sessionId: string, throughSeq: number, options: CallOptions = {}): Promise<View> {
    const view = await this.getView(sessionId, options);
    const ranges: Ranges = [];
    for (const [first, last] of closedRanges(view)) {
      if (first <= throughSeq && throughSeq <= last) {
        ranges.push([first, throughSeq], [view.last_seq + 1]);
        return this.setView(sessionId, ranges, { ...callOf(options), ifView: view });
      }
      ranges.push([first, last]);
    }
    throw new RangeError(`the view of ${sessionId} has no message ${throughSeq}`);
  }

  /** Appends a summary, and puts it in the view in place of what it sums up. The log keeps what it stands for. */
  compact(sessionId: string, compaction: NewCompaction, options: ViewOptions = {}): Promise<Compacted> {
    const request = { ...callOf(options), body: compaction, headers: ifView(options.ifView) };
    return this.service.keyed("POST", pathOf(sessionId, "compactions"), request, options.idempotencyKey);
  }

  // ---- turns and agents

  /** Messages, a switch of the agent, metadata of its context and details of the session at once, all or nothing. */
  appendTurn(sessionId: string, turn: NewTurn, options: AppendOptions = {}): Promise<Turn> {
    const query = queryOf<"appendTurn">({ create: options.create });
    const request = { ...callOf(options), body: turn, headers: ifLast(options.ifLastSeq) };
    return this.service.keyed("POST", pathOf(sessionId, "turns") + query, request, options.idempotencyKey);
  }

  /** Which agent is at work; `agent-context-not-found` if none ever was. */
  getAgentContext(sessionId: string, options: ReadOptions = {}): Promise<AgentContext> {
    const query = queryOf<"getAgentContext">({ include_deleted: options.includeDeleted });
    return this.service.call("GET", pathOf(sessionId, "agent-context") + query, callOf(options));
  }

  /** Saves the context, with its history of switches if that is given. The session must exist. */
  saveAgentContext(sessionId: string, context: NewAgentContext, options: CallOptions = {}): Promise<AgentContext> {
    const request = { ...callOf(options), body: context, repeatable: context.agent_history === undefined };
    return this.service.call("PUT", pathOf(sessionId, "agent-context"), request);
  }

  /** Removes the context and its switches. */
  deleteAgentContext(sessionId: string, options: CallOptions = {}): Promise<void> {
    return this.service.call("DELETE", pathOf(sessionId, "agent-context"), { ...callOf(options), repeatable: false });
  }

  /** The contexts of all sessions that have one. */
  agentContexts(options: CallOptions & { limit?: number } = {}): AsyncIterableIterator<AgentContext> {
    const query = queryOf<"listAgentContexts">({ limit: partOf(options.limit, MOST_ITEMS) });
    return this.service.walk("/v1/agent-contexts" + query, options.limit, callOf(options));
  }

  /** Hands the session to another agent; with `from_agent` only if that one is still at work, else `agent-conflict`. */
  switchAgent(sessionId: string, agentSwitch: NewAgentSwitch, options: WriteOptions = {}): Promise<AgentSwitch> {
    const request = { ...callOf(options), body: agentSwitch };
    return this.service.keyed("POST", pathOf(sessionId, "agent-switches"), request, options.idempotencyKey);
  }

  /** The switches, the newest first, or the oldest with `order: "asc"`. */
  agentSwitches(sessionId: string,
    options: ReadOptions & { order?: "asc" | "desc"; limit?: number } = {}): AsyncIterableIterator<AgentSwitch> {
    const { order, limit, includeDeleted } = options;
    const query = queryOf<"listAgentSwitches">({ order, include_deleted: includeDeleted, limit: partOf(limit, MOST_ITEMS) });
    return this.service.walk(pathOf(sessionId, "agent-switches") + query, limit, callOf(options));
  }

  // ---- search

  /** The messages that have all words of `q`, the newest first; they are asked for in parts, as they are taken. */
  search(q: string, options: SearchOptions = {}): FoundMessages {
    const { owner, labels, sessionId, role, from, to, limit } = options;
    const query = queryOf<"searchMessages">({
      q, owner, label: labelsOf(labels), session_id: sessionId, role, from: timeOf(from), to: timeOf(to),
      limit: partOf(limit, MOST_FOUND),
    });
    return new FoundMessages(this.service.parts<FoundPart>("/v1/search" + query, callOf(options)), limit);
  }

  // ---- forgetting

  /** Removes for good all sessions of an owner; answers the receipt as far as it has come. The store goes on by itself. */
  eraseOwner(owner: string, options: CallOptions = {}): Promise<Erasure> {
    return this.erase({ owner }, options);
  }

  /** The same for up to 1000 sessions; those that are not there are passed over. */
  eraseSessions(sessionIds: readonly string[], options: CallOptions = {}): Promise<Erasure> {
    return this.erase({ session_ids: sessionIds }, options);
  }

  private erase(body: object, options: CallOptions): Promise<Erasure> {
    return this.service.call("POST", "/v1/erasures", { ...callOf(options), body, repeatable: false });
  }

  /** The receipt as it is now. */
  getErasure(erasureId: string, options: CallOptions = {}): Promise<Erasure> {
    return this.service.call("GET", `/v1/erasures/${encoded(erasureId)}`, callOf(options));
  }

  // ---- what leaves when

  getRetention(options: CallOptions = {}): Promise<Retention> {
    return this.service.call("GET", "/v1/retention", callOf(options));
  }

  /**
   * Soft-deletes idle and expired sessions now, or counts them with `dryRun`. It ends after about 20 seconds: ask again if it took
   * about as long and did some.
   */
  async cleanUp(options: CallOptions & { maxAgeHours?: number; dryRun?: boolean } = {}): Promise<number> {
    const body = { max_age_hours: options.maxAgeHours, dry_run: options.dryRun };
    return (await this.service.call<{ cleaned: number }>("POST", "/v1/retention/cleanup", { ...callOf(options), body })).cleaned;
  }

  /**
   * Removes for good what was soft-deleted long ago, or counts it with `dryRun`. It ends after about 20 seconds: ask again if it
   * took about as long and did some.
   */
  purge(options: CallOptions & { daysOld?: number; dryRun?: boolean } = {}): Promise<{ deleted: number; messages: number }> {
    const body = { days_old: options.daysOld, dry_run: options.dryRun };
    return this.service.call("POST", "/v1/retention/purge", { ...callOf(options), body });
  }

  // ---- live

  /**
   * Follows a session, or up to 100 of them in one stream, across lost connections: each message and switch once and in order.
   * Without a position it begins at the end.
   */
  tail(sessionId: string, options?: TailOptions): Tail<TailEvent>;
  tail(sessionIds: readonly string[], options?: SessionsTailOptions): Tail<SessionsTailEvent>;
  tail(sessions: string | readonly string[], options: TailOptions = {}): Tail<TailEvent> | Tail<SessionsTailEvent> {
    return typeof sessions === "string"
      ? Tail.ofOne(this.service, sessions, options)
      : Tail.ofMany(this.service, sessions, options);
  }

  /** Begins a message that others see while it is being written. Nothing is sent before the first text. */
  draft(sessionId: string, messageId: string = `msg_${uuid()}`, options: DraftOptions = {}): Draft {
    return new Draft(this, this.service, sessionId, messageId, options, this.ownFetch);
  }

  /** The open drafts of a session with their text, the one that was begun first is the first. */
  async getDrafts(sessionId: string, options: CallOptions = {}): Promise<OpenDraft[]> {
    return (await this.service.call<{ data: OpenDraft[] }>("GET", pathOf(sessionId, "drafts"), callOf(options))).data;
  }
}

type FoundPart = components["schemas"]["FoundMessageList"];

/** The messages that a search finds, the newest first, to be taken once. */
export class FoundMessages implements AsyncIterableIterator<FoundMessage> {
  /**
   * What was committed before this time is found, and what came later perhaps; undefined until the first message was asked for.
   */
  indexedThrough: string | undefined;

  private readonly messages: AsyncIterableIterator<FoundMessage>;

  /** @internal */
  constructor(parts: AsyncIterable<FoundPart>, limit: number | undefined) {
    this.messages = items(this.noting(parts), limit);
  }

  private async *noting(parts: AsyncIterable<FoundPart>) {
    for await (const part of parts) {
      this.indexedThrough ??= part.indexed_through; // what later parts know is not true of the first
      yield part;
    }
  }

  next(): Promise<IteratorResult<FoundMessage>> {
    return this.messages.next();
  }

  return(): Promise<IteratorResult<FoundMessage>> {
    return this.messages.return!();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** The ranges of a view with their ends, in its order; none that is empty. */
export function closedRanges(view: View): [first: number, last: number][] {
  const ranges = view.ranges.length > 0 ? view.ranges : [[view.last_seq - view.message_count + 1]];
  return ranges.map(([first, last]): [number, number] => [first!, last ?? view.last_seq]).filter(([first, last]) => first <= last);
}

/** Any number of messages in parts that one append takes. */
export async function* partsToAppend(messages: Iterable<NewMessage> | AsyncIterable<NewMessage>): AsyncGenerator<NewMessage[], void, undefined> {
  let part: NewMessage[] = [];
  let bytes = 0;
  for await (const message of messages) {
    const size = JSON.stringify(message).length;
    if (part.length === MOST_ITEMS || (bytes + size > BYTES_A_PART && part.length > 0)) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(message);
    bytes += size;
  }
  if (part.length > 0) {
    yield part;
  }
}

function callOf({ signal, timeout }: CallOptions): CallOptions {
  return { ...(signal && { signal }), ...(timeout !== undefined && { timeout }) };
}

function partOf(limit: number | undefined, most: number): number {
  return limit === undefined ? most : Math.max(Math.min(limit, most), 1);
}

function messagesPath(sessionId: string, options: MessagesOptions & { after?: number; before?: number | "end" }, limit?: number): string {
  const { after, before, role, from, to, includeDeleted } = options;
  return pathOf(sessionId, "messages") + queryOf<"listMessages">({
    after, before: (before === "end" ? "" : before) as number | undefined, role, from: timeOf(from), to: timeOf(to),
    limit, include_deleted: includeDeleted,
  });
}

function ifLast(lastSeq: number | undefined): Record<string, string> {
  return lastSeq === undefined ? {} : { "If-Match": `"${lastSeq}"` };
}

function ifView(view: ViewOptions["ifView"]): Record<string, string> {
  return view === undefined ? {} : { "If-Match": `"${view.last_seq}-${view.view_no}"` };
}
