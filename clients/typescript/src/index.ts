export { Draft, type DraftOptions } from "./draft.js";
export { DraftTexts } from "./draft-texts.js";
export { isProblem, type ProblemName, StoreError, StoreUnavailable } from "./errors.js";
export { EventStreamParser, type ServerSentEvent } from "./event-stream.js";
export type { CallOptions, Credential } from "./service.js";
export {
  type AppendOptions, type FindOptions, FoundMessages, type MessagesOptions, type ReadOptions, type SearchOptions, SessionStore,
  type StoreOptions, type ViewOptions, type WriteOptions,
} from "./store.js";
export {
  type SessionsTailEvent, type SessionsTailOptions, Tail, type TailEvent, type TailOptions,
} from "./tail.js";
export type * from "./types.js";
