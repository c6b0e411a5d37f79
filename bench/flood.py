"""More of everything than the service should get: run by bench/robustness, against the packaged jar."""

import asyncio
import collections
import pathlib
import resource
import socket
import subprocess
import sys
import time

JAR = pathlib.Path("target/agent-session-store.jar")
LOGS = pathlib.Path("target/robustness")
LINE = "HTTP/1.1\r\nHost: localhost\r\n"
MAX_TAILS = 1000
ANSWER = 60  # seconds for which a client may take nothing of an answer


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """The packaged jar on H2 in memory."""

    def __init__(self, connections):
        self.port = free_port()
        LOGS.mkdir(parents=True, exist_ok=True)
        # a fifth of those that come at once is refused
        settings = {"server.port": self.port, "management.server.port": free_port(),
                    "store.database.url": "h2:mem:flood", "store.connections.max": connections * 4 // 5,
                    "store.tails.max-streams-per-tenant": MAX_TAILS}
        self.log = open(LOGS / "service.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["java", "-Xmx512m", "-jar", str(JAR)] + [f"--{name}={value}" for name, value in settings.items()],
            stdout=self.log, stderr=subprocess.STDOUT)

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS"))

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


async def ask(port, request, take=True, pause=0.0, body=b"", timeout=60):
    """The status of the answer; 0 if there is none. With a pause the request is sent byte by byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    try:
        if not pause:
            writer.write(request + body)
        else:
            head = len(request) if body else 0
            writer.write(request[:head])
            for byte in (body or request):
                if reader.at_eof() or reader._buffer:  # answered already
                    break
                writer.write(bytes([byte]))
                await asyncio.sleep(pause)
        if not take:
            await asyncio.wait_for(writer.wait_closed(), timeout)
        line = await asyncio.wait_for(reader.readline(), timeout)
        return int(line.split()[1]) if line else 0
    except (ConnectionError, OSError):
        return 0
    finally:
        writer.close()


async def at_once(port, count, request, **options):
    """How often each status came back, and after how many seconds all had."""
    start = time.monotonic()
    statuses = await asyncio.gather(*(ask(port, request, **options) for _ in range(count)))
    return dict(sorted(collections.Counter(statuses).items())), round(time.monotonic() - start, 1)


async def hold(port, request):
    """Sends a request and keeps its connection open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    line = await asyncio.wait_for(reader.readline(), 60)
    return int(line.split()[1]) if line else 0, writer


async def hang_up(connections):
    for _, writer in connections:
        writer.close()
    await asyncio.sleep(1)


async def is_well(port):
    """Whether it takes a write within ten seconds; how long that took."""
    start = time.monotonic()
    body = b'{"role":"user","content":"well?"}'
    request = f"POST /v1/sessions/well/messages {LINE}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    while await ask(port, request.encode() + body, timeout=5) != 201:
        if time.monotonic() - start > 10:
            raise SystemExit("the service takes no writes any more")
        await asyncio.sleep(0.05)
    return f"{(time.monotonic() - start) * 1000:.0f} ms"


async def flood(service, connections, slow):
    faults = []

    async def report(what, counts, allowed):
        well = await is_well(service.port)
        print(f"robustness: {what}: {counts}; then a write took {well}; {service.resident_mb()} MB resident", flush=True)
        if not set(counts) <= allowed:
            faults.append(f"{what}: {counts}")

    started = time.monotonic()
    while time.monotonic() - started < 60:
        try:
            await is_well(service.port)
            break
        except OSError:
            await asyncio.sleep(0.2)
    get = f"GET /v1/sessions/well {LINE}".encode()
    held = await asyncio.gather(*(hold(service.port, get + b"\r\n") for _ in range(connections)))
    counts = dict(collections.Counter(status for status, _ in held))
    await hang_up(held)
    await report(f"{connections} connections at once", counts, {200, 503})
    if not connections * 2 // 3 <= counts.get(200, 0) <= connections * 4 // 5:  # who is refused is there for a moment
        faults.append(f"let in {counts.get(200, 0)}")

    counts, seconds = await at_once(service.port, slow, get + b"X-Slow: " + b"x" * 1000, pause=0.5)
    await report(f"{slow} heads byte by byte, cut off after {seconds} s", counts, {0})
    post = f"POST /v1/sessions/slow/messages {LINE}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    counts, seconds = await at_once(service.port, slow, post.encode(), pause=0.5, body=b" " * 1000)
    await report(f"{slow} bodies byte by byte, refused after {seconds} s", counts, {408})

    large = b'{"role":"user","content":"' + b"x" * 900_000 + b'"}'
    for _ in range(20):
        head = f"POST /v1/sessions/large/messages {LINE}Content-Type: application/json\r\nContent-Length: {len(large)}\r\n\r\n"
        await ask(service.port, head.encode() + large)
    readers = [stalled_reader(service.port) for _ in range(slow)]
    await report(f"{slow} readers that take nothing", {}, set())
    await asyncio.sleep(ANSWER * 2)
    ends = collections.Counter([end_of(each) for each in readers])
    await report(f"{slow} readers that go on after {ANSWER * 2} s", dict(ends), {"cut off", "refused"})

    tail = f"GET /v1/sessions/well/tail {LINE}\r\n".encode()
    held = await asyncio.gather(*(hold(service.port, tail) for _ in range(MAX_TAILS * 2)))
    counts = dict(collections.Counter(status for status, _ in held))
    await report(f"{MAX_TAILS * 2} tails at once, {MAX_TAILS} allowed", counts, {200, 429})
    if counts.get(200, 0) != MAX_TAILS:
        faults.append(f"let in {counts.get(200, 0)} tails")
    await hang_up(held)
    held = await asyncio.gather(*(hold(service.port, tail) for _ in range(MAX_TAILS)))
    await report("as many again after these hung up", dict(collections.Counter(status for status, _ in held)), {200})
    await hang_up(held)
    return faults


def stalled_reader(port):
    """A connection whose small window is full of an answer that nobody reads."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET /v1/sessions/large/history {LINE}\r\n".encode())
    return reader


def end_of(reader):
    """How the service ended it: what the kernel holds for it can still be taken, and then there is no more."""
    reader.settimeout(10)
    answer = bytearray()
    try:
        while part := reader.recv(1 << 20):
            answer = answer[-8:] + part
            if answer.startswith(b"HTTP/1.1 503"):
                return "refused"
        return "whole" if answer.endswith(b"0\r\n\r\n") else "cut off"
    except TimeoutError:
        return "left open"
    except ConnectionError:
        return "cut off"
    finally:
        reader.close()


def main(connections, slow):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < connections + 500:
        raise SystemExit(f"{connections} connections need {connections + 500} open files; ulimit -n allows {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, connections + 500), hard))
    if not JAR.exists():
        raise SystemExit(f"{JAR} is missing: ./mvnw -DskipTests package")
    service = Service(connections)
    try:
        faults = asyncio.run(flood(service, connections, slow))
    finally:
        service.stop()
    with open(LOGS / "service.log", encoding="utf-8") as log:
        faults += [line for line in log if " ERROR " in line][:5]
    for fault in faults:
        print(f"robustness: WRONG: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
