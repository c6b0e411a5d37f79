"""How the time of a request grows with what it is about."""

import http.client
import json
import re
import threading
import time
from contextlib import contextmanager
from urllib.parse import quote

from harness.machine import TARGET
from harness.postgres import Postgres
from harness.service import Service

LINES = {"Content-Type": "application/x-ndjson"}
MOST_GROWTH = 8
NOTICED = 0.5  # seconds; what takes less may grow as it likes
LIVE = 1.0  # seconds for which /livez may not answer


def text(number):
    return f"message {number}: the quick brown fox jumps over the lazy dog, and word{number % 97} was said"


def message(number, **more):
    return {"role": "assistant" if number % 2 else "user", "content": text(number), "id": f"m{number}", **more}


def lines(messages):
    return "".join(json.dumps(each) + "\n" for each in messages)


class Store:
    """A client that tells how long an answer took, to its last byte."""

    def __init__(self, service):
        self.service = service

    def ask(self, method, path, body=None, headers=None, allowed=(200, 201, 202, 204)):
        """The seconds, and the answer."""
        content = body if isinstance(body, (str, type(None))) else json.dumps(body)
        start = time.monotonic()
        status, data = self.service.ask(method, path, content, headers or (), timeout=120)
        seconds = time.monotonic() - start
        if status not in allowed:
            raise Unexpected(f"{method} {path[:80]}: {status} {data[:200].decode(errors='replace')}")
        return seconds, data

    def log(self, name, messages):
        return self.ask("POST", f"/v1/sessions/{name}/messages", lines(messages), LINES)[0]

    def follow(self, path, event, count):
        """The seconds until so many events have come."""
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=120)
        wanted = f"event: {event}".encode()
        try:
            start = time.monotonic()
            connection.request("GET", path)
            answer = connection.getresponse()
            if answer.status != 200:
                raise Unexpected(f"GET {path}: {answer.status}")
            while count:
                line = answer.readline()
                if not line:
                    raise Unexpected(f"GET {path}: ended {count} events too early")
                count -= line.strip() == wanted
            return time.monotonic() - start
        finally:
            connection.close()

    def walk(self, path):
        """The seconds to read a list to its end, page by page."""
        seconds = 0
        while path:
            took, data = self.ask("GET", path)
            seconds += took
            path = json.loads(data).get("next")
        return seconds

    def erase(self, owner, sessions):
        """The seconds until all of these many sessions are gone."""
        start = time.monotonic()
        receipt = json.loads(self.ask("POST", "/v1/erasures", {"owner": owner})[1])
        while receipt["state"] != "done":
            if time.monotonic() - start > 120:
                raise Unexpected(f"the erasure of {owner} is {receipt['state']} after two minutes")
            time.sleep(0.05)
            receipt = json.loads(self.ask("GET", f"/v1/erasures/{receipt['erasure_id']}")[1])
        if receipt["sessions"] != sessions:
            raise Unexpected(f"the erasure of {owner} took {receipt['sessions']} sessions of {sessions}")
        return time.monotonic() - start


class Unexpected(Exception):
    """An answer that should not be."""


class Liveness:
    """Asks /livez all the time."""

    def __init__(self, service):
        self.service = service
        self.longest = 0.0
        threading.Thread(target=self._ask, daemon=True).start()

    def _ask(self):
        while not self.service.stopped:
            start = time.monotonic()
            try:
                alive = self.service.ask("GET", "/livez")[0] == 200
            except (OSError, http.client.HTTPException):
                alive = False
            self.longest = max(self.longest, time.monotonic() - start if alive else LIVE)
            time.sleep(0.02)

    def reset(self):
        longest, self.longest = self.longest, 0.0
        return longest


def read(path, **options):
    """A request about a log of n messages that changes nothing; the second time counts."""
    def case(store, n):
        for _ in range(2):
            seconds = store.ask("GET", f"/v1/sessions/log-{n}{path}", **options)[0]
        return seconds
    return case


