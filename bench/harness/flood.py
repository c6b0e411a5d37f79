"""More of everything than the service should get, against the packaged jar on H2 in memory."""

import asyncio
import collections
import socket
import time

from harness.machine import allow_open_files
from harness.service import Service

LINE = "HTTP/1.1\r\nHost: localhost\r\n"
MAX_TAILS = 1000
HEAD, BODY = 20, 40  # seconds after which a request that comes byte by byte has been ended, at the latest
ANSWER = 60  # seconds for which a client may take nothing of an answer


SETTINGS = {"STORE_TAILS_MAX_STREAMS_PER_TENANT": str(MAX_TAILS)}


async def ask(port, request, take=True, pause=0.0, body=b"", timeout=60):
    """The status of the answer; 0 if there is none, -1 if nothing ends it. With a pause the request is sent byte by byte."""
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
    except asyncio.TimeoutError:  # which is an OSError, too, in newer Pythons
        return -1
    except OSError:
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
        print(f"robustness: {what}: {counts}; then a write took {well}; {service.resident_bytes() // 2**20} MB resident", flush=True)
        if not set(counts) <= allowed:
            faults.append(f"{what}: {counts}")

    await is_well(service.port)
    get = f"GET /v1/sessions/well {LINE}".encode()
    held = await asyncio.gather(*(hold(service.port, get + b"\r\n") for _ in range(connections)))
    counts = dict(collections.Counter(status for status, _ in held))
    await hang_up(held)
    await report(f"{connections} connections at once", counts, {200, 503})
    if not connections * 2 // 3 <= counts.get(200, 0) <= connections * 4 // 5:  # who is refused is there for a moment
        faults.append(f"let in {counts.get(200, 0)}")

    counts, seconds = await at_once(service.port, slow, get + b"X-Slow: " + b"x" * 1000, pause=0.5)
    await report(f"{slow} heads byte by byte, cut off after {seconds} s", counts, {0})
    if seconds > HEAD:
        faults.append(f"cut heads off after {seconds} s")
    post = f"POST /v1/sessions/slow/messages {LINE}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    counts, seconds = await at_once(service.port, slow, post.encode(), pause=0.5, body=b" " * 1000)
    await report(f"{slow} bodies byte by byte, refused after {seconds} s", counts, {408})
    if seconds > BODY:
        faults.append(f"refused bodies after {seconds} s")

    large = b'{"role":"user","content":"' + b"x" * 900_000 + b'"}'
    for _ in range(20):
        head = f"POST /v1/sessions/large/messages {LINE}Content-Type: application/json\r\nContent-Length: {len(large)}\r\n\r\n"
        status = await ask(service.port, head.encode() + large)
        if status != 201:
            faults.append(f"answered a large message {status}")
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
    head = end = b""
    try:
        while part := reader.recv(1 << 20):
            head, end = (head + part)[:12], (end + part)[-8:]
            if head == b"HTTP/1.1 503":
                return "refused"
    except socket.timeout:
        return "left open"
    except ConnectionError:
        pass
    finally:
        reader.close()
    if head != b"HTTP/1.1 200":
        return f"answered {head.decode(errors='replace')}"
    return "whole" if end.endswith(b"0\r\n\r\n") else "cut off"


def run(connections, slow):
    """Whether all of it went as it has to; what did not is printed."""
    allowed = allow_open_files(connections + 500)
    if 0 <= allowed < connections + 500:
        raise SystemExit(f"{connections} connections need {connections + 500} open files; ulimit -n allows {allowed}")
    # a fifth of those that come at once is refused
    service = Service("flood", {**SETTINGS, "STORE_CONNECTIONS_MAX": str(connections * 4 // 5)}, ["-Xmx512m"])
    try:
        service.start("h2:mem:flood")
        faults = asyncio.run(flood(service, connections, slow))
    finally:
        service.stop()
    faults += [line for line in service.problems() if " WARN " not in line][:5]
    for fault in faults:
        print(f"robustness: WRONG: {fault}")
    return not faults
