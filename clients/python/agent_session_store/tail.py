"""A session followed live, across lost connections."""
import http.client
import logging
import random
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Optional

from .errors import SessionDeleted, SessionNotFound, StoreError, StoreUnavailable
from .service import Service
from .shapes import path_of, with_time

_log = logging.getLogger("agent_session_store")

_TIMES = {"message": "timestamp", "agent_switch": "switched_at"}  # any other field of a message is its writer's
_FIRST_RETRY = 1.0  # seconds, until the store says otherwise
_LONGEST_RETRY = 30.0


class TailEvent(NamedTuple):
    """
    One event of a live tail.

    event  ready, message, agent_switch, view, history_replaced, agent_history_replaced or session_deleted; draft and
           draft_discarded if it is to tell of drafts
    data   what happened; of a message its fields, `timestamp` as a naive datetime
    id     the position after it: opaque, and what `tail(last_event_id=…)` takes to go on from there
    """

    event: str
    data: dict[str, Any]
    id: Optional[str]


class DraftTexts(Mapping[str, str]):
    """
    The texts of the messages that are being written, by their ids, as far as a tail of their session has told of them.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def apply(self, event: TailEvent) -> None:
        """To be called with each event of the tail, whatever it is."""
        if event.event == "draft":
            message_id, offset = event.data["message_id"], event.data["offset"]
            self._texts[message_id] = self._texts.get(message_id, "")[:offset] + event.data["text"]
        elif event.event in ("ready", "session_deleted"):
            self._texts.clear()
        else:
            self._texts.pop(_ended_draft(event), None)

    def __getitem__(self, message_id: str) -> str:
        return self._texts[message_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return "DraftTexts(%r)" % self._texts


class Tail:
    """Where a follower of a session is, and how it comes back when its connection ends."""

    def __init__(self, service: Service, session_id: str, after: Optional[int], position: Optional[str],
                 give_up_after: Optional[float], drafts: bool) -> None:
        self._service = service
        self._session_id = session_id
        query = ([] if after is None else ["after=%d" % after]) + (["drafts=true"] if drafts else [])
        self._path = path_of(session_id, "tail") + ("?" + "&".join(query) if query else "")
        self._position = position
        self._give_up_after = give_up_after
        self._retry = _FIRST_RETRY
        self._ready = False
        self._heard = False  # on the present connection
        self._drafts: dict[str, None] = {}  # those that were told and have not ended, in that order

    def events(self) -> Iterator[TailEvent]:
        failures, alone_since = 0, time.monotonic()
        while True:
            lost = StoreUnavailable("the stream of %s ends before it begins" % self._service.connections.url)
            self._heard = False
            try:
                for event in self._connection():
                    yield event
                    if event.event == "session_deleted":
                        return
            except (SessionNotFound, SessionDeleted):
                if not self._ready:
                    raise
                yield TailEvent("session_deleted", {"session_id": self._session_id}, self._position)
                return
            except StoreError as failure:
                lost = _healing(failure)
            if self._heard:
                failures, alone_since = 0, time.monotonic()
            elif self._give_up_after is not None and time.monotonic() - alone_since > self._give_up_after:
                raise lost
            else:
                failures += 1
            time.sleep(min(lost.retry_after, _LONGEST_RETRY) + self._pause(failures))

    def _connection(self) -> Iterator[TailEvent]:
        connection, response = self._service.stream(self._path, self._position)
        try:
            yield from self._read(response)
        except (OSError, http.client.HTTPException) as failure:
            _log.debug("lost the connection of a tail: %s", failure)
        finally:
            response.close()
            connection.close()

    def _read(self, response: Any) -> Iterator[TailEvent]:
        """What is new on one connection, until it ends."""
        for frame in _frames(response):
            self._heard = self._heard or "data" in frame
            if "retry" in frame and frame["retry"].isdigit():
                self._retry = min(max(int(frame["retry"]) / 1000, 0.1), _LONGEST_RETRY)
            self._position = frame.get("id", self._position)
            event = frame.get("event", "message")
            if event == "bye":
                return
            if event == "ready" and self._ready:
                yield from self._forget_drafts()
            elif "data" in frame:
                self._ready = True
                data = self._service.parsed(frame["data"])
                told = TailEvent(event, with_time(data, _TIMES[event]) if event in _TIMES else data, self._position)
                self._note(told)
                yield told

    def _note(self, told: TailEvent) -> None:
        if told.event == "draft":
            self._drafts[told.data["message_id"]] = None
        else:
            self._drafts.pop(_ended_draft(told), None)

    def _forget_drafts(self) -> Iterator[TailEvent]:
        """The store tells again of those that go on, and nothing of those that were discarded meanwhile."""
        drafts, self._drafts = self._drafts, {}
        for message_id in drafts:
            yield TailEvent("draft_discarded", {"message_id": message_id}, self._position)

    def _pause(self, failures: int) -> float:
        longest = self._retry * 2.0 ** min(failures, 10)
        return min(longest, _LONGEST_RETRY) * random.uniform(1.0, 1.25)


def _healing(failure: StoreError) -> StoreUnavailable:
    """What a connection ended with, if it is worth another one; raises what will not heal."""
    if isinstance(failure, StoreUnavailable):
        return failure
    if (failure.status or 0) >= 500:
        return StoreUnavailable(failure.detail, failure.status, failure.problem)
    raise failure


def _ended_draft(event: TailEvent) -> str:
    """The id of the message that is no draft any longer, if it was one; else none, which is empty."""
    field = {"message": "id", "draft_discarded": "message_id"}.get(event.event, "")
    return str(event.data.get(field, ""))


def _frames(response: Any) -> Iterator[dict[str, str]]:
    """The fields of each event of a stream. An event that is cut off is dropped, and so are comments."""
    frame: dict[str, str] = {}
    while True:
        received = response.readline()
        if not received.endswith(b"\n"):  # cut off, perhaps in the middle of a character
            return
        line = received.decode(errors="replace").rstrip("\r\n")
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
