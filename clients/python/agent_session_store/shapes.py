"""Between what the older class takes and answers, and the JSON of the store."""
import json
import urllib.parse
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Optional, Union

Message = Mapping[str, Any]
Time = Union[datetime, str]

MOST_MESSAGES = 1000  # in one request


def path_of(session_id: str, *rest: str) -> str:
    if not isinstance(session_id, str):
        raise TypeError("session_id must be a str, not %s" % type(session_id).__name__)
    if not session_id:  # a path without it would be another resource
        raise ValueError("session_id must not be empty")
    return "/".join(["/v1/sessions", urllib.parse.quote(session_id, safe=""), *rest])


def sent_message(message: Message, place: str, empty_content: Optional[str]) -> dict[str, Any]:
    """The fields the store knows; all others are ignored, as the older class did, and so are empty ones."""
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


def loaded_message(message: Message) -> dict[str, Any]:
    loaded = {"role": message["role"], "content": message.get("content")}
    loaded.update((field, message[field]) for field in ("name", "tool_call_id", "tool_calls") if field in message)
    return loaded


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


def with_times(answer: dict[str, Any]) -> dict[str, Any]:
    return {field: time_of(value) if field in ("timestamp", "switched_at") else value for field, value in answer.items()}


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
