// What a model sees of a session, as adapters read and change it: by the view, while the log keeps every message. A session
// that is soft-deleted, for being idle for instance, is read too, and restored by what changes it.
import { isProblem } from "./errors.js";
import { closedRanges, partsToAppend, type SessionStore } from "./store.js";
import type { HistoryMessage, Message, NewMessage } from "./types.js";

const MOST_A_PART = 1000;
const TRIES = 20;

/** Does this and, if the session is soft-deleted, restores it and does it again. */
export async function restoring<T>(store: SessionStore, sessionId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isProblem(error, "session-deleted")) {
      throw error;
    }
  }
  try {
    await store.restoreSession(sessionId);
  } catch (error) {
    if (!isProblem(error, "session-not-deleted")) { // else somebody else has restored it
      throw error;
    }
  }
  return work();
}

/** Appends any number of messages, each once. */
export async function add(store: SessionStore, sessionId: string, messages: NewMessage[]): Promise<void> {
  for await (const part of partsToAppend(messages)) {
    await restoring(store, sessionId, () => store.append(sessionId, part));
  }
}

/** The newest so many, the oldest of them first; all without a limit. None if there is no session. */
export async function visible(store: SessionStore, sessionId: string, limit?: number): Promise<HistoryMessage[]> {
  try {
    return limit === undefined
      ? (await store.getHistory(sessionId, { full: true, includeDeleted: true })).messages
      : await newest(store, sessionId, limit);
  } catch (error) {
    if (isProblem(error, "session-not-found")) {
      return [];
    }
    throw error;
  }
}

async function newest(store: SessionStore, sessionId: string, limit: number): Promise<Message[]> {
  const view = await store.getView(sessionId, { includeDeleted: true });
  const found: Message[] = [];
  for (const [first, last] of closedRanges(view).reverse()) {
    for (let before = last + 1; before > first && found.length < limit;) {
      const wanted = Math.min(limit - found.length, before - first, MOST_A_PART);
      const { data } = await store.listMessages(sessionId, { before, limit: wanted, includeDeleted: true });
      found.unshift(...data);
      before = data[0]?.seq ?? first;
    }
  }
  return found;
}

/** Takes the newest message out of the view, and answers it; undefined if there is none. */
export async function takeNewest(store: SessionStore, sessionId: string): Promise<Message | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      const view = await store.getView(sessionId, { includeDeleted: true });
      const ranges = closedRanges(view);
      const end = ranges.pop();
      if (end === undefined) {
        return undefined;
      }
      const [first, last] = end;
      const message = await store.getMessage(sessionId, last, { includeDeleted: true });
      const kept = first < last ? [...ranges, [first, last - 1]] : ranges;
      await restoring(store, sessionId, () => store.setView(sessionId, [...kept, [view.last_seq + 1]], { ifView: view }));
      return message;
    } catch (error) {
      if (isProblem(error, "session-not-found")) {
        return undefined;
      }
      if (!isProblem(error, "sequence-conflict") || tries === TRIES) { // somebody has written meanwhile
        throw error;
      }
    }
  }
}

/** Takes all messages that there are out of the view. */
export async function hideAll(store: SessionStore, sessionId: string): Promise<void> {
  try {
    const view = await store.getView(sessionId, { includeDeleted: true });
    if (view.message_count > 0) {
      await restoring(store, sessionId, () => store.setView(sessionId, [[view.last_seq + 1]]));
    }
  } catch (error) {
    if (!isProblem(error, "session-not-found")) {
      throw error;
    }
  }
}
