"""A client that sends messages at a given rate, whether or not earlier ones have been answered."""

import re
import select
import socket
import time

from harness.followers import sent_at

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

CONNECTIONS = 64


class Connection:

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self.text = b""

    def send(self, request, since):
        self.since = since
        self.socket.sendall(request)

    def receive(self):
        """The status if that was the whole answer, else None."""
        piece = self.socket.recv(65536)
        if not piece:
            raise RuntimeError("the service closed a connection that messages were sent over")
        self.text += piece
        head, found, body = self.text.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not found or len(body) < (int(length[1]) if length else 0):
            return None
        self.text = b""
        return int(head[9:12])


class Publisher:
    """
    POSTs body to path.format(n), n from 1 to sessions in turn; the place of "%s" in the body says when. All times count from
    when a request was due and this program came to it, also if no connection was free then.
    """

    def __init__(self, service, path, sessions, body, rate, headers=()):
        self.service = service
        self.path = path
        self.sessions = sessions
        self.body = body
        self.rate = rate
        self.headers = "".join(f"{header}\r\n" for header in headers)
        self.sent = 0
        self.times = []
        self.errors = 0

    def run(self, seconds):
        """The times that the answers took, in milliseconds; as many as were sent, or it is a RuntimeError."""
        self.sent, self.times, self.errors = 0, [], 0
        epoll = select.epoll()
        connections = {}
        for _ in range(CONNECTIONS):
            connection = Connection(self.service.port)
            connections[connection.socket.fileno()] = connection
            epoll.register(connection.socket, select.EPOLLIN)
        try:
            self._send_all(epoll, connections, int(seconds * self.rate))
        finally:
            for connection in connections.values():
                connection.socket.close()
            epoll.close()
        if self.errors:
            raise RuntimeError(f"{self.errors} of {self.sent} messages were not accepted")
        return self.times

    def _send_all(self, epoll, connections, count):
        free, due = list(connections.values()), []
        start = time.monotonic()
        while len(self.times) + self.errors < count:
            now = time.monotonic()
            while len(due) + self.sent < min(count, int((now - start) * self.rate) + 1):
                due.append(now)
            while free and due:
                since = due.pop(0)
                free.pop().send(self._request(since), since)
                self.sent += 1
            next_one = start + (len(due) + self.sent) / self.rate - now if len(due) + self.sent < count else 30
            events = epoll.poll(min(30, max(0, next_one)))
            if not events and next_one == 30:
                raise RuntimeError("no answer for 30 s")
            for number, _ in events:
                connection = connections[number]
                status = connection.receive()
                if status:
                    free.append(connection)
                    if status // 100 == 2:
                        self.times.append((time.monotonic() - connection.since) * 1000)
                    else:
                        self.errors += 1

    def _request(self, since):
        body = self.body.replace("%s", sent_at(since), 1).encode()
        path = self.path.format(self.sent % self.sessions + 1)
        return (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{self.headers}"
                f"Content-Length: {len(body)}\r\n\r\n").encode() + body
