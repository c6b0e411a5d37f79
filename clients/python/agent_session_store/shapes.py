"""Between what callers give and get, and the JSON of the store."""
import copy
import enum
import json
import unicodedata
import urllib.parse
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any, Final, Optional, Union

Message = Mapping[str, Any]
Time = Union[datetime, str]


class Unchanged(enum.Enum):
    """Tells an argument that is not given from None, which removes."""

    UNCHANGED = "unchanged"

    def __repr__(self) -> str:
        return self.name


UNCHANGED: Final = Unchanged.UNCHANGED

MOST_MESSAGES = 1000  # in one request
MOST_ERASED = 1000  # sessions that one request names


def path_of(session_id: str, *rest: str) -> str:
    return "/".join(["/v1/sessions", _segment("session_id", session_id), *rest])


def path_of_draft(session_id: str, message_id: str) -> str:
    return path_of(session_id, "drafts", _segment("message_id", message_id))


def path_of_erasure(erasure_id: str) -> str:
    return "/v1/erasures/" + _segment("erasure_id", erasure_id)


def _segment(name: str, value: str) -> str:
    if not isinstance(value, str):
        raise TypeError("%s must be a str, not %s" % (name, type(value).__name__))
    if not value:  # a path without it would be another resource
        raise ValueError("%s must not be empty" % name)
    return urllib.parse.quote(value, safe="")


def sent_message(message: Message, place: str, empty_content: Optional[str]) -> dict[str, Any]:
    """The fields the store knows; all others are ignored, as the older class did, and so are empty ones."""
    if isinstance(message, LoadedMessage) and message.is_as_it_was():
        return message.stored
    role = message.get("role")
    sent: dict[str, Any] = {"role": "user" if role is None else role}
    for field in ("name", "tool_call_id", "tool_calls"):
        if message.get(field):
            sent[field] = message[field]
    metadata = message.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise ValueError("%s: metadata must be a dict" % place)
    content = message.get("content")
    if content is None or content in ("", [], (), {}):
        content = None if "tool_calls" in sent else empty_content
    elif isinstance(content, (list, tuple, dict)):
        content = json_text(content)  # and so the import keeps it: the text of the parts, marked as such
        metadata = {**metadata, "content_type": "application/json"}
    if content is not None:
        sent["content"] = content
    if metadata:
        sent["metadata"] = dict(metadata)
    tokens = message.get("token_count")
    if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens >= 0:
        sent["token_count"] = tokens
    return sent


def sent_key(key: str) -> str:
    """An `Idempotency-Key` as http.client takes it: each byte of its UTF-8 as a character."""
    if not key or any(unicodedata.category(character) == "Cc" for character in key):
        raise ValueError("idempotency_key must not be empty, and have no control characters: %r" % key)
    return key.encode().decode("latin-1")


class LoadedMessage(dict[str, Any]):
    """
    A message of the store that would be sent as another one: an item without a role, content in parts, fields of other
    programs. It is sent as it was stored for as long as nobody changes what `sent_message` looks at.
    """

    def __init__(self, shown: Message, stored: Message) -> None:
        super().__init__(shown)
        self.stored = copy.deepcopy(dict(stored))
        self._shown = copy.deepcopy(dict(shown))

    def is_as_it_was(self) -> bool:
        return all(self.get(field) == self._shown.get(field) for field in _SENT)


_SENT = ("role", "content", "name", "tool_call_id", "tool_calls", "metadata", "token_count")
_NOT_SENT_BACK = ("id", "seq", "timestamp", "token_count", "metadata")  # a message equals itself without them


def loaded_message(message: dict[str, Any]) -> dict[str, Any]:
    """A message as a caller gets it, who may send it back."""
    stored = {field: value for field, value in message.items() if field not in _NOT_SENT_BACK}
    sent = sent_message(stored, "", None)
    if sent == {field: value for field, value in stored.items() if value is not None}:
        return message
    return LoadedMessage(message, stored)


def page_message(message: dict[str, Any]) -> dict[str, Any]:
    """What the older class had in a page."""
    shown = {"role": message.get("role"), "content": message.get("content")}
    shown.update((field, message[field]) for field in ("name", "tool_call_id", "tool_calls") if field in message)
    loaded = loaded_message(message)
    return LoadedMessage(shown, loaded.stored) if isinstance(loaded, LoadedMessage) else shown


