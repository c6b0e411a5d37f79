"""Connections to one service, kept alive between calls."""
import collections
import contextlib
import http.client
import os
import select
import ssl
import time
import urllib.parse
from typing import Any, Optional


class Connections:
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
        self.url = url.rstrip("/")
        self.prefix = parts.path.rstrip("/")
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)  # else http.client looks for one behind a colon
        self._tls = (ssl_context or ssl.create_default_context()) if parts.scheme == "https" else None
        # a deque's append and pop are atomic: no lock, which a fork could leave taken for ever
        self._idle: collections.deque[tuple[http.client.HTTPConnection, float, int]] = collections.deque()

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
            if process == os.getpid() and time.monotonic() - since < self._LONGEST_IDLE and not has_ended(connection.sock):
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


def require_whole_head(response: http.client.HTTPResponse, body: bytes) -> None:
    """
    Raises HTTPException if a connection ended in the head of an answer. `http.client` takes that for the end of the head, and
    then there is no body, and nothing that tells of one.
    """
    if not body and response.length is None and not response.chunked and response.version >= 11:
        raise http.client.HTTPException("the head of the answer was cut off")


def has_ended(sock: Any) -> bool:
    """An idle connection with something to read was closed by the other side, or is out of step."""
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
