"""A service that only has tails, and says on each connection what the test wrote down."""
import socket
import threading

OPEN = b"\0"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def stream(*pieces):
    """An answer of server-sent events, one chunk for each piece, without the end that HTTP would have."""
    return HEAD + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (text.encode() for text in pieces))


def event(name, event_id, data):
    return "event: %s\nid: %s\ndata: %s\n\n" % (name, event_id, data)


def problem(status, name, retry_after=None):
    body = b'{"type":"/problems/%s","title":"t","status":%d,"detail":"d"}' % (name.encode(), status)
    wait = b"" if retry_after is None else b"Retry-After: %d\r\n" % retry_after
    return b"HTTP/1.1 %d Problem\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, wait, len(body), body)


class EventStreams:
    """Each connection gets the next of `answers` and is closed; one that ends in OPEN not before the other side closes."""

    def __init__(self, *answers):
        self.requests = []  # (path with query, Last-Event-ID)
        self.left = threading.Event()  # set when the other side went away
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(answers,))
        self._thread.start()

    def _serve(self, answers):
        for answer in answers:
            connection, _ = self._listener.accept()
            with connection:
                lines = connection.recv(65536).decode("latin-1").split("\r\n")
                headers = dict(line.split(": ", 1) for line in lines[1:] if line)
                self.requests.append((lines[0].split(" ")[1], headers.get("Last-Event-ID")))
                connection.sendall(answer.rstrip(OPEN))
                if answer.endswith(OPEN):
                    connection.settimeout(20)
                    if connection.recv(1) == b"":
                        self.left.set()

    def close(self):
        self._listener.close()
        self._thread.join(20)