def save(messages):
    """Saves as the history of a log of n messages what this makes of them."""
    def case(store, n):
        name = f"saved-{time.monotonic_ns()}"
        store.log(name, map(message, range(n)))
        return store.ask("PUT", f"/v1/sessions/{name}/history", {"messages": messages(n)}, allowed=(200, 413))[0]
    return case


def change(method, path, body=None, **options):
    """Another request that changes a log of n messages."""
    def case(store, n):
        name = f"changed-{time.monotonic_ns()}"
        store.log(name, map(message, range(n)))
        return store.ask(method, f"/v1/sessions/{name}{path}", body(n) if body else None, **options)[0]
    return case


def calls(store, n):
    """What fits of a log of calls that were never answered."""
    name = f"calls-{n}"
    store.log(name, ({"role": "assistant", "tool_calls": [{"id": f"call-{i}", "type": "function",
                                                           "function": {"name": "look", "arguments": "{}"}}]}
                     for i in range(n)))
    return store.ask("GET", f"/v1/sessions/{name}/context?max_tokens=1000", allowed=(200, 422))[0]


def large(path, **options):
    """A request about a log of n / 50 messages of 50 KB."""
    def case(store, n):
        if store.ask("GET", f"/v1/sessions/large-{n}", allowed=(200, 404))[1].startswith(b'{"type"'):
            store.log(f"large-{n}", (message(i, metadata={"page": "x" * 50_000}) for i in range(n // 50)))
        return store.ask("GET", f"/v1/sessions/large-{n}{path}", **options)[0]
    return case


def known_lines(store, n):
    """The same lines once more."""
    name = f"again-{n}"
    store.log(name, map(message, range(n)))
    return store.log(name, map(message, range(n)))


def ranges(n):
    """Every third message, a thousand at most."""
    return [[i, i] for i in range(1, n, 3)][-999:] + [[n + 1]]


def switches(n):
    history = [{"from": f"agent-{i % 7}", "to": f"agent-{(i + 1) % 7}"} for i in range(n)]
    return {"current_agent": history[-1]["to"], "agent_history": history}


def saved_switches(store, n):
    name = f"switched-{n}"
    store.log(name, [message(0)])
    return store.ask("PUT", f"/v1/sessions/{name}/agent-context", switches(n // 10))[0]


def draft(store, n):
    pieces = ({"text": f"word {i} "} for i in range(n))
    return store.ask("POST", f"/v1/sessions/drafted-{n}/drafts/d{n}",
                     lines(pieces) + lines([{"message": {"role": "assistant", "content": "done"}}]), LINES)[0]


def give(store, owner, n):
    """Makes a tenth as many sessions of one owner."""
    for i in range(n // 10):
        store.ask("POST", "/v1/sessions", {"session_id": f"of-{owner}-{i}", "owner": owner, "labels": {"size": str(n)}})


def owned(store, n):
    give(store, f"owner-{n}", n)
    return store.walk(f"/v1/sessions?owner=owner-{n}&limit=100")


def erased(store, n):
    give(store, f"erased-{n}", n)
    return store.erase(f"erased-{n}", n // 10)


CASES = {
    "append of n lines": lambda store, n: store.log(f"new-{n}", map(message, range(n))),
    "append of n lines that are there": known_lines,
    "all messages as NDJSON": read("/messages", headers={"Accept": "application/x-ndjson"}),
    "history": read("/history"),
    "newest 1,000 messages": read("/messages?before&limit=1000"),
    "messages of a role that is rare": read("/messages?role=tool"),
    "100 messages by id": read("/messages?" + "&".join(f"id=m{i}" for i in range(0, 10_000, 100))),
    "what fits, all": read("/context?max_tokens=10000000", allowed=(200, 413)),
    "what fits, little": read("/context?max_tokens=1000"),
    "what fits of unanswered calls": calls,
    "search for two words": lambda store, n: store.ask(
        "GET", f"/v1/search?q={quote('lazy word13')}&session_id=log-{n}", allowed=(200, 503))[0],
    "stats": read("/stats"),
    "n / 50 messages of 50 KB": large("/messages?limit=1000"),
    "history of n / 50 messages of 50 KB": large("/history"),
    "what fits of n / 50 messages of 50 KB": large("/context?max_tokens=10000000", allowed=(200, 413)),
    "tail from the first message": lambda store, n: store.follow(f"/v1/sessions/log-{n}/tail?after=0", "message", n),
    "history with one more message": save(lambda n: [message(i) for i in range(n + 1)]),
    "history without ids": save(lambda n: [{"role": message(i)["role"], "content": text(i)} for i in range(n + 1)]),
    "history without every other message": save(lambda n: [message(i) for i in range(0, n, 2)]),
    "history the other way round": save(lambda n: [message(i) for i in reversed(range(n))]),
    "history with others in between": save(lambda n: [part for i in range(0, n, 2)
                                                      for part in (message(i), {"role": "user", "content": text(-i)})]),
    "view of many ranges": change("PUT", "/view", lambda n: {"ranges": ranges(n)}),
    "compaction of all": change("POST", "/compactions", lambda n: {"summary": {"role": "user", "content": "short"},
                                                                   "through_seq": n}),
    "fork": change("POST", "/forks", lambda n: {}),
    "soft delete": change("DELETE", ""),
    "hard delete": change("DELETE", "?soft=false"),
    "agent context with n / 10 switches": saved_switches,
    "n / 10 switches, page by page": lambda store, n: store.walk(f"/v1/sessions/switched-{n}/agent-switches?limit=1000"),
    "draft of n pieces": draft,
    "n / 10 sessions of an owner, page by page": owned,
    "erasure of n / 10 sessions": erased,
}


@contextmanager
def started(database, heap):
    postgres = Postgres() if database == "postgresql" else None
    service = Service("growth", {}, [f"-Xmx{heap}"])
    try:
        if postgres:
            TARGET.mkdir(parents=True, exist_ok=True)
            postgres.start()
        service.start(postgres.url if postgres else "h2:mem:growth")
        yield service
    finally:
        service.stop()
        if postgres:
            postgres.stop()


def run(n, database, only, heap):
    """Whether nothing grew as it should not."""
    if database not in ("postgresql", "h2"):
        raise SystemExit(f"database={database}? postgresql or h2")
    if n > 20_000:
        raise SystemExit(f"n={n}? 20000 at most: with 4n the texts of a draft and saved switches would be more than the service takes")
    chosen = {name: case for name, case in CASES.items() if re.search(only, name)}
    if not chosen:
        raise SystemExit(f"only={only}? {'; '.join(CASES)}")
    sizes = (n, 2 * n, 4 * n)
    faults = []
    with started(database, heap) as service:
        store, liveness = Store(service), Liveness(service)
        for size in (n // 10, *sizes):  # the first is for the JVM to warm up
            store.log(f"log-{size}", map(message, range(size)))
        liveness.reset()
        print(f"| {'at n =':42} | {sizes[0]:>9,} | {sizes[1]:>9,} | {sizes[2]:>9,} | growth | /livez |", flush=True)
        print(f"|{'-' * 44}|{'-' * 10}:|{'-' * 10}:|{'-' * 10}:|-------:|-------:|")
        for name, case in chosen.items():
            try:
                case(store, n // 10)
                seconds = [case(store, size) for size in sizes]
            except Unexpected as unexpected:
                faults.append(f"{name}: {unexpected}")
                continue
            growth, livez = seconds[2] / seconds[0], liveness.reset()
            print(f"| {name:42} | {seconds[0]:7.3f} s | {seconds[1]:7.3f} s | {seconds[2]:7.3f} s | {growth:6.1f} "
                  f"| {livez:4.2f} s |", flush=True)
            if growth > MOST_GROWTH and seconds[2] > NOTICED:
                faults.append(f"{name}: {growth:.1f} times as long at 4n")
            if livez >= LIVE:
                faults.append(f"{name}: /livez waited {livez:.1f} s")
        problems = service.problems()
    faults += [f"log: {line}" for line in problems]
    print("\n".join(["", *faults]) if faults else "\nNothing grew faster than it should.")
    return not faults
