"""
Agent Session Store from Python: one file, standard library only, Python 3.9 or later.

`Database` has the methods, signatures and answers of the class of that name in the older Python service, and does their
work over HTTP, so that code written for the older class keeps working:

    from agent_session_store import Database

    db = Database("http://127.0.0.1:8080")
    db.save_session("support-4711", [{"role": "user", "content": "hi"}], datetime.utcnow())
    db.load_session("support-4711")["messages"]

Times: naive datetimes are UTC, and every datetime that comes back is naive and UTC. README.md tells what differs from
the older class, and why.
"""
import collections
import contextlib
import http.client
import itertools
import json
import logging
import os
import random
import select
import ssl
import time
import urllib.parse
import uuid
from datetime import datetime, timezone
from typing import Any, Callable, Deque, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

__all__ = [
    "AccessDenied", "AgentConflict", "AgentContextNotFound", "Conflict", "Database", "InvalidRequest", "SequenceConflict",
    "SessionDeleted", "SessionExists", "SessionNotDeleted", "SessionNotFound", "SessionScope", "StoreError",
    "StoreUnavailable", "TailEvent",
]

Message = Mapping[str, Any]
Time = Union[datetime, str]

_log = logging.getLogger("agent_session_store")

_MOST_MESSAGES = 1000  # in one request
_MOST_ITEMS = 1000  # in one part of a list


# ---------------------------------------------------------------------------------------------------------------- errors


