import type { AgentInputItem, Session } from "@openai/agents";

import { uuid } from "./service.js";
import type { SessionStore } from "./store.js";
import type { HistoryMessage, NewMessage } from "./types.js";
import { add, hideAll, takeNewest, visible } from "./visible.js";

/** A `Session` of the OpenAI Agents SDK that is a session of the store. Each item is a message; the log keeps all of them. */
export class StoreSession implements Session {
  constructor(private readonly store: SessionStore, private readonly sessionId: string = uuid()) {}

  async getSessionId(): Promise<string> {
    return this.sessionId;
  }

  /** The items, or the newest so many, the oldest of them first. */
  async getItems(limit?: number): Promise<AgentInputItem[]> {
    return (await visible(this.store, this.sessionId, limit)).map(itemOf);
  }

  async addItems(items: AgentInputItem[]): Promise<void> {
    await add(this.store, this.sessionId, items.map(messageOf));
  }

  /** Takes the newest item out of what a model sees. */
  async popItem(): Promise<AgentInputItem | undefined> {
    const message = await takeNewest(this.store, this.sessionId);
    return message && itemOf(message);
  }

  /** Takes all items out of what a model sees. */
  async clearSession(): Promise<void> {
    await hideAll(this.store, this.sessionId);
  }
}

/** An item's id is not unique in a log that keeps everything, so it stands in a field of its own. */
function messageOf(item: AgentInputItem): NewMessage {
  const { id, ...fields } = item as Record<string, unknown>;
  return (id === undefined ? fields : { ...fields, item_id: id }) as NewMessage;
}

function itemOf(message: HistoryMessage): AgentInputItem {
  const { seq: _1, timestamp: _2, token_count: _3, metadata: _4, id: _5, item_id: id, ...fields } = message;
  if (fields.role === "assistant" && typeof fields.content === "string") { // of another program
    fields.content = [{ type: "output_text", text: fields.content }];
    fields["status"] ??= "completed";
  }
  return (id === undefined ? fields : { ...fields, id }) as unknown as AgentInputItem;
}
