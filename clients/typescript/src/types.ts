// What is sent and answered, by the names of the API; openapi.ts is made from its document.
import type { components } from "./openapi.js";

type Schemas = components["schemas"];

export type Session = Schemas["Session"];
export type NewSession = Schemas["NewSession"];
export type SessionUpdate = Schemas["SessionUpdate"];
export type SessionStats = Schemas["Stats"];
export type Role = Schemas["Role"];
export type Message = Schemas["Message"];
export type NewMessage = Schemas["NewMessage"];
export type MessageList = Schemas["MessageList"];
export type MessagePage = Schemas["MessagePage"];
export type Appended = Schemas["Appended"];
export type History = Schemas["History"];
export type HistoryMessage = Schemas["HistoryMessage"];
export type SavedHistory = Schemas["SavedHistory"];
export type NewTurn = Schemas["NewTurn"];
export type Turn = Schemas["Turn"];
export type AgentContext = Schemas["AgentContext"];
export type NewAgentContext = Schemas["NewAgentContext"];
export type AgentSwitch = Schemas["AgentSwitch"];
export type NewAgentSwitch = Schemas["NewAgentSwitch"];
export type Ranges = Schemas["Ranges"];
export type View = Schemas["View"];
export type NewCompaction = Schemas["NewCompaction"];
export type Compacted = Schemas["Compacted"];
export type NewFork = Schemas["NewFork"];
export type Context = Schemas["Context"];
export type FoundMessage = Schemas["FoundMessage"];
export type Erasure = Schemas["Erasure"];
export type OpenDraft = Schemas["Draft"];
export type Retention = Schemas["Retention"];

/** An error as the store tells it (RFC 9457). What some problems have besides is listed; there may be more. */
export type Problem = Schemas["Problem"] & {
  /** With `message-exists`: the ids that the log has, with their numbers. */
  known?: { id: string; seq: number }[];
  /** With `context-too-small`: what `limit` would have to be, at least. */
  needed?: number;
  limit?: "max_tokens" | "max_messages";
};
export type ProblemError = Schemas["ProblemError"];
