"""Requests of JSON over HTTP, and which of their failures are tried again."""
import http.client
import itertools
import json
import logging
import random
import time
import uuid
from collections.abc import Iterator
from typing import Any, Callable, Optional, Union

from .connections import Connections, require_whole_head
from .errors import StoreError, StoreUnavailable, refusal, unanswered
from .shapes import json_text, sent_key
from .upload import Upload

_log = logging.getLogger("agent_session_store")


class Service:
    """Requests of JSON, tried again where that is safe."""

    _MOST_TRIES = 12  # with these pauses ten seconds, in which a service that is alone can start again
    _FIRST_PAUSE = 0.1  # seconds
    _LONGEST_PAUSE = 2.0
    _SILENCE = 45.0  # seconds until a stream counts as lost; the store says something every 15

    def __init__(self, connections: Connections, api_key: Optional[str], timeout: float) -> None:
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
        for part in self.parts(path):
            yield from part["data"]

    def parts(self, path: str) -> Iterator[Any]:
        """The answers that make up a list; there may be items behind one that has none."""
        following: Optional[str] = path
        while following:
            part = self.get(following)
            yield part
            following = part.get("next")

    def once(self, path: str, body: Any, key: Optional[str] = None, headers: Optional[dict[str, str]] = None) -> Any:
        """A POST that writes once however often it is tried: the store knows the key, and gives the first answer again."""
        return self.call("POST", path, body, {**(headers or {}), "Idempotency-Key": uuid.uuid4().hex if key is None else sent_key(key)})

    def call(self, method: str, path: str, body: Any = None, headers: Optional[dict[str, str]] = None, *,
             repeatable: bool = True) -> Any:
        """
        The answer's JSON; None if it has none. What is not `repeatable`, since it would undo what others do in between, is not
        tried again once it may have been carried out.
        """
        content = None if body is None else json_text(body).encode()
        sent_headers = dict(headers or {})
        if content is not None:
            sent_headers["Content-Type"] = "application/json"
        return self.tried(lambda deadline: self.attempt(method, path, content, sent_headers, deadline), repeatable)

    def tried(self, attempt: Callable[[float], Any], repeatable: bool = True) -> Any:
        """What comes of an attempt, which is made again while the store is unavailable; it is told when time is up."""
        deadline = time.monotonic() + self.timeout
        outcome_unknown = False
        for tries in itertools.count(1):
            try:
                return attempt(deadline)
            except StoreError as error:
                outcome_unknown = error.outcome_unknown = outcome_unknown or error.outcome_unknown
                if not isinstance(error, StoreUnavailable) or tries == self._MOST_TRIES or (outcome_unknown and not repeatable):
                    raise
                pause = error.retry_after + self._pause(tries)
                if time.monotonic() + pause > deadline:
                    raise
                _log.debug("%s; trying again in %.2f s", error, pause)
            time.sleep(pause)

    def _pause(self, tries: int) -> float:
        longest = min(self._FIRST_PAUSE * 2 ** (tries - 1), self._LONGEST_PAUSE)
        return random.uniform(longest / 2, longest)  # those who were sent away together don't come back together

    def attempt(self, method: str, path: str, content: Optional[bytes], headers: dict[str, str], deadline: float) -> Any:
        """One try at a request, and the answer's JSON."""
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
            connection.request(method, self.connections.prefix + path, body=content, headers={**self._headers, **headers})
            response = connection.getresponse()
            if connection.sock is not None:
                sock.settimeout(self.timeout)
            answer = response.read()
            require_whole_head(response, answer)
        except BaseException as failure:  # even an interrupt leaves a connection that nobody else may use
            connection.close()
            if not isinstance(failure, (OSError, http.client.HTTPException)):
                raise
            self.connections.close()  # those that are idle are hardly better
            raise unanswered(self.connections.url, failure, sent) from failure
        self.connections.give_back(connection)
        if response.status >= 300:
            raise refusal(response, answer)
        return None if response.status == 204 else self.parsed(answer)

    def upload(self, path: str, headers: dict[str, str], deadline: float) -> Upload:
        """One try at a POST whose body is sent piece by piece, on a connection of its own."""
        return Upload(self.connections, path, {**self._headers, **headers}, deadline)

    def stream(self, path: str, last_event_id: Optional[str]) -> tuple[http.client.HTTPConnection, Any]:
        """One try at an event stream, on a connection of its own, which the caller closes."""
        connection = self.connections.new()
        connection.timeout = self.timeout
        headers = {**self._headers, "Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        sent = False
        try:
            connection.connect()
            sent = True
            connection.request("GET", self.connections.prefix + path, headers=headers)
            sock = connection.sock
            response = connection.getresponse()
            if response.status != 200:
                answer = response.read()
                require_whole_head(response, answer)
                raise refusal(response, answer)
            if not (response.getheader("Content-Type") or "").startswith("text/event-stream"):
                require_whole_head(response, response.read(1))
                raise StoreError("%s answers no stream: is that the address of the store?" % self.connections.url, response.status)
            sock.settimeout(self._SILENCE)
            return connection, response
        except BaseException as failure:
            connection.close()
            if not isinstance(failure, (OSError, http.client.HTTPException)):
                raise
            raise unanswered(self.connections.url, failure, sent) from failure

    def parsed(self, answer: Union[bytes, str]) -> Any:
        """What an answer says, which is an object."""
        try:
            said = json.loads(answer)
            if not isinstance(said, dict):
                raise ValueError("no object")
        except ValueError as failure:
            raise StoreError("the answer of %s is not JSON: is that the address of the store?" % self.connections.url) from failure
        return said
