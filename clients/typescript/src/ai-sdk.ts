import type { UIMessage } from "ai";

import { isProblem, StoreError } from "./errors.js";
import { sleep, uuid } from "./service.js";
import type { SessionStore } from "./store.js";
import type { HistoryMessage, NewMessage, OpenDraft } from "./types.js";
import { restoring, visible } from "./visible.js";

/** The drafts that are streams of answers; others are texts, and are left alone. */
const STREAM = "ui-stream_";
const SIGN_OF_LIFE = 20_000;
const DONE = "data: [DONE]\n\n"; // the end of a stream that was not broken off

/** Chats of the AI SDK, each a session of the store, and answers that go on after a reload. */
export class StoreChats {
  private readonly keepFor: number;

  /**
   * @param keepFor milliseconds for which those who follow a stream can read its end, when it has ended; 5,000 if it is not
   * given. For so long `publish` takes longer than its stream.
   */
  constructor(private readonly store: SessionStore, { keepFor = 5000 }: { keepFor?: number } = {}) {
    this.keepFor = keepFor;
  }

  /** The messages of a chat; none if there is no such chat. */
  async load<Message extends UIMessage = UIMessage>(chatId: string): Promise<Message[]> {
    const messages = await visible(this.store, chatId);
    return messages.filter(({ role }) => role === "user" || role === "assistant" || role === "system").map(loaded<Message>);
  }

  /** Saves all messages of a chat; only what is new or has changed is written. Creates the session if it is new. */
  async save(chatId: string, messages: readonly UIMessage[]): Promise<void> {
    const changed = new Set<unknown>(); // messages that have grown since they were stored under their id
    for (;;) {
      try {
        const history = messages.map((message) => stored(message, changed));
        await restoring(this.store, chatId, () => this.store.saveHistory(chatId, history));
        return;
      } catch (error) {
        const known = isProblem(error, "message-exists") ? error.problem.known!.filter(({ id }) => !changed.has(id)) : [];
        if (known.length === 0) {
          throw error;
        }
        known.forEach(({ id }) => changed.add(id));
      }
    }
  }

  /**
   * Keeps a stream while it goes on, so that `resume` can go on with it: the `consumeSseStream` of a response. Never fails: a
   * stream that cannot be kept is only one that cannot be resumed.
   */
  async publish(chatId: string, stream: ReadableStream<string>): Promise<void> {
    const draft = this.store.draft(chatId, STREAM + uuid());
    const reader = stream.getReader();
    const alive = setInterval(() => void draft.write("").catch(() => undefined), SIGN_OF_LIFE);
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        await draft.write(read.value);
      }
      if (draft.text.endsWith(DONE)) {
        await sleep(this.keepFor);
      }
    } catch (failure) {
      await reader.cancel(failure).catch(() => undefined);
    } finally {
      clearInterval(alive);
      await draft.discard().catch(() => undefined);
    }
  }

  /**
   * The newest answer that is still being written, from its beginning and as it goes on, as the body of a response; null if
   * there is none. If its end cannot be read, because it was broken off or has gone meanwhile, the stream fails.
   */
  async resume(chatId: string): Promise<ReadableStream<Uint8Array> | null> {
    const id = (await this.streams(chatId)).at(-1);
    if (id === undefined) {
      return null;
    }
    const pieces = this.pieces(chatId, id);
    const encoder = new TextEncoder();
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) {
          controller.close();
        } else {
          controller.enqueue(encoder.encode(value));
        }
      },
      cancel: () => void pieces.return(),
    });
  }

  /** The streams that have not ended, the one that was begun first is the first. */
  private async streams(chatId: string): Promise<string[]> {
    return (await this.drafts(chatId)).filter(({ text }) => !text.endsWith(DONE)).map(({ message_id }) => message_id);
  }

  private async drafts(chatId: string): Promise<OpenDraft[]> {
    try {
      return (await this.store.getDrafts(chatId)).filter(({ message_id }) => message_id.startsWith(STREAM));
    } catch (error) {
      if (isProblem(error, "session-not-found", "session-deleted")) {
        return [];
      }
      throw error;
    }
  }

  /** The text of a stream, each part once. */
  private pieces(chatId: string, id: string): { next(): Promise<IteratorResult<string, undefined>>; return(): Promise<unknown> } {
    const tail = this.store.tail(chatId, { drafts: true });
    let given = 0; // code points
    let last = "";
    const next = async (): Promise<IteratorResult<string, undefined>> => {
      while (last !== DONE) {
        const told = await tail.next();
        if (told.done) {
          break;
        }
        const { event, data } = told.value;
        if (event === "ready" && !(await this.drafts(chatId)).some(({ message_id }) => message_id === id)) {
          break; // it has gone meanwhile
        }
        if (event === "draft_discarded" && data.message_id === id) {
          break;
        }
        if (event === "draft" && data.message_id === id) {
          const more = [...data.text].slice(Math.max(given - data.offset, 0)); // told anew after a lost connection
          given += more.length;
          if (more.length > 0) {
            last = (last + more.join("")).slice(-DONE.length);
            return { done: false, value: more.join("") };
          }
        }
      }
      await tail.return();
      if (last !== DONE) {
        throw new StoreError("the end of this answer was not there to be read: load the chat");
      }
      return { done: true, value: undefined };
    };
    return { next, return: () => tail.return() };
  }
}

/** Its text is what searches and other readers see; a message that has changed gives its id to the one before it. */
function stored({ id, role, parts, metadata }: UIMessage, changed: ReadonlySet<unknown>): NewMessage {
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).filter(Boolean).join("\n");
  return {
    ...(id !== "" && !changed.has(id) && { id }), // empty where `generateMessageId` is not given
    role,
    ...(text !== "" && { content: text }),
    ui_id: id,
    parts,
    ...(metadata !== undefined && { ui_metadata: metadata }),
  };
}

function loaded<Message extends UIMessage>(message: HistoryMessage): Message {
  const { id, ui_id, seq, role, content, parts, ui_metadata: metadata } = message;
  const text = typeof content === "string" ? [{ type: "text", text: content }] : content ?? []; // of another program
  return {
    id: ui_id ?? id ?? `seq-${seq}`, role, parts: parts ?? text, ...(metadata !== undefined && { metadata }),
  } as unknown as Message;
}
