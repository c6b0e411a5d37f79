"""A request that is written while its answer may come at any time."""
import http.client
import ssl
import time

from .connections import Connections, has_ended, require_whole_head
from .errors import StoreError, refusal, unanswered


class Upload:
    """
    A POST whose body is sent piece by piece, each at once. Whatever fails closes the connection. What the store answers
    before the end is raised by the next `send`, however the connection ended.
    """

    _LAST_WORDS = 0.05  # seconds; what was said before a connection ended has come already

    def __init__(self, connections: Connections, path: str, headers: dict[str, str], deadline: float) -> None:
        self._url = connections.url
        self._connection = connections.new()
        self._connection.timeout = _left(deadline)
        sent = False
        try:
            self._connection.connect()
            self._sock = self._connection.sock
            sent = True
            self._connection.putrequest("POST", connections.prefix + path)
            for name, value in {**headers, "Transfer-Encoding": "chunked"}.items():
                self._connection.putheader(name, value)
            self._connection.endheaders()
        except BaseException as failure:
            self._connection.close()
            if not isinstance(failure, (OSError, http.client.HTTPException)):
                raise
            raise unanswered(self._url, failure, sent) from failure
        self._response = http.client.HTTPResponse(self._sock, method="POST")

    def send(self, piece: bytes, deadline: float) -> None:
        """A piece of the body, which must not be empty."""
        self._say(_chunk(piece), deadline)

    def finish(self, piece: bytes, deadline: float) -> bytes:
        """The last piece, which may be empty, and what the answer to it all is."""
        self._say((_chunk(piece) if piece else b"") + _chunk(b""), deadline)
        try:
            return self._answer(_left(deadline))
        except (OSError, http.client.HTTPException) as failure:
            raise unanswered(self._url, failure, True) from failure
        finally:
            self.close()

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def _say(self, chunks: bytes, deadline: float) -> None:
        try:
            if self._is_answered():
                raise http.client.HTTPException("the request was ended early")
            self._sock.settimeout(_left(deadline))
            self._connection.send(chunks)
        except BaseException as failure:  # even an interrupt, which may leave half a piece
            try:
                if not isinstance(failure, (OSError, http.client.HTTPException)):
                    raise
                raise self._early_answer(failure) from failure
            finally:
                self.close()

    def _is_answered(self) -> bool:
        if not has_ended(self._sock):
            return False
        self._sock.settimeout(0)
        try:
            self._response.fp.peek(1)
        except ssl.SSLWantReadError:  # what came was about TLS alone
            return False
        return True

    def _early_answer(self, failure: Exception) -> StoreError:
        """What the store has refused, or else that the connection failed."""
        try:
            self._answer(self._LAST_WORDS)
        except StoreError as refused:
            return refused
        except (OSError, http.client.HTTPException):
            pass
        return unanswered(self._url, failure, True)

    def _answer(self, timeout: float) -> bytes:
        self._sock.settimeout(timeout)
        self._response.begin()
        answer = self._response.read()
        require_whole_head(self._response, answer)
        if self._response.status >= 300:
            raise refusal(self._response, answer)
        return answer


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)
