"""A wire between client and service, on which requests go on as long as they like, and which breaks."""
import contextlib
import select
import socket
import threading
import urllib.parse


class Wire:
    """
    Passes on every byte as it comes. Each request takes the first of `plan`, if there is one:

    LOSE_ANSWER  the service does the work, and the connection ends when it answers
    bytes        this is the answer as soon as the body has begun, and the connection ends; the service hears nothing

    paths  those of the requests
    deaf   whether what the client says is lost from now on
    """

    LOSE_ANSWER = 1

    def __init__(self, url, port=0, ssl_context=None):
        self.plan = []
        self.paths = []
        self.deaf = False
        self._service = urllib.parse.urlsplit(url)
        self._ssl_context = ssl_context
        self._links = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.url = "%s://127.0.0.1:%d" % ("https" if ssl_context else "http", self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def cut(self):
        """Ends all connections."""
        links, self._links = self._links, []
        for sockets, thread in links:
            for one in sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            thread.join(20)

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(20)
        self.cut()

    def _listen(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._ssl_context is not None:
                client = self._ssl_context.wrap_socket(client, server_side=True)
            service = socket.create_connection((self._service.hostname, self._service.port))
            service.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._pass_on, args=(client, service))
            thread.start()
            self._links.append(((client, service), thread))

    def _pass_on(self, client, service):
        step = None
        with client, service, contextlib.suppress(OSError):
            while True:
                source = client if self._has_more(client) else select.select([client, service], [], [])[0][0]
                said = source.recv(65536)
                begins = source is client and said.startswith((b"GET ", b"POST "))
                if begins:
                    self.paths.append(said.split(b" ")[1].decode())
                    step = self.plan.pop(0) if self.plan else None
                if isinstance(step, bytes):
                    head, _, body = said.partition(b"\r\n\r\n")
                    if begins and not body and b"Content-Length: 0" not in head:
                        continue
                    return client.sendall(step)
                if not said or (source is service and step == self.LOSE_ANSWER):
                    return
                if source is service:
                    client.sendall(said)
                elif not self.deaf:
                    service.sendall(said)

    def _has_more(self, client):
        """What was decrypted already makes nothing readable."""
        return self._ssl_context is not None and client.pending() > 0
