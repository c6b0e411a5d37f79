"""Something between client and service that counts requests, and does what networks do."""
import http.client
import http.server
import threading
import urllib.parse


class Proxy:
    """
    Forwards to the service at `url`. Each request takes the first of `plan`, if there is one:

    LOSE_REQUEST     the connection ends before the service hears of it
    LOSE_ANSWER      the service does the work, and the connection ends
    HANG_UP          the connection ends after the answer, unannounced
    BUSY             503 with Retry-After
    RATE_LIMITED     429 with Retry-After
    bytes            200 with this JSON, and the service is not asked
    """

    LOSE_REQUEST, LOSE_ANSWER, HANG_UP, BUSY, RATE_LIMITED = range(5)

    def __init__(self, url, port=0, ssl_context=None):
        self.plan = []
        self.requests = []  # (method, path, headers, body)
        self.connections = 0
        self._target = urllib.parse.urlsplit(url).netloc
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"proxy": self}))
        self.url = "http://127.0.0.1:%d" % self._server.server_port
        if ssl_context is not None:
            self._server.socket = ssl_context.wrap_socket(self._server.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def forward(self, method, path, headers, body):
        connection = http.client.HTTPConnection(self._target, timeout=10)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "connection")}
            connection.request(method, path, body=body, headers=kept)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def keys(self):
        return [headers.get("Idempotency-Key") for _, _, headers, _ in self.requests]


class _Handler(http.server.BaseHTTPRequestHandler):

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30
    proxy = None

    def setup(self):
        super().setup()
        self.proxy.connections += 1

    def handle_any(self):
        proxy = self.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        proxy.requests.append((self.command, self.path, self.headers, body))
        step = proxy.plan.pop(0) if proxy.plan else None
        if step in (Proxy.LOSE_REQUEST, Proxy.LOSE_ANSWER, Proxy.HANG_UP):
            self.close_connection = True
        if step == Proxy.LOSE_REQUEST:
            return
        if step == Proxy.BUSY:
            problem = b'{"type":"/problems/busy","title":"The store is busy","status":503,"detail":"The queue is full."}'
            return self.answer(503, {"Content-Type": "application/problem+json", "Retry-After": "0"}, problem)
        if step == Proxy.RATE_LIMITED:
            return self.answer(429, {"Content-Type": "application/problem+json", "Retry-After": "1"}, b"{}")
        if isinstance(step, bytes):
            return self.answer(200, {"Content-Type": "application/json"}, step)
        status, headers, answer = proxy.forward(self.command, self.path, self.headers, body)
        if step != Proxy.LOSE_ANSWER:
            self.answer(status, headers, answer)

    do_GET = do_PUT = do_POST = do_DELETE = handle_any

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Quiet."""
