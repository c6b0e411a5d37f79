"""The class that programs use."""
import contextlib
import itertools
import ssl
import urllib.parse
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, Optional, Union

from .connections import Connections
from .draft import Draft
from .errors import AgentContextNotFound, SessionDeleted, SessionExists, SessionNotDeleted, SessionNotFound
from .scope import SessionScope
from .search import FoundMessages
from .service import Service
from .shapes import (
    MOST_MESSAGES,
    UNCHANGED,
    Message,
    Time,
    Unchanged,
    loaded_draft,
    loaded_erasure,
    loaded_message,
    loaded_session,
    loaded_switch,
    page_message,
    path_of,
    path_of_erasure,
    sent_details,
    sent_filters,
    sent_ids,
    sent_message,
    sent_switch,
    sent_time,
    time_of,
    with_time,
)
from .tail import Tail, TailEvent

_MOST_ITEMS = 1000  # in one part of a list
_MOST_FOUND = 100  # in one part of what a search finds
_MAY_BE_CUT = 15  # seconds after which a clean-up may have more to do: the store answers at 20


class Database:
    """
    The sessions in one Agent Session Store. Thread-safe; keep one for the whole program.

    db_url         where the service is, http:// or https://, with a path in front of /v1 if it has one
    api_key        sent as `Authorization: Bearer …`
    timeout        seconds that a request waits in all for a connection, its answer and repeated tries; while a long
                   answer arrives, the longest wait for the next piece of it. A list can take several requests
    empty_content  stored in place of the content of a message that has neither text nor tool calls
    ssl_context    for https://, in place of `ssl.create_default_context()`

    A call that finds the store busy, or loses its connection, is tried again a few times with growing pauses, and that
    is safe: what must not be done twice carries an `Idempotency-Key`, or, where it removes for good, is not tried again
    once it may have been done. Errors are kinds of `StoreError`; a session that is missing or soft-deleted is None, False
    or [], as it was, in every method of the older class that answers something.
    """

    def __init__(self, db_url: str = "http://127.0.0.1:8080", *, api_key: Optional[str] = None, timeout: float = 30.0,
                 empty_content: str = "", ssl_context: Optional[ssl.SSLContext] = None) -> None:
        self.db_url = db_url
        self._empty_content = empty_content
        self._service = Service(Connections(db_url, ssl_context), api_key, timeout)

    def __repr__(self) -> str:
        return "Database(%r)" % self.db_url

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections that are not in use. A later call opens new ones."""
        self._service.connections.close()

    # ---- sessions

    def save_session(self, session_id: str, messages: Sequence[Message], last_activity: Optional[Time]) -> None:
        """
        Saves the whole history: creates the session if it is new, and appends what is new. A history that was cut, or
        begins with a summary, keeps what it has in common with what is stored: the store's log keeps every message, and
        `load_session` answers what was saved. A history with one more message is one request and one row.

        last_activity  None for now

        Raises SessionDeleted if the session is soft-deleted.
        """
        history: dict[str, Any] = {"messages": self._messages(messages)}
        if last_activity is not None:
            history["last_activity"] = sent_time(last_activity)
        self._service.call("PUT", path_of(session_id, "history"), history)

    def load_session(self, session_id: str) -> Optional[dict[str, Any]]:
        """`session_id`, `messages`, `last_activity` and `created_at`; None if it is missing or soft-deleted."""
        try:
            history = self._service.get(path_of(session_id, "history"))
        except (SessionNotFound, SessionDeleted):
            return None
        return {
            "session_id": history["session_id"],
            "messages": [loaded_message(message) for message in history["messages"]],
            "last_activity": time_of(history["last_activity"]),
            "created_at": time_of(history["created_at"]),
        }

    def delete_session(self, session_id: str, soft: bool = True) -> bool:
        """Hides a session until `restore_session`, or removes it for good. False if there is none."""
        try:
            self._service.call("DELETE", path_of(session_id) + ("?soft=true" if soft else "?soft=false"), repeatable=soft)
        except SessionDeleted:  # it was before; the older class said True
            return True
        except SessionNotFound:
            return False
        return True

    def restore_session(self, session_id: str) -> bool:
        """Undoes a soft delete. False if there is no such session, or it is not deleted."""
        try:
            self._service.call("POST", path_of(session_id, "restore"))
        except SessionNotFound:
            return False
        except SessionNotDeleted as restored:
            return restored.outcome_unknown
        return True

    def list_all_sessions(self, include_deleted: bool = False) -> list[str]:
        """All session ids, in the order in which the store got to know them."""
        path = "/v1/sessions?order=created&limit=%d" % _MOST_ITEMS
        sessions = self._service.walk(path + ("&include_deleted=true" if include_deleted else ""))
        return [session["session_id"] for session in sessions]

    def get_session_stats(self, session_id: str) -> Optional[dict[str, Any]]:
        """
        `session_id`, `message_count` (how many `load_session` answers), `total_tokens` (of all that the log keeps),
        `last_message_at` (None without messages), `created_at` and `last_activity`; None if the session is missing or
        soft-deleted.
        """
        try:
            stats = self._service.get(path_of(session_id, "stats"))
        except (SessionNotFound, SessionDeleted):
            return None
        return {
            "session_id": stats["session_id"],
            "message_count": stats["view_message_count"],
            "total_tokens": stats["total_tokens"],
            "last_message_at": time_of(stats.get("last_message_at")),
            "created_at": time_of(stats["created_at"]),
            "last_activity": time_of(stats["last_activity"]),
        }

    # ---- what is said of sessions, and finding them by it

    def create_session(self, session_id: Optional[str] = None, *, owner: Optional[str] = None, title: Optional[str] = None,
                       labels: Optional[Mapping[str, str]] = None, expires_at: Optional[Time] = None,
                       metadata: Optional[Mapping[str, Any]] = None) -> dict[str, Any]:
        """
        Creates a session without messages; without an id it gets a new one.

        owner       whose it is, for example a user of your program
        title       what people call it
        labels      texts by name, up to 32; no name has a colon
        expires_at  when the store soft-deletes it, however active it is

        Answers what `session_details` does. Raises SessionExists, or SessionDeleted if a session of that id is
        soft-deleted.
        """
        details = sent_details(None, owner, title, labels, expires_at, metadata)
        return loaded_session(self._make("/v1/sessions", session_id, details))

    def _make(self, path: str, session_id: Optional[str], body: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any]
        new_id = str(uuid.uuid4()) if session_id is None else session_id
        try:
            made = self._service.call("POST", path, {"session_id": new_id, **body})
        except SessionExists as exists:
            if session_id is not None or not exists.outcome_unknown:
                raise
            made = self._service.get(path_of(new_id))  # the try that got no answer has made it
        return made

    def session_details(self, session_id: str, include_deleted: bool = False) -> Optional[dict[str, Any]]:
        """
        `session_id`, `created_at`, `last_activity`, `is_active`, `last_seq`; `labels` and `metadata`, {} if there are none;
        `owner`, `title`, `expires_at`, `deleted_at` and `forked_from`, None if there is none. None if the session is
        missing or soft-deleted.
        """
        try:
            session = self._service.get(path_of(session_id) + ("?include_deleted=true" if include_deleted else ""))
        except (SessionNotFound, SessionDeleted):
            return None
        return loaded_session(session)

    def update_session(self, session_id: str, *, owner: Union[str, None, Unchanged] = UNCHANGED,
                       title: Union[str, None, Unchanged] = UNCHANGED,
                       labels: Union[Mapping[str, Optional[str]], None, Unchanged] = UNCHANGED,
                       expires_at: Union[Time, None, Unchanged] = UNCHANGED,
                       metadata: Union[Mapping[str, Any], None, Unchanged] = UNCHANGED) -> dict[str, Any]:
        """
        Changes what is given, and removes what is None. Labels change by name: those that are not named stay, and None as
        a label's text removes that one. Metadata is replaced as a whole.

        Answers what `session_details` does. Raises SessionNotFound or SessionDeleted.
        """
        details = sent_details(UNCHANGED, owner, title, labels, expires_at, metadata)
        return loaded_session(self._service.call("PATCH", path_of(session_id), details))

    def find_sessions(self, *, owner: Optional[str] = None, labels: Optional[Mapping[str, str]] = None,
                      title: Optional[str] = None, since: Optional[Time] = None, until: Optional[Time] = None,
                      order: str = "activity", include_deleted: bool = False,
                      limit: Optional[int] = None) -> Iterator[dict[str, Any]]:
        """
        The sessions that pass everything that is given, each as `session_details` has it; they are asked for in parts, as
        they are taken.

        labels        that they have, with these texts
        title         a part of the title, in any case and width
        since, until  the first and the last time of the last activity, or of the creation with order="created"
        order         "activity": the most recently active first. "created": the oldest first
        limit         how many at most; None for all
        """
        query = sent_filters({"owner": owner, "title": title}, labels, since, until)
        if include_deleted:
            query.append(("include_deleted", "true"))
        part = _MOST_ITEMS if limit is None else min(limit, _MOST_ITEMS)
        query += [("order", order), ("limit", str(part))]
        found = self._service.walk("/v1/sessions?" + urllib.parse.urlencode(query))
        return map(loaded_session, itertools.islice(found, limit))

    # ---- search

    def search(self, q: str, *, owner: Optional[str] = None, labels: Optional[Mapping[str, str]] = None,
               session_id: Optional[str] = None, role: Optional[str] = None, since: Optional[Time] = None,
               until: Optional[Time] = None, limit: Optional[int] = None) -> FoundMessages:
        """
        The messages that have all words of `q`, in sessions that are not deleted, and pass everything that is given, the
        newest first; they are asked for in parts, as they are taken.

        q              words in any case, width and accent; also `"a phrase"`, `begin*`, `-without`, `this OR that`
        owner, labels  of their sessions
        session_id     of the only session that is searched; raises SessionNotFound or SessionDeleted
        role           of the messages
        since, until   the first and the last time of the messages
        limit          how many at most; None for all

        Each is a dict of `session_id`; `title`, None if the session has none; `seq`; `role`, None if the message has none;
        `timestamp`; `snippet`, a part of the message; `matches`, where in it words were found, as (begin, end) of a slice.
        A message is found within about a second of its commit; `indexed_through` of the iterator tells. What is wrong with
        `q` is InvalidRequest, and a store without search SearchDisabled, when the first message is taken.
        """
        texts = {"q": q, "owner": owner, "session_id": session_id, "role": role}
        query = sent_filters(texts, labels, since, until)
        query.append(("limit", str(_MOST_FOUND if limit is None else min(limit, _MOST_FOUND))))
        return FoundMessages(self._service.parts("/v1/search?" + urllib.parse.urlencode(query)), limit)

    # ---- messages

    def get_messages_paginated(self, session_id: str, page: int = 1, page_size: int = 50) -> list[dict[str, Any]]:
        """
        A page of what `load_session` answers. Page 1 has the oldest messages; the role of an item without one is None. []
        past the end, and if the session is missing or soft-deleted.
        """
        try:
            view = self._service.get(path_of(session_id, "view"))
            if view["ranges"] and page > 0 and page_size > 0:
                return self._page_of_view(session_id, view, (page - 1) * page_size, page_size)
            if page_size <= _MOST_ITEMS:
                return self._page(session_id, page, page_size)
            # the older class had no limit: cut the wanted range out of pages of the most the store answers
            start, end = (page - 1) * page_size, page * page_size
            first = start // _MOST_ITEMS
            found: list[dict[str, Any]] = []
            for number in range(first, -(-end // _MOST_ITEMS)):
                part = self._page(session_id, number + 1, _MOST_ITEMS)
                found += part
                if len(part) < _MOST_ITEMS:
                    break
            return found[start - first * _MOST_ITEMS:end - first * _MOST_ITEMS]
        except (SessionNotFound, SessionDeleted):
            return []

    def _page_of_view(self, session_id: str, view: Mapping[str, Any], start: int, most: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for first, last in self._ranges(view):
            begin = min(first + start, last + 1)
            start -= begin - first
            wanted = min(last + 1 - begin, most - len(found))
            if wanted > 0:
                path = path_of(session_id, "messages") + "?after=%d&limit=%d" % (begin - 1, min(wanted, _MOST_ITEMS))
                found += map(page_message, itertools.islice(self._service.walk(path), wanted))
        return found

    def _page(self, session_id: str, page: int, page_size: int) -> list[dict[str, Any]]:
        path = path_of(session_id, "messages") + "?page=%d&page_size=%d" % (page, page_size)
        return [page_message(message) for message in self._service.get(path)["data"]]

    def append_messages(self, session_id: str, messages: Union[Message, Sequence[Message]], *, create: bool = True,
                        if_last_seq: Optional[int] = None, idempotency_key: Optional[str] = None) -> dict[str, Any]:
        """
        Appends one message, or up to 1000, all or nothing.

        create           whether a session that does not exist is created; if not it is SessionNotFound
        if_last_seq      append only if this is still the session's last `seq`; else SequenceConflict
        idempotency_key  for calls that the program itself may repeat, after a restart for instance: the second one
                         answers what the first did. Without it each call has its own

        Answers `session_id`, `first_seq`, `last_seq` and `timestamp`.
        """
        sent = self._messages([messages] if isinstance(messages, Mapping) else messages)
        if not 1 <= len(sent) <= MOST_MESSAGES:
            raise ValueError("append takes 1 to %d messages, not %d" % (MOST_MESSAGES, len(sent)))
        headers = {} if if_last_seq is None else {"If-Match": '"%d"' % if_last_seq}
        path = path_of(session_id, "messages") + ("" if create else "?create=false")
        return with_time(self._service.once(path, sent, idempotency_key, headers))

    def _messages(self, messages: Iterable[Message]) -> list[dict[str, Any]]:
        return [sent_message(message, "messages[%d]" % i, self._empty_content) for i, message in enumerate(messages)]

    # ---- messages while they are written

    def draft(self, session_id: str, message_id: Optional[str] = None, *, text: str = "", create: bool = True) -> Draft:
        """
        A message to be written piece by piece, seen by those who follow the session with `tail(drafts=True)`:

            with db.draft("support-4711") as draft:
                for piece in model:
                    draft.write(piece)

        message_id  the `id` that the message will have; a new one by default
        text        what the draft has already, to go on with one that was left open: the text that `drafts` tells. If it
                    has more by now that is DraftTaken
        create      whether a session that does not exist is created; if not it is SessionNotFound
        """
        new_id = str(uuid.uuid4()) if message_id is None else message_id
        return Draft(self._service, session_id, new_id, text, create, self._empty_content)

    def drafts(self, session_id: str) -> list[dict[str, Any]]:
        """
        The drafts that are open, the oldest first: `message_id`, `text` and `started_at`. Raises SessionNotFound or
        SessionDeleted.
        """
        return [loaded_draft(draft) for draft in self._service.walk(path_of(session_id, "drafts"))]

    # ---- what a model sees

    def context(self, session_id: str, max_tokens: Optional[int] = None, *, max_messages: Optional[int] = None,
                system: bool = True, include_deleted: bool = False) -> dict[str, Any]:
        """
        The newest messages that fit a model, ready to be sent: `messages`, `tokens`, `omitted`, `left_out`,
        `pending_tool_calls` and more. One of the limits is required.

        system  whether system and developer messages come first, or not at all

        Raises ContextTooSmall if nothing fits.
        """
        wanted: dict[str, Any] = {"max_tokens": max_tokens, "max_messages": max_messages}
        query = {name: value for name, value in wanted.items() if value is not None}
        if not system:
            query["system"] = "drop"
        if include_deleted:
            query["include_deleted"] = "true"
        answer: dict[str, Any] = self._service.get(path_of(session_id, "context") + "?" + urllib.parse.urlencode(query))
        return answer

    def rewind(self, session_id: str, through_seq: int) -> dict[str, Any]:
        """
        Takes back what follows the message `through_seq`: a model sees what stands before it, it, and what comes from now
        on. The log keeps the rest. Answers the view: `ranges`, `view_no`, `last_seq` and `message_count`.

        Raises SequenceConflict if somebody has written meanwhile, and ValueError if a model does not see the message.
        """
        view = self._service.get(path_of(session_id, "view"))
        ranges = []
        for first, last in self._ranges(view):
            if first <= through_seq <= last:
                ranges.append([first, through_seq])
                break
            ranges.append([first, last])
        else:
            raise ValueError("the view of %s has no message %d" % (session_id, through_seq))
        return self._set_view(session_id, ranges + [[view["last_seq"] + 1]], view)

    def _ranges(self, view: Mapping[str, Any]) -> list[list[int]]:
        """The ranges of a view with their ends, none that is empty."""
        last_seq = view["last_seq"]
        ranges = view["ranges"] or [[last_seq - view["message_count"] + 1]]
        closed = [[each[0], each[1] if len(each) > 1 else last_seq] for each in ranges]
        return [each for each in closed if each[0] <= each[1]]

    def _set_view(self, session_id: str, ranges: list[list[int]], view: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._service.call(
            "PUT", path_of(session_id, "view"), {"ranges": ranges},
            {"If-Match": '"%d-%d"' % (view["last_seq"], view["view_no"]), "Idempotency-Key": uuid.uuid4().hex})
        return answer

    def compact(self, session_id: str, summary: Message, through_seq: int, *,
                from_seq: Optional[int] = None) -> dict[str, Any]:
        """
        Puts a summary in place of what it sums up, through the message `through_seq`; without `from_seq` from the first
        that is neither system nor developer. The log keeps what it stands for. Answers `seq`, `ranges` and `last_seq`.
        """
        body: dict[str, Any] = {"summary": sent_message(summary, "summary", self._empty_content), "through_seq": through_seq}
        if from_seq is not None:
            body["from_seq"] = from_seq
        answer: dict[str, Any] = self._service.once(path_of(session_id, "compactions"), body)
        return answer

    def fork(self, session_id: str, new_session_id: Optional[str] = None, *, through_seq: Optional[int] = None,
             owner: Optional[str] = None, title: Optional[str] = None, labels: Optional[Mapping[str, str]] = None,
             expires_at: Optional[Time] = None, metadata: Optional[Mapping[str, Any]] = None) -> str:
        """
        Makes a new session that begins with the log of this one, through the message `through_seq` or all of it, and
        answers its id. What is said of this one is not taken over: say it again as for `create_session`. The answer takes
        as long as the copy: for a very long log take a Database with a longer `timeout`. Raises SessionExists if there is one
        of that id.
        """
        body = sent_details(None, owner, title, labels, expires_at, metadata)
        if through_seq is not None:
            body["through_seq"] = through_seq
        forked: str = self._make(path_of(session_id, "forks"), new_session_id, body)["session_id"]
        return forked

    # ---- agents

    def save_agent_context(self, session_id: str, current_agent: str, agent_history: Sequence[Mapping[str, Any]],
                           metadata: Optional[Mapping[str, Any]], created_at: Optional[Time],
                           last_switch_at: Optional[Time], switch_count: int) -> None:
        """
        Saves which agent is at work, with all switches so far, the oldest first. A longer history is appended to, a
        different one replaced. A session that does not exist is created, empty.

        last_switch_at  not sent: it is the time of the last switch in `agent_history`

        Raises SessionDeleted if the session is soft-deleted.
        """
        context: dict[str, Any] = {
            "current_agent": current_agent,
            "agent_history": [sent_switch(switch, current_agent) for switch in agent_history],
            "metadata": dict(metadata or {}),
            "switch_count": switch_count,
        }
        if created_at is not None:
            context["created_at"] = sent_time(created_at)
        path = path_of(session_id, "agent-context")
        try:
            self._service.call("PUT", path, context, repeatable=False)
        except SessionNotFound:
            with contextlib.suppress(SessionExists):
                self._service.call("POST", "/v1/sessions", {"session_id": session_id})
            self._service.call("PUT", path, context, repeatable=False)

    def load_agent_context(self, session_id: str) -> Optional[dict[str, Any]]:
        """
        `session_id`, `current_agent`, `agent_history` (`from`, `to`, `reason`, `timestamp` as ISO text; the oldest
        first), `metadata`, `created_at`, `last_switch_at` and `switch_count`; None if there is no context.
        """
        try:
            context, switches = self._context_and_switches(session_id)
        except (SessionNotFound, SessionDeleted, AgentContextNotFound):
            return None
        return {
            "session_id": context["session_id"],
            "current_agent": context["current_agent"],
            "agent_history": [loaded_switch(switch) for switch in switches],
            "metadata": context["metadata"],
            "created_at": time_of(context["created_at"]),
            "last_switch_at": time_of(context.get("last_switch_at")),
            "switch_count": context["switch_count"],
        }

    def _context_and_switches(self, session_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        path = path_of(session_id, "agent-switches") + "?order=asc&limit=%d" % _MOST_ITEMS
        for _ in range(3):  # two reads; begin again if a switch came between them
            context = self._service.get(path_of(session_id, "agent-context"))
            switches = list(self._service.walk(path))
            if context.get("last_switch_at") == (switches[-1]["switched_at"] if switches else None):
                break
        return context, switches

    def delete_agent_context(self, session_id: str) -> bool:
        """Removes the context and its switches. False if there is none, or the session is soft-deleted."""
        try:
            self._service.call("DELETE", path_of(session_id, "agent-context"), repeatable=False)
        except (SessionNotFound, SessionDeleted, AgentContextNotFound):
            return False
        return True

    def list_all_contexts(self) -> list[str]:
        """The ids of all sessions that have a context and are not soft-deleted."""
        contexts = self._service.walk("/v1/agent-contexts?limit=%d" % _MOST_ITEMS)
        return [context["session_id"] for context in contexts]

    def get_agent_switch_history(self, session_id: str, limit: int = 100) -> list[dict[str, Any]]:
        """
        `id` (the number of the switch in its session), `from_agent`, `to_agent`, `switched_at`, `reason` and `metadata`
        of the last switches, the newest first. [] if there is no context.
        """
        if limit < 1:
            return []
        path = path_of(session_id, "agent-switches") + "?order=desc&limit=%d" % min(limit, _MOST_ITEMS)
        try:
            switches = list(itertools.islice(self._service.walk(path), limit))
        except (SessionNotFound, SessionDeleted, AgentContextNotFound):
            return []
        return [{
            "id": switch["switch_no"],
            "from_agent": switch.get("from_agent"),
            "to_agent": switch["to_agent"],
            "switched_at": time_of(switch["switched_at"]),
            "reason": switch.get("reason"),
            "metadata": switch["metadata"],
        } for switch in switches]

    # ---- several changes at once

    @contextlib.contextmanager
    def session_scope(self) -> Iterator[SessionScope]:
        """
        What is done on the object it gives is one request at the end: all of it is committed, or nothing. After an
        exception nothing is sent, and after nothing was done neither.

            with db.session_scope() as scope:
                scope.append("support-4711", {"role": "assistant", "content": "The tester takes over."})
                scope.switch_agent("support-4711", "tester", reason="run the tests")
        """
        scope = SessionScope(self._messages)
        yield scope
        scope._commit(self._service)

    # ---- retention

    def cleanup_old_sessions(self, max_age_hours: int = 24) -> int:
        """
        Soft-deletes the sessions that were idle for longer than so many hours (1 at least), and those that have expired,
        and says how many. The store answers after about 20 seconds at the latest, so this asks again if it took as long
        and cleaned some. If a call had to be repeated because an answer was lost, what the lost one cleaned is not
        counted.
        """
        return self._all("/v1/retention/cleanup", {"max_age_hours": max_age_hours}, "cleaned")

    def hard_delete_old_sessions(self, days_old: int = 30) -> int:
        """
        Removes for good the sessions that were soft-deleted longer ago than so many days, and says how many; counted as
        `cleanup_old_sessions` counts.
        """
        return self._all("/v1/retention/purge", {"days_old": days_old}, "deleted")

    def _all(self, path: str, body: Mapping[str, Any], counted: str) -> int:
        total = 0
        while True:
            begun = monotonic()
            done = int(self._service.call("POST", path, body)[counted])
            total += done
            if done == 0 or monotonic() - begun < _MAY_BE_CUT:
                return total

    # ---- erasure

    def erase_owner(self, owner: str) -> dict[str, Any]:
        """
        Erases all sessions of an owner that there are by now, soft-deleted ones too, and answers what has been done so
        far; `erasure` tells how it goes on, and it goes on whoever asks. What is created meanwhile or afterwards is new
        and stays. Forks that have another owner, or none, are not among them.

        Answers what `erasure` does. If its answer is lost it is not sent again by itself; what the lost one put out of
        reach is not counted in the receipt of another.
        """
        return self._erase({"owner": owner})

    def erase_sessions(self, session_ids: Iterable[str]) -> dict[str, Any]:
        """Erases up to 1000 sessions as `erase_owner` does; ids of sessions that are not there are passed over."""
        return self._erase({"session_ids": sent_ids(session_ids)})

    def _erase(self, what: Mapping[str, Any]) -> dict[str, Any]:
        return loaded_erasure(self._service.call("POST", "/v1/erasures", what, repeatable=False))

    def erasure(self, erasure_id: str) -> dict[str, Any]:
        """
        The receipt of an erasure, which names nobody: `erasure_id`; `state`, which is "marking", then "removing" as soon
        as nobody can reach any of the sessions, and "done" when nothing of them is left in the tables; `sessions` and
        `messages`, how many are out of reach by now; `requested_at`, and `finished_at`, None until it is done.

        Raises ErasureNotFound, which it also is 90 days after it was done.
        """
        return loaded_erasure(self._service.get(path_of_erasure(erasure_id)))

    # ---- live tail

    def tail(self, session_id: str, after: Optional[int] = None, *, last_event_id: Optional[str] = None,
             give_up_after: Optional[float] = 300.0, drafts: bool = False) -> Iterator[TailEvent]:
        """
        Follows a session: each message and switch from a position on, once and in order, across lost connections and
        restarts of the service. Blocks for the next event; ends after `session_deleted`.

        after          the `seq` after which to begin; 0 for the beginning, None for now. The first event, `ready`, is
                       there as soon as nothing can be missed any more
        last_event_id  the `id` of an earlier event, to go on after it; wins over `after`
        give_up_after  seconds without a connection until StoreUnavailable is raised; None for never
        drafts         whether to tell of messages while they are written, too; `DraftTexts` puts together what it tells:
                       `draft` has the `message_id` and a `text` that stands after `offset` characters of what was told
                       before, and ends there. `draft_discarded`, and the message whose `id` is that, end it. After a
                       lost connection all drafts are `draft_discarded`, and those that go on are told from their
                       beginning
        """
        return Tail(self._service, session_id, after, last_event_id, give_up_after, drafts).events()
