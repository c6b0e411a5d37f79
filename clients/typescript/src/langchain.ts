import { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import {
  AIMessage, type BaseMessage, ChatMessage, HumanMessage, mapStoredMessagesToChatMessages, type StoredMessage, SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";

import { uuid } from "./service.js";
import type { SessionStore } from "./store.js";
import type { HistoryMessage, NewMessage, Role } from "./types.js";
import { add, hideAll, visible } from "./visible.js";

interface ToolCall {
  id?: string;
  name: string;
  args: unknown;
}

interface StoredData extends Omit<StoredMessage["data"], "content"> {
  content?: unknown;
  content_blocks?: unknown;
  tool_calls?: ToolCall[];
}

const ROLES: Record<string, Role> = {
  human: "user", ai: "assistant", system: "system", developer: "developer", tool: "tool", function: "function", generic: "user",
};

/** A chat history of LangChain that is a session of the store. */
export class StoreChatMessageHistory extends BaseListChatMessageHistory {
  override lc_namespace = ["agent-session-store", "langchain"];

  readonly sessionId: string;

  constructor(private readonly store: SessionStore, sessionId: string = uuid()) {
    super();
    this.sessionId = sessionId;
  }

  async getMessages(): Promise<BaseMessage[]> {
    return (await visible(this.store, this.sessionId)).map(loaded);
  }

  async addMessage(message: BaseMessage): Promise<void> {
    await this.addMessages([message]);
  }

  /** Up to 1000 are added all or nothing. */
  override async addMessages(messages: BaseMessage[]): Promise<void> {
    await add(this.store, this.sessionId, messages.map(stored));
  }

  /** Takes all messages out of what a model sees; the log keeps them. */
  override async clear(): Promise<void> {
    await hideAll(this.store, this.sessionId);
  }
}

/** What every reader understands as the APIs of models have it, and what LangChain alone knows in `langchain`. */
function stored(message: BaseMessage): NewMessage {
  const { type, data } = message.toDict();
  const role = ROLES[type];
  if (role === undefined) {
    throw new TypeError(`a message of the type ${type} is none that can be stored`);
  }
  const { content: _1, content_blocks: _2, name, tool_call_id, ...rest } = data as StoredData;
  return {
    role: type === "generic" && Object.values(ROLES).includes(rest.role as Role) ? (rest.role as Role) : role,
    content: message.content as NewMessage["content"], // there by either name
    ...(name && { name }),
    ...(tool_call_id && { tool_call_id }),
    ...(rest.tool_calls?.length && { tool_calls: rest.tool_calls.map(called) }),
    langchain: { type, data: rest },
  };
}

function called({ id, name, args }: ToolCall): object {
  return { id, type: "function", function: { name, arguments: JSON.stringify(args) } };
}

function loaded(message: HistoryMessage): BaseMessage {
  const { role, name, tool_call_id, tool_calls, langchain } = message;
  const content = (message.content ?? "") as string;
  if (langchain !== undefined) {
    const { type, data } = langchain as StoredMessage;
    return mapStoredMessagesToChatMessages([{ type, data: { ...data, content, name, tool_call_id } }])[0]!;
  }
  const fields = { content, name, id: message.id };
  switch (role) { // of another program
    case "user":
      return new HumanMessage(fields);
    case "system":
    case "developer":
      return new SystemMessage(fields);
    case "tool":
      return new ToolMessage({ ...fields, tool_call_id: tool_call_id ?? "" });
    case "assistant":
    case "model":
      return new AIMessage({ ...fields, tool_calls: (tool_calls ?? []).map(calling) });
    default:
      return new ChatMessage({ ...fields, role: role ?? String(message["type"]) });
  }
}

function calling(call: unknown): { id?: string; name: string; args: Record<string, unknown>; type: "tool_call" } {
  const { id, function: called } = call as { id?: string; function?: { name?: string; arguments?: unknown } };
  const given = called?.arguments;
  let args = {};
  try {
    args = (typeof given === "string" ? JSON.parse(given || "{}") : given) ?? {};
  } catch { // models do not always write JSON
    args = { arguments: given };
  }
  return { id, name: called?.name ?? "", args, type: "tool_call" };
}
