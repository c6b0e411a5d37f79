// Made by `npm run types` from openapi.yaml. Not to be changed by hand.
export interface paths {
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List sessions
         * @description `order=activity` lists the most recently active first; a session that is written to while the list is walked can move past the reader. `order=created` lists the oldest first and is complete even while sessions are written to. With filters, only the sessions that pass all of them.
         */
        get: operations["listSessions"];
        put?: never;
        /**
         * Create a session
         * @description Without `session_id` the service makes one, a UUIDv7. Every field is optional, and so is the body.
         */
        post: operations["createSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a session
         * @description The `ETag` is the session's `last_seq`, ready to be sent as `If-Match` with the next append.
         */
        get: operations["getSession"];
        put?: never;
        post?: never;
        /**
         * Delete a session
         * @description A soft delete hides the session and can be undone with `restore`; a second one is 410. A hard delete removes the session for good with its messages and its agents, whether or not it was soft-deleted before: when the answer comes nobody can read it any more, and its id is free; the database's rows go in the background.
         */
        delete: operations["deleteSession"];
        options?: never;
        head?: never;
        /**
         * Change the details of a session
         * @description What is named changes, what is null goes, all else stays. Labels change by name, metadata as a whole. Counts as activity.
         */
        patch: operations["updateSession"];
        trace?: never;
    };
    "/v1/sessions/{session_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo a soft delete
         * @description Counts as activity. An `expires_at` that has passed is removed. Takes no body.
         */
        post: operations["restoreSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count a session's messages and tokens */
        get: operations["getSessionStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/forks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fork a session
         * @description A new session with the log of this one up to a message: the same messages with their ids and times, numbered from 1, the view as far as it goes, and the agent context with the switches up to there. Owner, title, labels, expiry and metadata are those that are sent, and none of the other's. Of any length; nobody sees it before it is whole. Sent again with the same `session_id` it is 409.
         */
        post: operations["forkSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what fits a model
         * @description The newest messages of the view that fit, behind its system and developer messages. It can be sent to a model as
         *     it is: it never begins with a tool's result, and a call and all its results are in together or out together, in
         *     the forms of OpenAI (`tool_calls`, `tool_call_id`) and Anthropic (`tool_use`, `tool_result`). Results follow their
         *     call before any other message; what does not obey that is in `left_out`. Calls at the very end that wait for
         *     results stay, and are in `pending_tool_calls`.
         *
         *     A message without `token_count` counts as a quarter of the bytes of its values, rounded up, and 4. One of
         *     `max_tokens` and `max_messages` is required. It costs what it answers, not what the session has.
         */
        get: operations["getContext"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/view": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the view
         * @description What a model sees of the log. The `ETag` is `"<last_seq>-<view_no>"`, which `If-Match` takes.
         */
        get: operations["getView"];
        /**
         * Set the view
         * @description Rewinds (`[[1,20],[57]]` where 56 is the last message), hides, takes back (`[]`). The log stays as it is.
         */
        put: operations["setView"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/compactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a summary in place of what it sums up
         * @description Appends the summary, and puts it in the view in place of what stands from `from_seq` to `through_seq`. The log keeps what it stands for. The `ETag` is the view's. A view that would have more than 1,000 ranges is 413.
         */
        post: operations["compact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what a model sees of the session, in the shape a model API takes
         * @description In the order of the view, streamed, for any length. `content` is `null`, not absent, where a message has `tool_calls` instead. The `ETag` changes with any change of the log or the view, and with any other activity of the session.
         */
        get: operations["getHistory"];
        /**
         * Save the whole history
         * @description Creates the session if it is new. If the view is a prefix of what is sent, only the rest is appended. Otherwise
         *     what the two begin with together is kept, and the longest run behind it that they have in common; what is sent
         *     between and behind these is appended, and the view becomes what was sent: `ranges`. A sent message whose `id` is
         *     stored already, with the same message, is referred to. The log keeps every message. Only if nothing of what is
         *     stored is kept the log begins anew (`replaced`), all or nothing: `seq` never goes back, the replacement takes
         *     one number itself, and its messages the numbers after that. Sending the same history again leaves the log as it
         *     is.
         *
         *     A stored message equals a sent one when `role`, `content`, `name`, `tool_call_id` and `tool_calls` match (JSON
         *     by value), and every other field that is sent. If it equals several that name different fields, it is taken for
         *     the one that names most.
         *
         *     At most 20,000 messages may be new in one call (`store.limits.history`), else 413; how many are stored already
         *     does not matter. More than that are appended as NDJSON, which may be of any length. It is 413 also if nothing of a
         *     log of more than 300,000 messages would be kept (delete the session before, with `?soft=false`), or if the view
         *     would have more than 1,000 ranges.
         */
        put: operations["saveHistory"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read messages
         * @description Always in ascending `seq`. Four ways to read:
         *
         *     - **From a position**: `after=S` answers the messages after `S`, `before=S` those that end just before it, and
         *       `before` without a value the newest. With neither it is `after=0`. Only this form takes the filters `role`,
         *       `from` and `to`.
         *     - **A numbered page**: `page`, and `page_size` if need be. Adds `page`, `page_size` and `total` to the answer.
         *       Page N costs the same at any depth. `page` together with `after`, `before` or a filter is 400.
         *     - **By id**: `id`, up to 100 times. Ids that the log does not have are left out.
         *     - **Everything**: `Accept: application/x-ndjson` streams every message that matches, one a line, for any
         *       length. An explicit `limit`, or a page, cuts it: then `Link` says what follows.
         *
         *     The `ETag` changes with any change of the log.
         */
        get: operations["listMessages"];
        put?: never;
        /**
         * Append messages
         * @description Creates the session if it is new, unless `create=false`.
         *
         *     **One message or an array** of 1 to 1000 is appended all or nothing, and gets consecutive `seq`. With an
         *     `Idempotency-Key` a retry gives the first answer again. With `If-Match` nothing is appended unless that is
         *     still the session's `last_seq`. A known key wins over `If-Match`; 410 wins over a key.
         *
         *     A message may have an `id` of its own, unique in its session's log, which makes a retry safe without a key: if
         *     all messages have ids that are stored already, equal, next to each other and in the same order, the answer is
         *     the first one again. Any other known id is 409 `message-exists`, and nothing is written.
         *
         *     **NDJSON** may be of any length: one message a line, committed in chunks. A bad line stops it with 400, and one
         *     with an id that is known with 409; the problem names the `line`. A session that is removed meanwhile stops it
         *     with 404 or 410. Whatever stops it, the problem names how many messages were `committed` before.
         *     `Idempotency-Key` and `If-Match` are refused with NDJSON (400). Lines at the beginning whose ids are stored
         *     already, with equal messages, are passed over and counted as `known`, so that lines with ids can be sent again
         *     from the beginning.
         */
        post: operations["appendMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/messages/{seq}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get one message */
        get: operations["getMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/tail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a session live
         * @description A stream of server-sent events. The first, `ready`, goes out at once; then every message and every agent switch
         *     behind the position, each once and in order, whichever replica wrote it:
         *
         *     | event | data | |
         *     |---|---|---|
         *     | `ready` | `{session_id, last_seq, switch_count, ranges, view_no}` | its `id` is where the stream begins |
         *     | `message` | a message | |
         *     | `agent_switch` | an agent switch | behind the message at which it happened |
         *     | `view` | `{ranges, at_seq, view_no}` | the newest view, behind the message that was the last when it was set |
         *     | `history_replaced` | `{first_seq, last_seq}` | the log was replaced; it follows from `first_seq` on, seen as a whole, which is a view without ranges; without an `id` if `agent_history_replaced` comes right behind it, under the `id` of both |
         *     | `agent_history_replaced` | `{last_switch_no}` | the agent context was removed or replaced, or went with an earlier session of the same name: forget all switches |
         *     | `session_deleted` | `{}` | then the stream ends |
         *     | `bye` | `{}` | this replica ends the stream, such as when it stops, and after about an hour, so that load spreads; come back after `retry` |
         *
         *     With `drafts=true` these come too, without an `id`:
         *
         *     | event | data | |
         *     |---|---|---|
         *     | `draft` | `{message_id, offset, text}` | the draft is its first `offset` code points, followed by `text` |
         *     | `draft_discarded` | `{message_id}` | the draft has ended without a message |
         *
         *     They begin with every open draft as far as it is. A draft has ended as well when a `message` with its id comes,
         *     and with `session_deleted`. `offset` is what one has of the draft, or less, after another writer has gone on
         *     with it: then the rest is cut off.
         *
         *     Without a position the stream begins at the end. A position inside a history that was replaced since, or in an
         *     earlier session of the same name, gets `history_replaced` first. A comment is sent after 15 s of silence. A
         *     reader may be as slow as it likes.
         */
        get: operations["tailSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow several sessions in one stream
         * @description As the tail of one session, but the data of every event but `ready` and `bye` carries `session_id`, the data of
         *     `ready` is `{"sessions":[…]}` with one entry a session, and every `id` holds all positions. A session that does
         *     not exist is followed from its creation; the entry of one that is soft-deleted has `"deleted":true`. It is 404
         *     if none exists, 410 if all that exist are deleted; `session_deleted` ends the stream only for the last one.
         */
        get: operations["tailSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/drafts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the open drafts of a session
         * @description With all of their text, whichever replica they are written on. The one that was begun first is the first.
         */
        get: operations["listDrafts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/drafts/{message_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write a message while it is being made
         * @description One request that lasts as long as the message is in the making. Its lines say more of the text, each passed on
         *     to tails as it comes, and the last one says what becomes of it:
         *
         *     - `message`: it is appended with the draft's id, exactly as an append, whatever the text of the draft was; but only to the
         *       session in which the draft was begun: 404 if that is gone, also where another one has its name.
         *       `Idempotency-Key` and `If-Match` are refused (400).
         *     - `discard`: there is no message.
         *
         *     Creates the session if it is new, unless `create=false`. If the message is in the log already, lines with text
         *     are passed over, an equal `message` gets the first answer again, and all else is 409 `message-exists`.
         *
         *     **A body that ends without such a line**, and a request that breaks off, leave the draft open. To go on with it
         *     `offset` says how many code points it has; another number is 409 `draft-offset`, which says how many. A writer
         *     who goes on while another one is at work takes the draft over: the other one gets 409 `draft-taken`.
         *
         *     **Silence.** A draft that nobody has written to for 60 s is discarded; its writer gets 408 `draft-silent`. A line
         *     with an empty text says that the writer is at work; a blank line says nothing.
         *
         *     A draft is not a message: a crash may take the end of its text, or all of it. The text may be as large as a
         *     message.
         */
        post: operations["writeDraft"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/agent-context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the agent at work in a session
         * @description A session without a context is 404 `agent-context-not-found`.
         */
        get: operations["getAgentContext"];
        /**
         * Save the agent context of a session
         * @description The session must exist. Optional fields that are absent are left as they are. `agent_history` is handled like a saved history of messages: if what is stored is a prefix of what is sent, only the rest is appended; otherwise the switches are replaced, and `switch_no` never goes back. At most 10,000 entries, else 413.
         */
        put: operations["saveAgentContext"];
        post?: never;
        /** Remove the agent context of a session, with its switches */
        delete: operations["deleteAgentContext"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent-contexts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the sessions that have an agent context */
        get: operations["listAgentContexts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/agent-switches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the switches of a session */
        get: operations["listAgentSwitches"];
        put?: never;
        /**
         * Switch to another agent
         * @description The session must exist; the first switch creates its context. With `from_agent` the switch happens only if that agent is still at work, else it is 409 `agent-conflict` with `current_agent`. With an `Idempotency-Key` a retry gives the first answer again.
         */
        post: operations["switchAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}/turns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record one turn of an agent
         * @description All or nothing, in this order: the messages, then the switch, then the context's metadata (replaced; 404 `agent-context-not-found` where there is no context by then), then of the details of the session those that it does not have yet. Creates the session if it is new, unless `create=false`. `Idempotency-Key` and `If-Match` work as for messages.
         */
        post: operations["appendTurn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search in messages
         * @description The tenant's messages that have all words of `q`, newest first. Words are letters and digits, in any case, width
         *     and accent. Searched are `content`, the text of parts, `name`, and the names and arguments of tool calls; in
         *     sessions that are not soft-deleted, in the whole log, whatever the view shows.
         *
         *     - `"a phrase"`: these words one after the other. A word that is cut into several, such as `read_file` or `don't`,
         *       is a phrase of them.
         *     - `-word`, `-"a phrase"`: only messages without it.
         *     - `begin*`: any word that begins so.
         *     - `a OR b`: one of the two is enough; it binds closer than what stands beside it.
         *     - Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are found anywhere in a run of their characters.
         *
         *     What takes longer than two seconds is answered as far as it is: a part may have fewer messages than `limit`, or
         *     none, with `has_more`. A message is found some time after it was written, about a second when the service is not
         *     busy: `indexed_through` says how far that is.
         */
        get: operations["searchMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Forget an owner, or some sessions
         * @description Removes for good all sessions of an owner, or those that are named, soft-deleted ones too; unknown ids are passed over. Up to 1,000 sessions are out of reach before the answer, the rest soon after. From the state `removing` on, no request that begins later sees any of them, on any replica; open streams end within 5 seconds, and the ids are free. What is created or imported after this request is new and stays.
         */
        post: operations["eraseSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures/{erasure_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the receipt of an erasure
         * @description Kept for 90 days after it is done. There are no names in it.
         */
        get: operations["getErasure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell what leaves when
         * @description The settings of the scheduled job, its latest run and its next one, as the replica that answers knows them. Each replica runs by itself.
         */
        get: operations["getRetention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/retention/cleanup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Soft-delete idle and expired sessions
         * @description Soft-deletes the sessions without `expires_at` that nobody has written to for longer than `max_age_hours`, and those whose `expires_at` has passed; `restore` brings one back. Every field is optional, and so is the body. It is done in batches, and none begins after 20 seconds: ask again if it took about as long and did some. If you hang up, the batch under way is finished and no other begins.
         */
        post: operations["cleanUpSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/retention/purge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove for good what was soft-deleted
         * @description Removes for good the sessions that were soft-deleted longer than `days_old` ago, with their messages, agents and idempotency keys. When the answer comes nobody can read or restore them any more, and their ids are free; the database's rows go in the background. Every field is optional, and so is the body. It is done in batches, and none begins after 20 seconds: ask again if it took about as long and did some. If you hang up, the batch under way is finished and no other begins.
         */
        post: operations["purgeSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.yaml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/console": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A page to look at sessions
         * @description What it shows it asks of this API. It is not there if `STORE_CONSOLE_ENABLED` is `false`.
         */
        get: operations["getConsole"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/console/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The scripts and styles of that page */
        get: operations["getConsoleFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page that shows this document */
        get: operations["getDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The scripts and styles of that page */
        get: operations["getDocsFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell whether the service is alive
         * @description Says nothing about the database. When it is not 200, the service should be restarted.
         */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell whether the service can take requests
         * @description Includes the database. When it is not 200, requests should go to another replica.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Unique among all sessions; 1 to 255 Unicode code points
         * @example support-4711
         */
        SessionId: string;
        /**
         * Format: date-time
         * @description UTC
         * @example 2026-01-31T09:26:53.589793Z
         */
        Timestamp: string;
        /**
         * @description ISO-8601, with a zone or without; without one it is UTC
         * @example 2026-01-31T09:26:53Z
         * @example 2026-01-31T10:26:53+01:00
         * @example 2026-01-31T09:26:53.5
         */
        SentTimestamp: string;
        /** @description Any JSON object; kept and given back as it is */
        Metadata: {
            [key: string]: unknown;
        };
        /** @description Any JSON array; kept and given back as it is */
        ToolCalls: unknown[];
        /** @enum {string} */
        Role: "user" | "assistant" | "system" | "tool" | "developer" | "function" | "model";
        /** @description The caller's own name for the message, unique in the log that its session has now */
        MessageId: string;
        /** @description Text, which may be empty, or an array of parts as models' APIs have them; it comes back as what it was */
        Content: string | {
            [key: string]: unknown;
        }[];
        /** @description Who speaks, where the role does not say it */
        Name: string;
        /** @description The tool call that this message answers */
        ToolCallId: string;
        /**
         * @description The name of an agent
         * @example debugger
         */
        Agent: string;
        /**
         * Format: int64
         * @description The number of a message in its session
         */
        Seq: number;
        /**
         * Format: int64
         * @description The last number given in the session's log; 0 if none was
         */
        LastSeq: number;
        /** Format: int64 */
        Count: number;
        /** Format: int64 */
        TokenCount: number;
        Session: {
            session_id: components["schemas"]["SessionId"];
            created_at: components["schemas"]["Timestamp"];
            last_activity: components["schemas"]["Timestamp"];
            /** @description Whether it is not soft-deleted */
            is_active: boolean;
            /** @description When it was soft-deleted; absent if it is not */
            deleted_at?: components["schemas"]["Timestamp"];
            owner?: components["schemas"]["Owner"];
            title?: components["schemas"]["Title"];
            labels?: components["schemas"]["Labels"];
            /** @description When it is soft-deleted, however active it is; absent if it does not expire */
            expires_at?: components["schemas"]["Timestamp"];
            metadata?: components["schemas"]["Metadata"];
            last_seq: components["schemas"]["LastSeq"];
            /** @description The session that this is a fork of, and the last message that was taken over */
            forked_from?: {
                session_id: components["schemas"]["SessionId"];
                seq: components["schemas"]["Count"];
            };
        };
        FoundMessage: {
            session_id: components["schemas"]["SessionId"];
            /** @description That of its session; absent if it has none */
            title?: components["schemas"]["Title"];
            seq: components["schemas"]["Seq"];
            /** @description Absent where the message has none */
            role?: components["schemas"]["Role"];
            timestamp: components["schemas"]["Timestamp"];
            /** @description About 200 characters of the text in which most was found, with an ellipsis where it is cut off. The arguments of a tool are lines of `name: value`. */
            snippet: string;
            /** @description What was found in the snippet, each as where it begins and where it ends (exclusive), in Unicode code points; ascending, without overlap */
            matches: number[][];
        };
        FoundMessageList: {
            data: components["schemas"]["FoundMessage"][];
            has_more: components["schemas"]["HasMore"];
            next?: components["schemas"]["Next"];
            /** @description All that was committed before this time is found; the year 1 until all messages have been indexed once */
            indexed_through: components["schemas"]["Timestamp"];
        };
        /** @description One of the two */
        NewErasure: {
            owner?: components["schemas"]["Owner"];
            session_ids?: components["schemas"]["SessionId"][];
        };
        Erasure: {
            erasure_id: string;
            /**
             * @description `marking` until all are out of reach, `removing` until nothing is left of them, `done`
             * @enum {unknown}
             */
            state: "marking" | "removing" | "done";
            /** @description How many are out of reach by now */
            sessions: components["schemas"]["Count"];
            /** @description How many messages were in them */
            messages: components["schemas"]["Count"];
            requested_at: components["schemas"]["Timestamp"];
            /** @description When nothing of them was left; absent before */
            finished_at?: components["schemas"]["Timestamp"];
        };
        /** @description Whose session it is, for example the user of a gateway */
        Owner: string;
        /** @description What people call it */
        Title: string;
        /** @description Texts by name; no name has a colon */
        Labels: {
            [key: string]: string;
        };
        /** @description When the session is to be soft-deleted, however active it is; one that has it is not taken for being idle */
        SentExpiry: components["schemas"]["SentTimestamp"];
        NewSession: {
            session_id?: components["schemas"]["SessionId"];
            owner?: components["schemas"]["Owner"];
            title?: components["schemas"]["Title"];
            labels?: components["schemas"]["Labels"];
            expires_at?: components["schemas"]["SentExpiry"];
            metadata?: components["schemas"]["Metadata"];
        };
        /** @description At least one of them; null removes */
        SessionUpdate: {
            owner?: components["schemas"]["Owner"] | null;
            title?: components["schemas"]["Title"] | null;
            /** @description Those that are named change, or go with null; the others stay; at most 32 in the end. Null in place of the object removes all */
            labels?: {
                [key: string]: string | null;
            } | null;
            expires_at?: components["schemas"]["SentExpiry"] | null;
            /** @description As a whole, not merged */
            metadata?: components["schemas"]["Metadata"] | null;
        };
        /** @description What the session gets if it does not have it yet; labels by name, at most 32 in the end */
        FirstDetails: {
            owner?: components["schemas"]["Owner"];
            title?: components["schemas"]["Title"];
            labels?: components["schemas"]["Labels"];
            expires_at?: components["schemas"]["SentExpiry"];
            metadata?: components["schemas"]["Metadata"];
        };
        SessionList: {
            data: components["schemas"]["Session"][];
            has_more: components["schemas"]["HasMore"];
            next?: components["schemas"]["Next"];
        };
        Stats: {
            session_id: components["schemas"]["SessionId"];
            message_count: components["schemas"]["Count"];
            /** @description How many of them a model sees */
            view_message_count: components["schemas"]["Count"];
            /** @description The sum of `token_count` of all messages; those without one count nothing */
            total_tokens: components["schemas"]["Count"];
            /** @description Absent if the session has no message */
            last_message_at?: components["schemas"]["Timestamp"];
            created_at: components["schemas"]["Timestamp"];
            last_activity: components["schemas"]["Timestamp"];
        };
        /** @description Any other field of what a model's API said stands beside these, as it was sent: `parts`, `refusal`, `reasoning_content`, `type`, … */
        Message: {
            /** @description The message's number in its session: from 1, growing by exactly 1 for every message, in the order of their commits, and by 1 for a replacement of the history */
            seq: components["schemas"]["Seq"];
            id?: components["schemas"]["MessageId"];
            role?: components["schemas"]["Role"];
            content?: components["schemas"]["Content"] | null;
            timestamp: components["schemas"]["Timestamp"];
            name?: components["schemas"]["Name"];
            tool_call_id?: components["schemas"]["ToolCallId"];
            tool_calls?: components["schemas"]["ToolCalls"];
            token_count?: components["schemas"]["TokenCount"];
            metadata?: components["schemas"]["Metadata"];
        } & {
            [key: string]: unknown;
        };
        /** @description A message as models' APIs have it. It has a `content`, or `tool_calls`, or any other field with a value. Up to 64 fields that are not named here are kept, each up to 64 levels deep, but for `seq`, `timestamp`, `session_id` and names that begin with `_`. */
        NewMessage: {
            id?: components["schemas"]["MessageId"];
            /** @description May be left out where there is a `type` */
            role?: components["schemas"]["Role"];
            /** @description May be left out, or be `null`, where there are `tool_calls`, at least one, or any other field */
            content?: components["schemas"]["Content"] | null;
            name?: components["schemas"]["Name"];
            tool_call_id?: components["schemas"]["ToolCallId"];
            tool_calls?: components["schemas"]["ToolCalls"];
            token_count?: components["schemas"]["TokenCount"];
            metadata?: components["schemas"]["Metadata"];
            seq?: never;
            timestamp?: never;
            session_id?: never;
        } & {
            [key: string]: unknown | never;
        };
        /** @description A content, a tool call, or any other field with a value */
        HasContent: {
            content: unknown;
        } | {
            tool_calls: unknown[];
        } | unknown;
        MessageExistsProblem: components["schemas"]["Problem"] & {
            /** @constant */
            type?: "/problems/message-exists";
            known: {
                id: components["schemas"]["MessageId"];
                seq: components["schemas"]["Seq"];
            }[];
        };
        NewMessages: components["schemas"]["NewMessage"][];
        Appended: {
            session_id: components["schemas"]["SessionId"];
            first_seq: components["schemas"]["Seq"];
            last_seq: components["schemas"]["Seq"];
            /** @description The time that the messages got */
            timestamp: components["schemas"]["Timestamp"];
        };
        AppendedLines: {
            first_seq: components["schemas"]["Seq"];
            last_seq: components["schemas"]["Seq"];
            /** @description How many messages were appended */
            appended: components["schemas"]["Count"];
            /**
             * Format: int64
             * @description How many at the beginning were stored already; absent for none
             */
            known?: number;
        };
        /** @description One of the three */
        DraftLine: {
            /** @description What follows the text so far; may be empty */
            text?: string;
            /** @description The message as a whole; its `id` is that of the draft, or absent */
            message?: components["schemas"]["NewMessage"];
            /**
             * @description Ends the draft without a message
             * @constant
             */
            discard?: true;
        };
        /**
         * Format: int64
         * @description Unicode code points of a draft's text
         */
        Offset: number;
        OpenDraft: {
            message_id: components["schemas"]["MessageId"];
            /** @description How many the draft has */
            offset: components["schemas"]["Offset"];
        };
        DiscardedDraft: {
            /** @constant */
            discarded: true;
        };
        Draft: {
            message_id: components["schemas"]["MessageId"];
            text: string;
            started_at: components["schemas"]["Timestamp"];
        };
        DraftList: {
            data: components["schemas"]["Draft"][];
            /**
             * @description Never true
             * @constant
             */
            has_more: false;
        };
        MessageList: {
            data: components["schemas"]["Message"][];
            has_more: components["schemas"]["HasMore"];
            next?: components["schemas"]["Next"];
        };
        MessagePage: {
            data: components["schemas"]["Message"][];
            has_more: components["schemas"]["HasMore"];
            next?: components["schemas"]["Next"];
            /** Format: int64 */
            page: number;
            page_size: number;
            /** @description How many messages there are on all pages */
            total: components["schemas"]["Count"];
        };
        NewFork: {
            session_id?: components["schemas"]["SessionId"];
            /**
             * Format: int64
             * @description The last message that is taken over; all without it
             */
            through_seq?: number;
            owner?: components["schemas"]["Owner"];
            title?: components["schemas"]["Title"];
            labels?: components["schemas"]["Labels"];
            expires_at?: components["schemas"]["SentExpiry"];
            metadata?: components["schemas"]["Metadata"];
        };
        Context: {
            session_id: components["schemas"]["SessionId"];
            messages: components["schemas"]["HistoryMessage"][];
            /** @description The first message behind the instructions, or else the first of these; absent if there is no message */
            first_seq?: components["schemas"]["Seq"];
            /** @description The last message; absent if there is none */
            last_seq?: components["schemas"]["Seq"];
            /** @description Of all these messages */
            tokens: components["schemas"]["Count"];
            /** @description How many of them were guessed */
            estimated_tokens: components["schemas"]["Count"];
            /** @description Messages of the view that are neither here nor left out */
            omitted: components["schemas"]["Count"];
            /** @description Messages that a model would not take, among these, behind them and right before them */
            left_out: {
                seq: components["schemas"]["Seq"];
                /** @enum {string} */
                reason: "call-without-result" | "result-without-call";
            }[];
            /** @description Ids of calls at the end that wait for their results */
            pending_tool_calls: string[];
        };
        /** @description Ranges of `seq`, in the order in which a model sees them. The last one has no end; none at all is the whole log. No message is in two of them, and neighbours are one. */
        Ranges: number[][];
        View: {
            session_id: components["schemas"]["SessionId"];
            ranges: components["schemas"]["Ranges"];
            /** @description The number of the last change of the view; a log that begins anew is seen as a whole, under the same number */
            view_no: components["schemas"]["Count"];
            last_seq: components["schemas"]["Count"];
            /** @description How many messages there are in the view */
            message_count: components["schemas"]["Count"];
        };
        NewView: {
            ranges: components["schemas"]["Ranges"];
        };
        NewCompaction: {
            summary: components["schemas"]["NewMessage"];
            /** @description The first message that it stands for, in the view; without it the first that is neither system nor developer, an earlier summary included */
            from_seq?: components["schemas"]["Seq"];
            /** @description The last message that it stands for, in the order of the view */
            through_seq: components["schemas"]["Seq"];
        };
        Compacted: {
            /** @description The summary's number */
            seq: components["schemas"]["Seq"];
            ranges: components["schemas"]["Ranges"];
            last_seq: components["schemas"]["Seq"];
        };
        History: {
            session_id: components["schemas"]["SessionId"];
            messages: components["schemas"]["HistoryMessage"][];
            last_activity: components["schemas"]["Timestamp"];
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description A message without `seq`, `timestamp`, `token_count` and `metadata`, which `full=true` adds, and with any other field that it has */
        HistoryMessage: {
            id?: components["schemas"]["MessageId"];
            role?: components["schemas"]["Role"];
            /** @description `null` beside `tool_calls` alone; absent in a message that is made of other fields */
            content?: components["schemas"]["Content"] | null;
            name?: components["schemas"]["Name"];
            tool_call_id?: components["schemas"]["ToolCallId"];
            tool_calls?: components["schemas"]["ToolCalls"];
        } & {
            [key: string]: unknown;
        };
        NewHistory: {
            messages: components["schemas"]["NewMessage"][];
            /** @description Taken instead of the time of this request */
            last_activity?: components["schemas"]["SentTimestamp"];
        };
        SavedHistory: {
            session_id: components["schemas"]["SessionId"];
            last_seq: components["schemas"]["LastSeq"];
            /** @description How many messages were written */
            appended: components["schemas"]["Count"];
            /** @description Whether the stored history was replaced, rather than continued */
            replaced: boolean;
            /** @description The view; absent where it is the whole log */
            ranges?: components["schemas"]["Ranges"];
        };
        AgentContext: {
            session_id: components["schemas"]["SessionId"];
            current_agent: components["schemas"]["Agent"];
            switch_count: components["schemas"]["Count"];
            metadata: components["schemas"]["Metadata"];
            created_at: components["schemas"]["Timestamp"];
            updated_at: components["schemas"]["Timestamp"];
            /** @description Absent if there was no switch */
            last_switch_at?: components["schemas"]["Timestamp"];
        };
        NewAgentContext: {
            current_agent: components["schemas"]["Agent"];
            /** @description All switches, oldest first */
            agent_history?: components["schemas"]["AgentHistoryEntry"][];
            metadata?: components["schemas"]["Metadata"];
            created_at?: components["schemas"]["SentTimestamp"];
            /** @description As many as `agent_history` has, if that is sent and this is not */
            switch_count?: number;
        };
        AgentHistoryEntry: {
            /** @description Absent if no agent was at work before */
            from?: components["schemas"]["Agent"];
            to: components["schemas"]["Agent"];
            reason?: components["schemas"]["Reason"];
            timestamp?: components["schemas"]["SentTimestamp"];
            metadata?: components["schemas"]["Metadata"];
        };
        AgentContextList: {
            data: components["schemas"]["AgentContext"][];
            has_more: components["schemas"]["HasMore"];
            next?: components["schemas"]["Next"];
        };
        AgentSwitch: {
            /**
             * Format: int64
             * @description The switch's number in its session; grows with every switch
             */
            switch_no: number;
            /** @description Absent if no agent was at work before */
            from_agent?: components["schemas"]["Agent"];
            to_agent: components["schemas"]["Agent"];
            switched_at: components["schemas"]["Timestamp"];
            reason?: string;
            metadata: components["schemas"]["Metadata"];
            /** @description The session's `last_seq` when the switch happened */
            at_seq: components["schemas"]["LastSeq"];
        };
        NewAgentSwitch: {
            to_agent: components["schemas"]["Agent"];
            /** @description The agent that must still be at work for the switch to happen */
            from_agent?: components["schemas"]["Agent"];
            reason?: components["schemas"]["Reason"];
            metadata?: components["schemas"]["Metadata"];
        };
        /** @description Any text of at most 1 MiB (`store.limits.message`); beyond that it is 413 */
        Reason: string;
        AgentSwitchList: {
            data: components["schemas"]["AgentSwitch"][];
            has_more: components["schemas"]["HasMore"];
            next?: components["schemas"]["Next"];
        };
        /** @description At least one of the four */
        NewTurn: {
            session?: components["schemas"]["FirstDetails"];
            messages?: components["schemas"]["NewMessage"][];
            agent_switch?: components["schemas"]["NewAgentSwitch"];
            agent_context?: {
                metadata: components["schemas"]["Metadata"];
            };
        };
        Turn: {
            /** @description The first of the messages' numbers; absent if there were none */
            first_seq?: components["schemas"]["Seq"];
            /** @description The session's `last_seq` after the turn */
            last_seq: components["schemas"]["LastSeq"];
            agent_switch?: components["schemas"]["AgentSwitch"];
        };
        Retention: {
            settings: {
                /** @description Whether the job runs by itself */
                enabled: boolean;
                interval: components["schemas"]["Duration"];
                /** @description After how long without a write a session without `expires_at` is soft-deleted */
                max_idle: components["schemas"]["Duration"];
                /** @description For how long a soft-deleted session can be restored */
                purge_after: components["schemas"]["Duration"];
                batch_size: number;
                /** @description Between two batches */
                pause: components["schemas"]["Duration"];
                /** @description Between two looks for what is left to be removed */
                sweep_interval: components["schemas"]["Duration"];
            };
            /** @description Absent before the first run of this replica; it counts what left of the caller's tenant */
            last_run?: {
                started_at: components["schemas"]["Timestamp"];
                finished_at: components["schemas"]["Timestamp"];
                /** @description If not, what is counted has been done nevertheless */
                succeeded: boolean;
                /** @description Sessions that were soft-deleted */
                cleaned: components["schemas"]["Count"];
                /** @description Those of them that had expired */
                expired: components["schemas"]["Count"];
                /** @description Sessions that were removed for good */
                deleted: components["schemas"]["Count"];
                /** @description Messages that were removed with them */
                messages: components["schemas"]["Count"];
            };
            /** @description Absent while the job runs, and where it is disabled */
            next_run?: components["schemas"]["Timestamp"];
        };
        /**
         * @description ISO-8601, in hours, minutes and seconds
         * @example PT24H
         * @example PT0.1S
         */
        Duration: string;
        Cleanup: {
            /**
             * Format: int64
             * @default 24
             */
            max_age_hours: number;
            /**
             * @description Whether to count only
             * @default false
             */
            dry_run: boolean;
        };
        CleanedUp: {
            cleaned: components["schemas"]["Count"];
        };
        Purge: {
            /**
             * Format: int64
             * @default 30
             */
            days_old: number;
            /**
             * @description Whether to count only
             * @default false
             */
            dry_run: boolean;
        };
        Purged: {
            /** @description Sessions */
            deleted: components["schemas"]["Count"];
            /** @description Messages that were in them */
            messages: components["schemas"]["Count"];
        };
        /** @description Whether there is a next part */
        HasMore: boolean;
        /**
         * @description The path and query of the next part; absent when there is none
         * @example /v1/sessions?limit=100&cursor=MTc4
         */
        Next: string;
        NextWhenMore: unknown;
        /** @description An error (RFC 9457). Other members may be added; the common ones are listed. */
        Problem: {
            /**
             * @description The stable name of the problem; decide by this one
             * @example /problems/session-not-found
             */
            type: string;
            title: string;
            /** @description The HTTP status again */
            status: number;
            /** @description What happened, in words for people */
            detail: string;
            errors?: components["schemas"]["ProblemError"][];
            /** @description With `sequence-conflict`, the session's `last_seq` as it is */
            last_seq?: components["schemas"]["LastSeq"];
            /** @description With `agent-conflict`, the agent that is at work */
            current_agent?: components["schemas"]["Agent"];
            /** @description With `draft-offset`, how many code points the draft has */
            offset?: components["schemas"]["Offset"];
            /**
             * Format: int64
             * @description With NDJSON, the number of the bad line, counted from 1
             */
            line?: number;
            /** @description With NDJSON, how many messages were appended before it stopped */
            committed?: components["schemas"]["Count"];
        } & {
            [key: string]: unknown;
        };
        ProblemError: {
            /**
             * Format: json-pointer
             * @description The place in the JSON body (RFC 6901); its first 500 characters and … if it is longer
             */
            pointer?: string;
            /** @description The query or path parameter, or header; its first 500 characters and … if it is longer */
            parameter?: string;
            detail: string;
        };
        Health: {
            /**
             * @example UP
             * @example DOWN
             * @example OUT_OF_SERVICE
             */
            status: string;
        };
    };
    responses: {
        /** @description Nothing has changed since the `ETag` in `If-None-Match` */
        NotModified: {
            headers: {
                ETag: components["headers"]["ETag"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The stream; it ends with `session_deleted` or `bye`, and that of a reader that takes nothing at all for a minute is cut */
        Events: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example id: 7-2-15
                 *     event: message
                 *     data: {"seq":7,"role":"user","content":"Hello"}
                 */
                "text/event-stream": string;
            };
        };
        /** @description The request is not valid. `errors` says what and where, if it can be told. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/invalid-request",
                 *       "title": "The request is not valid",
                 *       "status": 400,
                 *       "detail": "/messages/3/role: must be user, assistant, system, tool, developer, function or model",
                 *       "errors": [
                 *         {
                 *           "pointer": "/messages/3/role",
                 *           "detail": "must be user, assistant, system, tool, developer, function or model"
                 *         }
                 *       ]
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A valid key or token is needed, and none was sent */
        Unauthorized: {
            headers: {
                "WWW-Authenticate": components["headers"]["WWWAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/unauthorized",
                 *       "title": "The caller is not known",
                 *       "status": 401,
                 *       "detail": "This key is not known."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller may not do this */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/forbidden",
                 *       "title": "Not allowed",
                 *       "status": 403,
                 *       "detail": "This needs the role admin."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing: `session-not-found`, `message-not-found`, `agent-context-not-found`, `erasure-not-found`, `search-disabled` where search is switched off, or `not-found` for a path that does not exist */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/session-not-found",
                 *       "title": "The session does not exist",
                 *       "status": 404,
                 *       "detail": "There is no session with this id."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The path has no such method */
        MethodNotAllowed: {
            headers: {
                Allow: components["headers"]["Allow"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/method-not-allowed",
                 *       "title": "The method is not allowed here",
                 *       "status": 405,
                 *       "detail": "PUT is not allowed here; allowed: GET, HEAD, OPTIONS."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description None of the media types in `Accept` can be answered */
        NotAcceptable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/not-acceptable",
                 *       "title": "No acceptable form of the answer",
                 *       "status": 406,
                 *       "detail": "The Accept header allows none of what this resource answers with: [application/json]."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body did not come in time; nothing was done. Lines that are appended are committed in chunks: `committed` says how many were. */
        RequestTimeout: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/request-timeout",
                 *       "title": "The request took too long",
                 *       "status": 408,
                 *       "detail": "The body did not come in time."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nothing was said for too long: `draft-silent` means that the draft was discarded, `request-timeout` that a line did not come in time */
        DraftTimeout: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/draft-silent",
                 *       "title": "The draft was discarded",
                 *       "status": 408,
                 *       "detail": "Nothing was said for 60 s. An empty text says that it goes on."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The draft has another length (`draft-offset`, and `offset`), another request goes on with it (`draft-taken`), or a message with its id is in the log already (`message-exists`, and `known`) */
        DraftConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/draft-offset",
                 *       "title": "The draft is not there",
                 *       "status": 409,
                 *       "detail": "The draft has 15 code points; offset must say so to go on with it.",
                 *       "offset": 15
                 *     }
                 */
                "application/problem+json": components["schemas"]["MessageExistsProblem"] | (components["schemas"]["Problem"] & {
                    /** @constant */
                    type?: "/problems/draft-offset";
                }) | (components["schemas"]["Problem"] & {
                    /** @constant */
                    type?: "/problems/draft-taken";
                });
            };
        };
        /** @description There is a session with this id already */
        SessionExists: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/session-exists",
                 *       "title": "The session exists",
                 *       "status": 409,
                 *       "detail": "A session with this id exists already."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    type?: "/problems/session-exists";
                };
            };
        };
        /** @description The session is not deleted */
        SessionNotDeleted: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/session-not-deleted",
                 *       "title": "The session is not deleted",
                 *       "status": 409,
                 *       "detail": "There is nothing to restore."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    type?: "/problems/session-not-deleted";
                };
            };
        };
        /** @description The agent in `from_agent` is not at work any more; `current_agent` is */
        AgentConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/agent-conflict",
                 *       "title": "Another agent holds the session",
                 *       "status": 409,
                 *       "detail": "from_agent is not the agent that holds the session now.",
                 *       "current_agent": "debugger"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    type?: "/problems/agent-conflict";
                };
            };
        };
        /** @description The session is soft-deleted */
        SessionDeleted: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/session-deleted",
                 *       "title": "The session is deleted",
                 *       "status": 410,
                 *       "detail": "The session is soft-deleted; POST …/restore brings it back."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    type?: "/problems/session-deleted";
                };
            };
        };
        /** @description Nothing fits (`context-too-small`: `limit` would have to be what is `needed`, at least), or the view has more than 100 system and developer messages (`too-many-instructions`) */
        ContextTooSmall: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/context-too-small",
                 *       "title": "Nothing fits",
                 *       "status": 422,
                 *       "detail": "The instructions and the newest message, with what belongs to it, need at least 812 tokens.",
                 *       "needed": 812,
                 *       "limit": "max_tokens"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Messages with these ids are in the session's log already; they were not written again */
        MessageExists: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/message-exists",
                 *       "title": "A message with this id exists",
                 *       "status": 409,
                 *       "detail": "The session has messages with ids that were sent; they were not written again.",
                 *       "known": [
                 *         {
                 *           "id": "msg_1",
                 *           "seq": 7
                 *         }
                 *       ]
                 *     }
                 */
                "application/problem+json": components["schemas"]["MessageExistsProblem"];
            };
        };
        /** @description The agent in `from_agent` is not at work any more (`current_agent` is), or messages with these ids are in the log already (`known`) */
        TurnConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["MessageExistsProblem"] | (components["schemas"]["Problem"] & {
                    /** @constant */
                    type?: "/problems/agent-conflict";
                });
            };
        };
        /** @description The session has moved on since the `last_seq` in `If-Match`, or its view has changed since the `view_no` there; `last_seq` is what it is now, and for the view and compactions `view_no` too */
        SequenceConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/sequence-conflict",
                 *       "title": "The session has moved on",
                 *       "status": 412,
                 *       "detail": "If-Match does not name the session's last message; it is 43.",
                 *       "last_seq": 43
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    type?: "/problems/sequence-conflict";
                };
            };
        };
        /** @description The body, or a line of it, or the answer, is too large */
        ContentTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/too-large",
                 *       "title": "The request is too large",
                 *       "status": 413,
                 *       "detail": "The body is larger than 16777216 bytes."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The `Content-Type` is not one that is listed */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/unsupported-media-type",
                 *       "title": "The body has an unsupported media type",
                 *       "status": 415,
                 *       "detail": "Content-Type must be application/json, in UTF-8."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The `Idempotency-Key` was used before with another body */
        IdempotencyKeyReused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/idempotency-key-reused",
                 *       "title": "The idempotency key was used for something else",
                 *       "status": 422,
                 *       "detail": "This Idempotency-Key came with another request before; use a new key for a new request."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    type?: "/problems/idempotency-key-reused";
                };
            };
        };
        /** @description The caller is over its limits: `too-many-streams` means that its tenant has as many tails on this replica as one may have, or follows as many sessions in them; `tenant-busy` that as many of its requests wait on this replica as may wait for one tenant, or that it has its share of the searches and forks there, and that nothing was done (of NDJSON, nothing after what is `committed`); `too-many-drafts` that the session, or its tenant, has as many open drafts as it may have */
        TooManyRequests: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/too-many-streams",
                 *       "title": "Too many streams",
                 *       "status": 429,
                 *       "detail": "This tenant has 15000 streams on this replica, which is the most it may have."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The service or its database is too busy, or away; try again later. `busy` means that nothing was done (of NDJSON, nothing after what is `committed`); `outcome-unknown` that a write may or may not have been. */
        ServiceUnavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/busy",
                 *       "title": "The store is busy",
                 *       "status": 503,
                 *       "detail": "Too many requests are waiting for the database."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is */
        Healthy: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Health"];
                "application/vnd.spring-boot.actuator.v3+json": components["schemas"]["Health"];
            };
        };
        /** @description It is not */
        Unhealthy: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Health"];
                "application/vnd.spring-boot.actuator.v3+json": components["schemas"]["Health"];
            };
        };
    };
    parameters: {
        /** @description Whether the stream tells of drafts, with the events `draft` and `draft_discarded` */
        Drafts: boolean;
        /** @description The last `id` that was received: everything up to there has been delivered. Browsers send it by themselves. It is opaque, and wins over `after`. */
        LastEventId: string;
        /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
        SessionId: components["schemas"]["SessionId"];
        /** @description Whether soft-deleted sessions are read too. */
        IncludeDeleted: boolean;
        /** @description How many to answer at most. Where they are large there are fewer, and has_more is true. */
        Limit: number;
        /** @description Where to go on; opaque, found in `next`. */
        Cursor: string;
        /** @description Whether a session that does not exist is created; if not, it is 404. */
        Create: boolean;
        /** @description Makes a retry safe. The same key with the same body gives the first answer again, with `Idempotency-Replayed: true`; the same key with another body is 422 `idempotency-key-reused`. A known key wins over `If-Match`; 410 wins over a key. Failures are not kept, so a request that failed may be sent again with its key. Keys belong to the session. Any characters but control characters, in UTF-8. */
        IdempotencyKey: string;
        /** @description The `ETag` of the view, `"<last_seq>-<view_no>"`; with another one nothing is written (412). */
        IfMatchView: string;
        /**
         * @description The `last_seq` the session must have, in quotes, as in the session's `ETag`. If it has another by then, nothing is written: 412 `sequence-conflict` with `last_seq`.
         * @example "42"
         */
        IfMatch: string;
        /** @description One or more `ETag`s from before; if nothing has changed since, the answer is 304 without a body. `*` stands for whatever there is. */
        IfNoneMatch: string;
    };
    requestBodies: never;
    headers: {
        /** @description The path of what was created */
        Location: string;
        /** @description Opaque; changes with the answer */
        ETag: string;
        /** @description The session's `last_seq` in quotes, for `If-Match` */
        SessionETag: string;
        /** @description The next part of the list, with `rel="next"`; absent when there is none */
        Link: string;
        /** @description There, and `true`, when this is the answer to an earlier request with the same `Idempotency-Key`, or the messages that were sent are in the log already under their ids */
        IdempotencyReplayed: "true";
        /** @description How many seconds to wait before trying again */
        RetryAfter: number;
        /** @description How to say who calls (RFC 6750) */
        WWWAuthenticate: string;
        /** @description The methods the path has */
        Allow: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listSessions: {
        parameters: {
            query?: {
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
                /** @description Only sessions of this owner. */
                owner?: components["schemas"]["Owner"];
                /** @description Only sessions with this label, as `name:text`; may come again for others. */
                label?: string[];
                /** @description Only sessions whose title has this part, in any case and width. */
                title?: components["schemas"]["Title"];
                /** @description Only sessions that were last active at this time or later, or created with `order=created`. */
                from?: components["schemas"]["SentTimestamp"];
                /** @description Only sessions that were last active at this time or earlier, or created with `order=created`. */
                to?: components["schemas"]["SentTimestamp"];
                order?: "activity" | "created";
                /** @description How many to answer at most. Where they are large there are fewer, and has_more is true. */
                limit?: components["parameters"]["Limit"];
                /** @description Where to go on; opaque, found in `next`. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the list */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "session_id": "support-4711",
                 *       "owner": "ann",
                 *       "title": "A parcel that has not come",
                 *       "labels": {
                 *         "env": "prod"
                 *       },
                 *       "metadata": {
                 *         "customer": 4711
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewSession"];
            };
        };
        responses: {
            /** @description The new session */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["SessionETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["SessionExists"];
            410: components["responses"]["SessionDeleted"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getSession: {
        parameters: {
            query?: {
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
            };
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session */
            200: {
                headers: {
                    ETag: components["headers"]["SessionETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deleteSession: {
        parameters: {
            query?: {
                /** @description `false` removes the session for good. */
                soft?: boolean;
            };
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "A parcel that came late",
                 *       "labels": {
                 *         "env": null,
                 *         "lang": "en"
                 *       },
                 *       "expires_at": null
                 *     }
                 */
                "application/json": components["schemas"]["SessionUpdate"];
            };
        };
        responses: {
            /** @description The session as it is now */
            200: {
                headers: {
                    ETag: components["headers"]["SessionETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            410: components["responses"]["SessionDeleted"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    restoreSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session as it is now */
            200: {
                headers: {
                    ETag: components["headers"]["SessionETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["SessionNotDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getSessionStats: {
        parameters: {
            query?: {
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
            };
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    forkSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "session_id": "support-4711-b",
                 *       "through_seq": 20,
                 *       "owner": "ann"
                 *     }
                 */
                "application/json": components["schemas"]["NewFork"];
            };
        };
        responses: {
            /** @description The new session */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["SessionETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["SessionExists"];
            410: components["responses"]["SessionDeleted"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getContext: {
        parameters: {
            query?: {
                /** @description The most tokens of all messages together. */
                max_tokens?: number;
                /** @description The most messages. */
                max_messages?: number;
                /** @description Whether system and developer messages, at most 100, come first and count too, or are dropped. */
                system?: "keep" | "drop";
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
            };
            header?: {
                /** @description One or more `ETag`s from before; if nothing has changed since, the answer is 304 without a body. `*` stands for whatever there is. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What fits */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Context"];
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            413: components["responses"]["ContentTooLarge"];
            422: components["responses"]["ContextTooSmall"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getView: {
        parameters: {
            query?: {
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
            };
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The view */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["View"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    setView: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a retry safe. The same key with the same body gives the first answer again, with `Idempotency-Replayed: true`; the same key with another body is 422 `idempotency-key-reused`. A known key wins over `If-Match`; 410 wins over a key. Failures are not kept, so a request that failed may be sent again with its key. Keys belong to the session. Any characters but control characters, in UTF-8. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the view, `"<last_seq>-<view_no>"`; with another one nothing is written (412). */
                "If-Match"?: components["parameters"]["IfMatchView"];
            };
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewView"];
            };
        };
        responses: {
            /** @description The view as it is now */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["View"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            410: components["responses"]["SessionDeleted"];
            412: components["responses"]["SequenceConflict"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    compact: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a retry safe. The same key with the same body gives the first answer again, with `Idempotency-Replayed: true`; the same key with another body is 422 `idempotency-key-reused`. A known key wins over `If-Match`; 410 wins over a key. Failures are not kept, so a request that failed may be sent again with its key. Keys belong to the session. Any characters but control characters, in UTF-8. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the view, `"<last_seq>-<view_no>"`; with another one nothing is written (412). */
                "If-Match"?: components["parameters"]["IfMatchView"];
            };
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCompaction"];
            };
        };
        responses: {
            /** @description The summary's number and the view */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Compacted"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["MessageExists"];
            410: components["responses"]["SessionDeleted"];
            412: components["responses"]["SequenceConflict"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getHistory: {
        parameters: {
            query?: {
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
                /** @description Whether messages have `seq`, `timestamp`, `token_count` and `metadata` too. */
                full?: boolean;
            };
            header?: {
                /** @description One or more `ETag`s from before; if nothing has changed since, the answer is 304 without a body. `*` stands for whatever there is. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole history */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    saveHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewHistory"];
            };
        };
        responses: {
            /** @description What was done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedHistory"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["MessageExists"];
            410: components["responses"]["SessionDeleted"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /** @description The number of a page, counted from 1, oldest messages first. */
                page?: number;
                /** @description How many messages a numbered page has; 50 when absent. */
                page_size?: number;
                /** @description Messages with a greater `seq`; 0 for the beginning. */
                after?: number;
                /** @description The last messages with a smaller `seq`. Without a value, the newest. */
                before?: number;
                /** @description The messages with these ids; not together with anything but `include_deleted`. */
                id?: components["schemas"]["MessageId"][];
                /** @description How many to answer at most. Where they are large there are fewer, and has_more is true. */
                limit?: components["parameters"]["Limit"];
                /** @description Only messages of this role. */
                role?: components["schemas"]["Role"];
                /** @description Only messages of this time or later. */
                from?: components["schemas"]["SentTimestamp"];
                /** @description Only messages of this time or earlier. */
                to?: components["schemas"]["SentTimestamp"];
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
            };
            header?: {
                /** @description One or more `ETag`s from before; if nothing has changed since, the answer is 304 without a body. `*` stands for whatever there is. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The messages */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageList"] | components["schemas"]["MessagePage"];
                    "application/x-ndjson": components["schemas"]["Message"];
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    appendMessages: {
        parameters: {
            query?: {
                /** @description Whether a session that does not exist is created; if not, it is 404. */
                create?: components["parameters"]["Create"];
            };
            header?: {
                /** @description Makes a retry safe. The same key with the same body gives the first answer again, with `Idempotency-Replayed: true`; the same key with another body is 422 `idempotency-key-reused`. A known key wins over `If-Match`; 410 wins over a key. Failures are not kept, so a request that failed may be sent again with its key. Keys belong to the session. Any characters but control characters, in UTF-8. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The `last_seq` the session must have, in quotes, as in the session's `ETag`. If it has another by then, nothing is written: 412 `sequence-conflict` with `last_seq`.
                 * @example "42"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessage"] | components["schemas"]["NewMessages"];
                "application/x-ndjson": components["schemas"]["NewMessage"];
            };
        };
        responses: {
            /** @description The numbers the messages got; `appended` instead of a time for NDJSON */
            201: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Appended"] | components["schemas"]["AppendedLines"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["MessageExists"];
            410: components["responses"]["SessionDeleted"];
            412: components["responses"]["SequenceConflict"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getMessage: {
        parameters: {
            query?: {
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
            };
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
                /** @description The message's number in its session. */
                seq: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    tailSession: {
        parameters: {
            query?: {
                /** @description Begin behind this message, with the switches that happened when it, or a later one, was the last */
                after?: number;
                /** @description Whether a session that is not there yet is followed from its creation, instead of 404, after which an `EventSource` does not come back. `after` may only be 0 then: else it is ahead of the log */
                wait?: boolean;
                /** @description Whether the stream tells of drafts, with the events `draft` and `draft_discarded` */
                drafts?: components["parameters"]["Drafts"];
            };
            header?: {
                /** @description The last `id` that was received: everything up to there has been delivered. Browsers send it by themselves. It is opaque, and wins over `after`. */
                "Last-Event-ID"?: components["parameters"]["LastEventId"];
            };
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Events"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    tailSessions: {
        parameters: {
            query: {
                /** @description 1 to 100 sessions, in any order */
                session_id: string[];
                /** @description Whether the stream tells of drafts, with the events `draft` and `draft_discarded` */
                drafts?: components["parameters"]["Drafts"];
            };
            header?: {
                /** @description The last `id` that was received: everything up to there has been delivered. Browsers send it by themselves. It is opaque, and wins over `after`. */
                "Last-Event-ID"?: components["parameters"]["LastEventId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Events"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listDrafts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DraftList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    writeDraft: {
        parameters: {
            query?: {
                /** @description How many Unicode code points the draft has; 0 for a new one */
                offset?: number;
                /** @description Whether a session that does not exist is created; if not, it is 404. */
                create?: components["parameters"]["Create"];
            };
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
                /** @description The `id` that the message gets, percent-encoded */
                message_id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-ndjson": components["schemas"]["DraftLine"];
            };
        };
        responses: {
            /** @description The draft was discarded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DiscardedDraft"];
                };
            };
            /** @description The number that the message got */
            201: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Appended"];
                };
            };
            /** @description The body has ended, and the draft is open */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenDraft"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["DraftTimeout"];
            409: components["responses"]["DraftConflict"];
            410: components["responses"]["SessionDeleted"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getAgentContext: {
        parameters: {
            query?: {
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
            };
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The context */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentContext"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    saveAgentContext: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAgentContext"];
            };
        };
        responses: {
            /** @description The context as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentContext"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            410: components["responses"]["SessionDeleted"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deleteAgentContext: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listAgentContexts: {
        parameters: {
            query?: {
                /** @description How many to answer at most. Where they are large there are fewer, and has_more is true. */
                limit?: components["parameters"]["Limit"];
                /** @description Where to go on; opaque, found in `next`. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the list */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentContextList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listAgentSwitches: {
        parameters: {
            query?: {
                /** @description How many to answer at most. Where they are large there are fewer, and has_more is true. */
                limit?: components["parameters"]["Limit"];
                /** @description Newest first (`desc`) or oldest first (`asc`), by `switch_no`. */
                order?: "desc" | "asc";
                /** @description Where to go on; opaque, found in `next`. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Whether soft-deleted sessions are read too. */
                include_deleted?: components["parameters"]["IncludeDeleted"];
            };
            header?: never;
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the list */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentSwitchList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    switchAgent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a retry safe. The same key with the same body gives the first answer again, with `Idempotency-Replayed: true`; the same key with another body is 422 `idempotency-key-reused`. A known key wins over `If-Match`; 410 wins over a key. Failures are not kept, so a request that failed may be sent again with its key. Keys belong to the session. Any characters but control characters, in UTF-8. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from_agent": "orchestrator",
                 *       "to_agent": "debugger",
                 *       "reason": "The tests failed"
                 *     }
                 */
                "application/json": components["schemas"]["NewAgentSwitch"];
            };
        };
        responses: {
            /** @description The switch */
            201: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentSwitch"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["AgentConflict"];
            410: components["responses"]["SessionDeleted"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    appendTurn: {
        parameters: {
            query?: {
                /** @description Whether a session that does not exist is created; if not, it is 404. */
                create?: components["parameters"]["Create"];
            };
            header?: {
                /** @description Makes a retry safe. The same key with the same body gives the first answer again, with `Idempotency-Replayed: true`; the same key with another body is 422 `idempotency-key-reused`. A known key wins over `If-Match`; 410 wins over a key. Failures are not kept, so a request that failed may be sent again with its key. Keys belong to the session. Any characters but control characters, in UTF-8. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The `last_seq` the session must have, in quotes, as in the session's `ETag`. If it has another by then, nothing is written: 412 `sequence-conflict` with `last_seq`.
                 * @example "42"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description 1 to 255 Unicode code points, percent-encoded. Control characters, `/` and `\` are refused, as are the ids `.` and `..` (400). */
                session_id: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "messages": [
                 *         {
                 *           "role": "user",
                 *           "content": "Where is my parcel?"
                 *         }
                 *       ],
                 *       "session": {
                 *         "owner": "ann",
                 *         "title": "A parcel that has not come"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewTurn"];
            };
        };
        responses: {
            /** @description What was recorded */
            201: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Turn"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["TurnConflict"];
            410: components["responses"]["SessionDeleted"];
            412: components["responses"]["SequenceConflict"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    searchMessages: {
        parameters: {
            query: {
                /**
                 * @description What to search for; at most 64 words (characters, where a script has no spaces), at least one of them without a minus.
                 * @example missing semicolon
                 */
                q: string;
                /** @description Only messages in sessions of this owner. */
                owner?: components["schemas"]["Owner"];
                /** @description Only messages in sessions with this label, as `name:text`; may come again for others. */
                label?: string[];
                /** @description Only messages of this session. */
                session_id?: components["schemas"]["SessionId"];
                /** @description Only messages of this role. */
                role?: components["schemas"]["Role"];
                /** @description Only messages of this time or later. */
                from?: components["schemas"]["SentTimestamp"];
                /** @description Only messages of this time or earlier. */
                to?: components["schemas"]["SentTimestamp"];
                /** @description How many to answer at most. */
                limit?: number;
                /** @description Where to go on; opaque, found in `next`. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of what was found */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundMessageList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            410: components["responses"]["SessionDeleted"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    eraseSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "owner": "ann"
                 *     }
                 */
                "application/json": components["schemas"]["NewErasure"];
            };
        };
        responses: {
            /** @description What has been done so far; it goes on by itself */
            202: {
                headers: {
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getErasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                erasure_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far it has come */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getRetention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Settings and runs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Retention"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    cleanUpSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "max_age_hours": 48,
                 *       "dry_run": true
                 *     }
                 */
                "application/json": components["schemas"]["Cleanup"];
            };
        };
        responses: {
            /** @description How many were soft-deleted, or would be */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CleanedUp"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    purgeSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "days_old": 90,
                 *       "dry_run": true
                 *     }
                 */
                "application/json": components["schemas"]["Purge"];
            };
        };
        responses: {
            /** @description How much was removed, or would be */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Purged"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: {
                /** @description One or more `ETag`s from before; if nothing has changed since, the answer is 304 without a body. `*` stands for whatever there is. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            406: components["responses"]["NotAcceptable"];
        };
    };
    getConsole: {
        parameters: {
            query?: never;
            header?: {
                /** @description One or more `ETag`s from before; if nothing has changed since, the answer is 304 without a body. `*` stands for whatever there is. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
        };
    };
    getConsoleFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description One or more `ETag`s from before; if nothing has changed since, the answer is 304 without a body. `*` stands for whatever there is. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                    "text/css": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
        };
    };
    getDocs: {
        parameters: {
            query?: never;
            header?: {
                /** @description One or more `ETag`s from before; if nothing has changed since, the answer is 304 without a body. `*` stands for whatever there is. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            406: components["responses"]["NotAcceptable"];
        };
    };
    getDocsFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description One or more `ETag`s from before; if nothing has changed since, the answer is 304 without a body. `*` stands for whatever there is. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                file: "init.js" | "swagger-ui-bundle.js" | "swagger-ui.css";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                    "text/css": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            406: components["responses"]["NotAcceptable"];
            503: components["responses"]["Unhealthy"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            406: components["responses"]["NotAcceptable"];
            503: components["responses"]["Unhealthy"];
        };
    };
}