def sent_details(absent: Optional[Unchanged], owner: Union[str, None, Unchanged], title: Union[str, None, Unchanged],
                 labels: Union[Mapping[str, Optional[str]], None, Unchanged], expires_at: Union[Time, None, Unchanged],
                 metadata: Union[Mapping[str, Any], None, Unchanged]) -> dict[str, Any]:
    """What is said of a session beside its messages, without what is `absent`."""
    details = {
        "owner": owner,
        "title": title,
        "labels": dict(labels) if isinstance(labels, Mapping) else labels,
        "expires_at": sent_time(expires_at) if isinstance(expires_at, (datetime, str)) else expires_at,
        "metadata": dict(metadata) if isinstance(metadata, Mapping) else metadata,
    }
    return {field: value for field, value in details.items() if value is not absent}


def loaded_session(session: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "session_id": session["session_id"],
        "created_at": time_of(session["created_at"]),
        "last_activity": time_of(session["last_activity"]),
        "is_active": session["is_active"],
        "deleted_at": time_of(session.get("deleted_at")),
        "owner": session.get("owner"),
        "title": session.get("title"),
        "labels": session.get("labels", {}),
        "expires_at": time_of(session.get("expires_at")),
        "metadata": session.get("metadata", {}),
        "last_seq": session["last_seq"],
        "forked_from": session.get("forked_from"),
    }


def sent_ids(session_ids: Iterable[str]) -> list[str]:
    if isinstance(session_ids, str):  # each of its letters may be an id
        raise TypeError("session_ids must not be a str")
    sent = list(session_ids)
    if not 1 <= len(sent) <= MOST_ERASED:
        raise ValueError("1 to %d sessions can be erased at once, not %d" % (MOST_ERASED, len(sent)))
    return sent


def loaded_erasure(erasure: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "erasure_id": erasure["erasure_id"],
        "state": erasure["state"],
        "sessions": erasure["sessions"],
        "messages": erasure["messages"],
        "requested_at": time_of(erasure["requested_at"]),
        "finished_at": time_of(erasure.get("finished_at")),
    }


def sent_filters(texts: Mapping[str, Optional[str]], labels: Optional[Mapping[str, str]], since: Optional[Time],
                 until: Optional[Time]) -> list[tuple[str, str]]:
    """Parameters of a list; `texts` are those that are sent as they are."""
    query: list[tuple[str, Optional[str]]] = []
    for name, text in texts.items():
        if text == "":  # which the store refuses as well, but only when the list is read
            raise ValueError("%s must not be empty" % name)
        query.append((name, text))
    for name, text in (labels or {}).items():
        if ":" in name:
            raise ValueError("no label has a colon in its name: %r" % name)
        query.append(("label", name + ":" + text))
    query += [("from", since if since is None else sent_time(since)), ("to", until if until is None else sent_time(until))]
    return [(name, value) for name, value in query if value is not None]


def loaded_found(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "session_id": message["session_id"],
        "title": message.get("title"),
        "seq": message["seq"],
        "role": message.get("role"),
        "timestamp": time_of(message["timestamp"]),
        "snippet": message["snippet"],
        "matches": [(begin, end) for begin, end in message["matches"]],
    }


def loaded_draft(draft: Mapping[str, Any]) -> dict[str, Any]:
    return {"message_id": draft["message_id"], "text": draft["text"], "started_at": time_of(draft["started_at"])}


def sent_switch(switch: Mapping[str, Any], current_agent: str) -> dict[str, Any]:
    sent = {"to": switch.get("to", current_agent)}
    for field in ("from", "reason", "metadata"):
        if switch.get(field):
            sent[field] = switch[field]
    if switch.get("timestamp"):
        sent["timestamp"] = sent_time(switch["timestamp"])
    return sent


def loaded_switch(switch: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "from": switch.get("from_agent"),
        "to": switch["to_agent"],
        "reason": switch.get("reason"),
        "timestamp": time_of(switch["switched_at"]).isoformat(),
    }


def sent_time(value: Time) -> str:
    try:
        sent = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:  # it knows less of ISO 8601 than the store, in older Pythons not even Z
        return str(value)
    if sent.tzinfo is not None:
        sent = sent.astimezone(timezone.utc).replace(tzinfo=None)
    return sent.isoformat() + "Z"


def time_of(text: Optional[str]) -> Any:
    """A naive datetime; None of None. The store's times are UTC and end in Z."""
    if text is None:
        return None
    seconds, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(seconds).replace(microsecond=int(fraction[:6].ljust(6, "0")))


def with_time(answer: dict[str, Any], field: str = "timestamp") -> dict[str, Any]:
    return {**answer, field: time_of(answer[field])} if field in answer else answer


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