class StoreError(Exception):
    """
    The store refused a request or could not be asked. The other errors here are kinds of it.

    status   the HTTP status; None if no answer came
    type     the stable name of the problem, such as "/problems/session-not-found"; decide by this or by the class
    detail   what happened, in words for people
    problem  the whole problem document (RFC 9457), with what else it says: `last_seq`, `current_agent`, `errors`

    outcome_unknown  whether a try of the call was left without an answer, so that it may have been carried out
    """

    def __init__(self, detail: str, status: Optional[int] = None, problem: Optional[Dict[str, Any]] = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.problem: Dict[str, Any] = problem or {}
        self.type: Optional[str] = self.problem.get("type")
        self.outcome_unknown = False

    def __str__(self) -> str:
        return self.detail if self.status is None else "%s (HTTP %d)" % (self.detail, self.status)


class StoreUnavailable(StoreError):
    """
    No answer, or "busy", until the tries or the time were used up.

    retry_after  seconds that the store asks to wait
    """

    retry_after = 0.0


class InvalidRequest(StoreError, ValueError):
    """The store takes no such value, or not so much of it; `detail` names the place."""


class AccessDenied(StoreError):
    """The `api_key` is missing, unknown, or not allowed to do this."""


class SessionNotFound(StoreError, LookupError):
    """There is no such session, nor was it soft-deleted."""


class SessionDeleted(StoreError, LookupError):
    """The session is soft-deleted; `Database.restore_session` brings it back."""


class AgentContextNotFound(StoreError, LookupError):
    """No agent was ever at work in the session."""


class Conflict(StoreError):
    """The session is in another state than the request supposes."""


class SessionExists(Conflict):
    """There is a session of this id already."""


class SessionNotDeleted(Conflict):
    """There is nothing to restore."""


class SequenceConflict(Conflict):
    """Somebody else has written since: `problem["last_seq"]` is not what `if_last_seq` says."""


class AgentConflict(Conflict):
    """Another agent is at work than `from_agent` says: `problem["current_agent"]`."""


_BY_TYPE = {
    "/problems/session-not-found": SessionNotFound,
    "/problems/session-deleted": SessionDeleted,
    "/problems/session-exists": SessionExists,
    "/problems/session-not-deleted": SessionNotDeleted,
    "/problems/agent-context-not-found": AgentContextNotFound,
    "/problems/sequence-conflict": SequenceConflict,
    "/problems/agent-conflict": AgentConflict,
}

_BY_STATUS = {
    400: InvalidRequest, 413: InvalidRequest, 415: InvalidRequest, 422: InvalidRequest,
    401: AccessDenied, 403: AccessDenied,
    409: Conflict, 412: Conflict,
    408: StoreUnavailable, 429: StoreUnavailable, 502: StoreUnavailable, 503: StoreUnavailable, 504: StoreUnavailable,
}


def _refusal(response: http.client.HTTPResponse, body: bytes) -> StoreError:
    try:
        problem = json.loads(body)
    except ValueError:  # from something on the way, a proxy for instance
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    kind = _BY_TYPE.get(problem.get("type", ""), _BY_STATUS.get(response.status, StoreError))
    error = kind(problem.get("detail") or response.reason or "refused", response.status, problem)
    if isinstance(error, StoreUnavailable):
        asked = response.getheader("Retry-After") or ""
        error.retry_after = float(asked) if asked.isdigit() else 0.0
        error.outcome_unknown = response.status > 429 and error.type != "/problems/busy"
    return error


def _failure(failure: Exception, sent: bool) -> StoreError:
    if isinstance(failure, ssl.SSLCertVerificationError):  # will not be better the next time
        return StoreError("the store is not trusted: %s" % failure)
    error = StoreUnavailable("no answer from the store: %s" % (str(failure) or type(failure).__name__))
    error.outcome_unknown = sent
    return error


# -------------------------------------------------------------------------------------------------------------- database


class TailEvent(NamedTuple):
    """
    One event of a live tail.

    event  ready, message, agent_switch, history_replaced, agent_history_replaced or session_deleted
    data   what happened; of a message its fields, `timestamp` as a naive datetime
    id     the position after it: opaque, and what `tail(last_event_id=…)` takes to go on from there
    """

    event: str
    data: Dict[str, Any]
    id: Optional[str]


class Database:
    """
    The sessions in one Agent Session Store. Thread-safe; keep one for the whole program.

    db_url         where the service is, http:// or https://, with a path in front of /v1 if it has one
    api_key        sent as `Authorization: Bearer …`
    timeout        seconds that a request waits in all for a connection, its answer and repeated tries; while a long
                   answer arrives, the longest wait for the next piece of it. A list can take several requests
    empty_content  stored in place of the content of a message that has neither text nor tool calls, which the store does
                   not take; without it such a message is a ValueError, and nothing is sent
    ssl_context    for https://, in place of `ssl.create_default_context()`

    A call that finds the store busy, or loses its connection, is tried again a few times with growing pauses, and that
    is safe: what must not be done twice carries an `Idempotency-Key`. Errors are kinds of `StoreError`; a session that
    is missing or soft-deleted is None, False or [], as it was, in every method that answers something.
    """

    def __init__(self, db_url: str = "http://127.0.0.1:8080", *, api_key: Optional[str] = None, timeout: float = 30.0,
                 empty_content: Optional[str] = None, ssl_context: Optional[ssl.SSLContext] = None) -> None:
        self.db_url = db_url
        self._empty_content = empty_content
        if empty_content == "":
            raise ValueError("empty_content must not be empty itself")
        self._service = _Service(_Connections(db_url, ssl_context), api_key, timeout)

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
        Saves the whole history: creates the session if it is new, appends if what is stored is the beginning of
        `messages`, and replaces it otherwise, all or nothing. A history with one more message is one request and one row.

        last_activity  None for now

        Raises SessionDeleted if the session is soft-deleted.
        """
        history: Dict[str, Any] = {"messages": self._messages(messages)}
        if last_activity is not None:
            history["last_activity"] = _sent_time(last_activity)
        self._service.call("PUT", _path(session_id, "history"), history)

    def load_session(self, session_id: str) -> Optional[Dict[str, Any]]:
        """`session_id`, `messages`, `last_activity` and `created_at`; None if it is missing or soft-deleted."""
        try:
            history = self._service.get(_path(session_id, "history"))
        except (SessionNotFound, SessionDeleted):
            return None
        return {
            "session_id": history["session_id"],
            "messages": history["messages"],
            "last_activity": _time(history["last_activity"]),
            "created_at": _time(history["created_at"]),
        }

    def delete_session(self, session_id: str, soft: bool = True) -> bool:
        """Hides a session until `restore_session`, or removes it for good. False if there is none."""
        try:
            self._service.call("DELETE", _path(session_id) + ("?soft=true" if soft else "?soft=false"))
        except SessionDeleted:  # it was before; the older class said True
            return True
        except SessionNotFound as missing:  # unless the try that got no answer has removed it
            return missing.outcome_unknown
        return True

    def restore_session(self, session_id: str) -> bool:
        """Undoes a soft delete. False if there is no such session, or it is not deleted."""
        try:
            self._service.call("POST", _path(session_id, "restore"))
        except SessionNotFound:
            return False
        except SessionNotDeleted as restored:
            return restored.outcome_unknown
        return True

    def list_all_sessions(self, include_deleted: bool = False) -> List[str]:
        """All session ids, in the order in which the store got to know them."""
        path = "/v1/sessions?order=created&limit=%d" % _MOST_ITEMS
        sessions = self._service.walk(path + ("&include_deleted=true" if include_deleted else ""))
        return [session["session_id"] for session in sessions]

    def get_session_stats(self, session_id: str) -> Optional[Dict[str, Any]]:
        """
        `session_id`, `message_count`, `total_tokens`, `last_message_at` (None without messages), `created_at` and
        `last_activity`; None if the session is missing or soft-deleted.
        """
        try:
            stats = self._service.get(_path(session_id, "stats"))
        except (SessionNotFound, SessionDeleted):
            return None
        return {
            "session_id": stats["session_id"],
            "message_count": stats["message_count"],
            "total_tokens": stats["total_tokens"],
            "last_message_at": _time(stats.get("last_message_at")),
            "created_at": _time(stats["created_at"]),
            "last_activity": _time(stats["last_activity"]),
        }

    # ---- messages

    def get_messages_paginated(self, session_id: str, page: int = 1, page_size: int = 50) -> List[Dict[str, Any]]:
        """Page 1 has the oldest messages. [] past the end, and if the session is missing or soft-deleted."""
        try:
            if page_size <= _MOST_ITEMS:
                return self._page(session_id, page, page_size)
            # the older class had no limit: cut the wanted range out of pages of the most the store answers
            start, end = (page - 1) * page_size, page * page_size
            first = start // _MOST_ITEMS
            found: List[Dict[str, Any]] = []
            for number in range(first, -(-end // _MOST_ITEMS)):
                part = self._page(session_id, number + 1, _MOST_ITEMS)
                found += part
                if len(part) < _MOST_ITEMS:
                    break
            return found[start - first * _MOST_ITEMS:end - first * _MOST_ITEMS]
        except (SessionNotFound, SessionDeleted):
            return []

    def _page(self, session_id: str, page: int, page_size: int) -> List[Dict[str, Any]]:
        path = _path(session_id, "messages") + "?page=%d&page_size=%d" % (page, page_size)
        return [_loaded_message(message) for message in self._service.get(path)["data"]]

    def append_messages(self, session_id: str, messages: Union[Message, Sequence[Message]], *, create: bool = True,
                        if_last_seq: Optional[int] = None, idempotency_key: Optional[str] = None) -> Dict[str, Any]:
        """
        Appends one message, or up to 1000, all or nothing.

        create           whether a session that does not exist is created; if not it is SessionNotFound
        if_last_seq      append only if this is still the session's last `seq`; else SequenceConflict
        idempotency_key  for calls that the program itself may repeat, after a restart for instance: the second one
                         answers what the first did. Without it each call has its own

        Answers `session_id`, `first_seq`, `last_seq` and `timestamp`.
        """
        sent = self._messages([messages] if isinstance(messages, Mapping) else messages)
        if not 1 <= len(sent) <= _MOST_MESSAGES:
            raise ValueError("append takes 1 to %d messages, not %d" % (_MOST_MESSAGES, len(sent)))
        headers = {} if if_last_seq is None else {"If-Match": '"%d"' % if_last_seq}
        path = _path(session_id, "messages") + ("" if create else "?create=false")
        return _with_times(self._service.once(path, sent, idempotency_key, headers))

    def _messages(self, messages: Iterable[Message]) -> List[Dict[str, Any]]:
        return [_sent_message(message, "messages[%d]" % i, self._empty_content) for i, message in enumerate(messages)]

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
        context: Dict[str, Any] = {
            "current_agent": current_agent,
            "agent_history": [_sent_switch(switch, current_agent) for switch in agent_history],
            "metadata": dict(metadata or {}),
            "switch_count": switch_count,
        }
        if created_at is not None:
            context["created_at"] = _sent_time(created_at)
        path = _path(session_id, "agent-context")
        try:
            self._service.call("PUT", path, context)
        except SessionNotFound:
            with contextlib.suppress(SessionExists):
                self._service.call("POST", "/v1/sessions", {"session_id": session_id})
            self._service.call("PUT", path, context)

    def load_agent_context(self, session_id: str) -> Optional[Dict[str, Any]]:
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
            "agent_history": [_loaded_switch(switch) for switch in switches],
            "metadata": context["metadata"],
            "created_at": _time(context["created_at"]),
            "last_switch_at": _time(context.get("last_switch_at")),
            "switch_count": context["switch_count"],
        }

    def _context_and_switches(self, session_id: str) -> Tuple[Dict[str, Any], List[Dict[str, Any]]]:
        path = _path(session_id, "agent-switches") + "?order=asc&limit=%d" % _MOST_ITEMS
        for _ in range(3):  # two reads; begin again if a switch came between them
            context = self._service.get(_path(session_id, "agent-context"))
            switches = list(self._service.walk(path))
            if context.get("last_switch_at") == (switches[-1]["switched_at"] if switches else None):
                break
        return context, switches

    def delete_agent_context(self, session_id: str) -> bool:
        """Removes the context and its switches. False if there is none, or the session is soft-deleted."""
        try:
            self._service.call("DELETE", _path(session_id, "agent-context"))
        except (SessionNotFound, SessionDeleted):
            return False
        except AgentContextNotFound as missing:
            return missing.outcome_unknown
        return True

    def list_all_contexts(self) -> List[str]:
        """The ids of all sessions that have a context and are not soft-deleted."""
        contexts = self._service.walk("/v1/agent-contexts?limit=%d" % _MOST_ITEMS)
        return [context["session_id"] for context in contexts]

    def get_agent_switch_history(self, session_id: str, limit: int = 100) -> List[Dict[str, Any]]:
        """
        `id` (the number of the switch in its session), `from_agent`, `to_agent`, `switched_at`, `reason` and `metadata`
        of the last switches, the newest first. [] if there is no context.
        """
        if limit < 1:
            return []
        path = _path(session_id, "agent-switches") + "?order=desc&limit=%d" % min(limit, _MOST_ITEMS)
        try:
            switches = list(itertools.islice(self._service.walk(path), limit))
        except (SessionNotFound, SessionDeleted, AgentContextNotFound):
            return []
        return [{
            "id": switch["switch_no"],
            "from_agent": switch.get("from_agent"),
            "to_agent": switch["to_agent"],
            "switched_at": _time(switch["switched_at"]),
            "reason": switch.get("reason"),
            "metadata": switch["metadata"],
        } for switch in switches]

    # ---- several changes at once

    @contextlib.contextmanager
    def session_scope(self) -> Iterator["SessionScope"]:
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
        Soft-deletes the sessions that were idle for longer than so many hours (1 at least), and says how many. If the
        call had to be repeated because an answer was lost, what the lost one cleaned is not counted.
        """
        return int(self._service.call("POST", "/v1/retention/cleanup", {"max_age_hours": max_age_hours})["cleaned"])

    def hard_delete_old_sessions(self, days_old: int = 30) -> int:
        """
        Removes for good the sessions that were soft-deleted longer ago than so many days, and says how many; counted as
        `cleanup_old_sessions` counts.
        """
        return int(self._service.call("POST", "/v1/retention/purge", {"days_old": days_old})["deleted"])

    # ---- live tail

    def tail(self, session_id: str, after: Optional[int] = None, *, last_event_id: Optional[str] = None,
             give_up_after: Optional[float] = 300.0) -> Iterator[TailEvent]:
        """
        Follows a session: each message and switch from a position on, once and in order, across lost connections and
        restarts of the service. Blocks for the next event; ends after `session_deleted`.

        after          the `seq` after which to begin; 0 for the beginning, None for now. The first event, `ready`, is
                       there as soon as nothing can be missed any more
        last_event_id  the `id` of an earlier event, to go on after it; wins over `after`
        give_up_after  seconds without a connection until StoreUnavailable is raised; None for never
        """
        return _Tail(self._service, session_id, after, last_event_id, give_up_after).events()


class SessionScope:
    """
    Changes of one session that are made together: messages, a switch of the agent, metadata of the agent's context. The
    store makes them in that order, however they were called. Another session, a second switch, or more than 1000
    messages are a ValueError.

    result  None until the scope has ended; then `last_seq` of the session, and where it applies `first_seq` of the
            messages and `agent_switch`
    """

    def __init__(self, translate: Callable[[Iterable[Message]], List[Dict[str, Any]]]) -> None:
        self.result: Optional[Dict[str, Any]] = None
        self._translate = translate
        self._session_id: Optional[str] = None
        self._turn: Dict[str, Any] = {}

    def append(self, session_id: str, message: Message) -> None:
        """Appends a message. The session is created if it is new."""
        self.append_messages(session_id, [message])

    def append_messages(self, session_id: str, messages: Sequence[Message]) -> None:
        """Appends messages, in this order, after those that were appended before."""
        added = self._translate(messages)
        if not added:
            return
        all_of_them = self._turn.get("messages", []) + added
        if len(all_of_them) > _MOST_MESSAGES:
            raise ValueError("a scope takes at most %d messages" % _MOST_MESSAGES)
        self._set(session_id, "messages", all_of_them)

    def switch_agent(self, session_id: str, to_agent: str, reason: Optional[str] = None,
                     from_agent: Optional[str] = None, metadata: Optional[Mapping[str, Any]] = None) -> None:
        """Hands the session to another agent; with `from_agent` only if that one is still at work (AgentConflict)."""
        if "agent_switch" in self._turn:
            raise ValueError("a scope takes one switch")
        switch = {"to_agent": to_agent, "reason": reason, "from_agent": from_agent, "metadata": metadata}
        self._set(session_id, "agent_switch", {name: value for name, value in switch.items() if value is not None})

    def set_metadata(self, session_id: str, metadata: Mapping[str, Any]) -> None:
        """
        Replaces the metadata of the agent's context. A session without one, and without a switch in this scope to make
        one, is AgentContextNotFound at the end.
        """
        self._set(session_id, "agent_context", {"metadata": dict(metadata)})

    def _set(self, session_id: str, name: str, value: Any) -> None:
        if self._session_id not in (None, session_id):
            raise ValueError("a scope changes one session: %r, not %r as well" % (self._session_id, session_id))
        self._session_id = session_id
        self._turn[name] = value

    def _commit(self, service: "_Service") -> None:
        if self._session_id is None:
            return
        self.result = service.once(_path(self._session_id, "turns"), self._turn)
        if "agent_switch" in self.result:
            self.result["agent_switch"] = _with_times(self.result["agent_switch"])


# ---------------------------------------------------------------------------------------------- the older class's shapes


def _path(session_id: str, *rest: str) -> str:
    if not isinstance(session_id, str):
        raise TypeError("session_id must be a str, not %s" % type(session_id).__name__)
    if not session_id:  # a path without it would be another resource
        raise ValueError("session_id must not be empty")
    return "/".join(["/v1/sessions", urllib.parse.quote(session_id, safe=""), *rest])


def _sent_message(message: Message, place: str, empty_content: Optional[str]) -> Dict[str, Any]:
    """The fields the store knows; all others are ignored, as the older class did, and so are empty ones."""
    role = message.get("role")
    sent: Dict[str, Any] = {"role": "user" if role is None else role}
    for field in ("name", "tool_call_id", "tool_calls"):
        if message.get(field):
            sent[field] = message[field]
    metadata = message.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise ValueError("%s: metadata must be a dict" % place)
    content = message.get("content")
    if content is None or content in ("", [], (), {}):
        content = None if "tool_calls" in sent else empty_content
        if content is None and "tool_calls" not in sent:
            raise ValueError("%s: the store takes no empty content without tool_calls; give Database(empty_content=…) "
                             "a text to store in its place" % place)
    elif isinstance(content, (list, tuple, dict)):
        content = _json(content)  # and so the import keeps it: the text of the parts, marked as such
        metadata = {**metadata, "content_type": "application/json"}
    if content is not None:
        sent["content"] = content
    if metadata:
        sent["metadata"] = dict(metadata)
    tokens = message.get("token_count")
    if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens >= 0:
        sent["token_count"] = tokens
    return sent


def _loaded_message(message: Message) -> Dict[str, Any]:
    loaded = {"role": message["role"], "content": message.get("content")}
    loaded.update((field, message[field]) for field in ("name", "tool_call_id", "tool_calls") if field in message)
    return loaded


def _sent_switch(switch: Mapping[str, Any], current_agent: str) -> Dict[str, Any]:
    sent = {"to": switch.get("to", current_agent)}
    for field in ("from", "reason", "metadata"):
        if switch.get(field):
            sent[field] = switch[field]
    if switch.get("timestamp"):
        sent["timestamp"] = _sent_time(switch["timestamp"])
    return sent


def _loaded_switch(switch: Mapping[str, Any]) -> Dict[str, Any]:
    return {
        "from": switch.get("from_agent"),
        "to": switch["to_agent"],
        "reason": switch.get("reason"),
        "timestamp": _time(switch["switched_at"]).isoformat(),
    }


def _sent_time(value: Time) -> str:
    try:
        sent = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:  # it knows less of ISO 8601 than the store, in older Pythons not even Z
        return str(value)
    if sent.tzinfo is not None:
        sent = sent.astimezone(timezone.utc).replace(tzinfo=None)
    return sent.isoformat() + "Z"


def _time(text: Optional[str]) -> Any:
    """A naive datetime; None of None. The store's times are UTC and end in Z."""
    if text is None:
        return None
    seconds, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(seconds).replace(microsecond=int(fraction[:6].ljust(6, "0")))


def _with_times(answer: Dict[str, Any]) -> Dict[str, Any]:
    return {field: _time(value) if field in ("timestamp", "switched_at") else value for field, value in answer.items()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


# ------------------------------------------------------------------------------------------------------------------ HTTP


class _Connections:
    """
    Connections to one service. Those that are idle are kept alive for the next call of any thread; a call has one for
    itself while it lasts.
    """

    _MOST_IDLE = 16
    _LONGEST_IDLE = 60.0  # seconds; what stands between drops idle connections after minutes, some of it silently

    def __init__(self, url: str, ssl_context: Optional[ssl.SSLContext]) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("db_url is where the service is, http://host:port or https://host:port, not %r; the data of "
                             "an older database comes in with the service's import command" % parts.scheme)
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("db_url must not have a user, a query or a fragment; a key goes into api_key")
        self.prefix = parts.path.rstrip("/")
        self._host, self._port = parts.hostname, parts.port
        self._tls = (ssl_context or ssl.create_default_context()) if parts.scheme == "https" else None
        # a deque's append and pop are atomic: no lock, which a fork could leave taken for ever
        self._idle: Deque[Tuple[http.client.HTTPConnection, float, int]] = collections.deque()

    def new(self) -> http.client.HTTPConnection:
        """A connection that does not connect before it is used."""
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port)

    def take(self) -> http.client.HTTPConnection:
        """One that is open and idle, or a new one."""
        while self._idle:
            try:
                connection, since, process = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            # after a fork two processes on one connection would read each other's answers
            if process == os.getpid() and time.monotonic() - since < self._LONGEST_IDLE and not _has_ended(connection.sock):
                return connection
            connection.close()
        return self.new()

    def give_back(self, connection: http.client.HTTPConnection) -> None:
        if connection.sock is not None and len(self._idle) < self._MOST_IDLE:
            self._idle.append((connection, time.monotonic(), os.getpid()))
        else:
            connection.close()

    def close(self) -> None:
        while self._idle:
            with contextlib.suppress(IndexError):
                self._idle.pop()[0].close()


def _has_ended(sock: Any) -> bool:
    """An idle connection with something to read was closed by the other side, or is out of step."""
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


class _Service:
    """Requests of JSON, tried again where that is safe; everything here is, see `once`."""

    _MOST_TRIES = 12  # with these pauses ten seconds, in which a service that is alone can start again
    _FIRST_PAUSE = 0.1  # seconds
    _LONGEST_PAUSE = 2.0

    def __init__(self, connections: _Connections, api_key: Optional[str], timeout: float) -> None:
        if not timeout > 0:
            raise ValueError("timeout must be more than 0 seconds")
        self.connections = connections
        self.timeout = timeout
        self._headers = {"Accept": "application/json", "User-Agent": "agent-session-store-python"}
        if api_key is not None:
            if not (api_key.isascii() and api_key.isprintable()):  # which an error further down would print
                raise ValueError("api_key has characters that no key has")
            self._headers["Authorization"] = "Bearer " + api_key

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def walk(self, path: str) -> Iterator[Any]:
        """The items of a list, part by part."""
        following: Optional[str] = path
        while following:
            part = self.get(following)
            yield from part["data"]
            following = part.get("next")

    def once(self, path: str, body: Any, key: Optional[str] = None, headers: Optional[Dict[str, str]] = None) -> Any:
        """A POST that writes once however often it is tried: the store knows the key, and gives the first answer again."""
        return self.call("POST", path, body, {**(headers or {}), "Idempotency-Key": key or uuid.uuid4().hex})

    def call(self, method: str, path: str, body: Any = None, headers: Optional[Dict[str, str]] = None) -> Any:
        """The answer's JSON; None if it has none. To be used only for what may be carried out twice."""
        content = None if body is None else _json(body).encode()
        sent_headers = {**self._headers, **(headers or {})}
        if content is not None:
            sent_headers["Content-Type"] = "application/json"
        deadline = time.monotonic() + self.timeout
        outcome_unknown = False
        for tries in itertools.count(1):
            try:
                return self._try(method, path, content, sent_headers, deadline)
            except StoreError as error:
                outcome_unknown = error.outcome_unknown = outcome_unknown or error.outcome_unknown
                if not isinstance(error, StoreUnavailable) or tries == self._MOST_TRIES:
                    raise
                pause = error.retry_after + self._pause(tries)
                if time.monotonic() + pause > deadline:
                    raise
                _log.debug("%s; trying again in %.2f s", error, pause)
            time.sleep(pause)

    def _pause(self, tries: int) -> float:
        longest = min(self._FIRST_PAUSE * 2 ** (tries - 1), self._LONGEST_PAUSE)
        return random.uniform(longest / 2, longest)  # those who were sent away together don't come back together

    def _try(self, method: str, path: str, content: Optional[bytes], headers: Dict[str, str], deadline: float) -> Any:
        connection = self.connections.take()
        sent = False
        try:
            left = max(deadline - time.monotonic(), 0.001)
            if connection.sock is None:
                connection.timeout = left
                connection.connect()
            sock = connection.sock
            sock.settimeout(left)
            sent = True
            connection.request(method, self.connections.prefix + path, body=content, headers=headers)
            response = connection.getresponse()
            if connection.sock is not None:
                sock.settimeout(self.timeout)
            answer = response.read()
        except BaseException as failure:  # even an interrupt leaves a connection that nobody else may use
            connection.close()
            if not isinstance(failure, (OSError, http.client.HTTPException)):
                raise
            self.connections.close()  # those that are idle are hardly better
            raise _failure(failure, sent) from failure
        self.connections.give_back(connection)
        if response.status >= 300:
            raise _refusal(response, answer)
        return _answer(answer)

    def stream(self, path: str, last_event_id: Optional[str]) -> Tuple[http.client.HTTPConnection, Any]:
        """One try at an event stream, on a connection of its own, which the caller closes."""
        connection = self.connections.new()
        connection.timeout = self.timeout
        headers = {**self._headers, "Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        try:
            connection.request("GET", self.connections.prefix + path, headers=headers)
            sock = connection.sock
            response = connection.getresponse()
            if response.status != 200:
                raise _refusal(response, response.read())
            sock.settimeout(_SILENCE)
            return connection, response
        except BaseException as failure:
            connection.close()
            if not isinstance(failure, (OSError, http.client.HTTPException)):
                raise
            raise _failure(failure, False) from failure


def _answer(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError as failure:
        raise StoreError("the answer is not JSON: is db_url the address of the store?") from failure


# ------------------------------------------------------------------------------------------------------------- live tail

_SILENCE = 45.0  # seconds until a connection counts as lost; the store says something every 15
_FIRST_RETRY = 1.0  # seconds, until the store says otherwise
_LONGEST_RETRY = 30.0


class _Tail:
    """Where a follower of a session is, and how it comes back when its connection ends."""

    def __init__(self, service: _Service, session_id: str, after: Optional[int], position: Optional[str],
                 give_up_after: Optional[float]) -> None:
        self._service = service
        self._session_id = session_id
        self._path = _path(session_id, "tail") + ("" if after is None else "?after=%d" % after)
        self._position = position
        self._give_up_after = give_up_after
        self._retry = _FIRST_RETRY
        self._ready = False

    def events(self) -> Iterator[TailEvent]:
        failures, alone_since = 0, time.monotonic()
        while True:
            try:
                connection, response = self._service.stream(self._path, self._position)
            except (SessionNotFound, SessionDeleted):
                if not self._ready:
                    raise
                yield TailEvent("session_deleted", {"session_id": self._session_id}, self._position)
                return
            except StoreUnavailable as failure:
                if self._give_up_after is not None and time.monotonic() - alone_since > self._give_up_after:
                    raise
                failures += 1
                time.sleep(min(failure.retry_after, _LONGEST_RETRY) + self._pause(failures))
                continue
            try:
                for event in self._read(response):
                    yield event
                    if event.event == "session_deleted":
                        return
            except (OSError, http.client.HTTPException) as failure:
                _log.debug("lost the connection of a tail: %s", failure)
            finally:
                response.close()
                connection.close()
            failures, alone_since = 0, time.monotonic()
            time.sleep(self._pause(0))

    def _read(self, response: Any) -> Iterator[TailEvent]:
        """What is new on one connection, until it ends."""
        for frame in _frames(response):
            if "retry" in frame and frame["retry"].isdigit():
                self._retry = min(max(int(frame["retry"]) / 1000, 0.1), _LONGEST_RETRY)
            self._position = frame.get("id", self._position)
            event = frame.get("event", "message")
            if event == "bye":
                return
            if "data" in frame and not (event == "ready" and self._ready):
                self._ready = True
                yield TailEvent(event, _with_times(json.loads(frame["data"])), self._position)

    def _pause(self, failures: int) -> float:
        longest = self._retry * 2.0 ** min(failures, 10)
        return min(longest, _LONGEST_RETRY) * random.uniform(1.0, 1.25)


def _frames(response: Any) -> Iterator[Dict[str, str]]:
    """The fields of each event of a stream. An event that is cut off is dropped, and so are comments."""
    frame: Dict[str, str] = {}
    while True:
        line = response.readline().decode()
        if not line.endswith("\n"):
            return
        line = line.rstrip("\r\n")
        if not line:
            if frame:
                yield frame
            frame = {}
            continue
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "data" and field in frame:
            value = frame[field] + "\n" + value
        if field:
            frame[field] = value
