"""Trials of writers that get into each other's way: one that floods, callers that hang up, replicas on the same sessions."""

import contextlib
import random
import re
import socket
import subprocess
import threading
import time

from harness.findings import Finding, Target
from harness.loads import Http, percentile
from harness.machine import JAR, TARGET, tool
from harness.publisher import Publisher
from harness.tails import MESSAGE

TURN = f'{{"messages":[{MESSAGE}],"agent_switch":{{"to_agent":"agent-<1-9>"}}}}'


# Appends to six sessions, each with a key of its own.
WRITERS = Http("POST", "/v1/sessions/bench-<1-6>/messages", MESSAGE, ["Idempotency-Key: key-<1-1000000000000>"])


def rate_of_writers(found, services, connections, seconds):
    """What so many connections to each of the services have done together, in requests a second."""
    measures = [measure() for measure in [WRITERS.start(service, connections, seconds) for service in services]]
    found.errors += sum(measure.errors for measure in measures)
    return sum((measure.count - measure.errors) / measure.seconds for measure in measures)


def keys(*tenants):
    """The settings of a service for these tenants, and the header that each of them sends."""
    headers, lines = [], []
    for tenant in tenants:
        made = subprocess.run([tool("java"), "-jar", JAR, "new-key", "--tenant", tenant,
                               "--role", "user"], stdout=subprocess.PIPE, text=True, check=True).stdout
        key, line = [each for each in made.splitlines() if each.strip() and not each.endswith(":")][:2]
        headers.append([f"Authorization: Bearer {key.strip()}"])
        lines.append(line.strip())
    file = TARGET / "keys"
    file.write_text("\n".join(lines) + "\n")
    return {"STORE_ACCESS_MODE": "api-key", "STORE_ACCESS_KEYS_FILE": str(file)}, headers


class Flood:
    """Appends at 20 a second beside 64 connections that append as fast as they can: the p99 with them and without."""

    group = "fairness"
    warmed_up = []

    RATE = 20

    def __init__(self, name, path, tenants):
        self.titles = [f"append at 20 a second while {name} floods, p99"]
        self.path = path
        self.tenants = tenants

    def run(self, bench):
        found = Finding(self.titles[0], " ms", "without", ratio=Target(below=3))
        seconds = bench.chosen.seconds
        settings, (flooding, calm) = keys(*self.tenants)
        with bench.own_service("-".join(self.tenants), bench.chosen.heap, settings) as service:
            appends = Http("POST", self.path, MESSAGE, flooding)
            appends.try_out(service)  # so that what is refused later is refused for being too much
            appends.run(bench, service, 64, bench.chosen.warm_up)
            quiet = Publisher(service, "/v1/sessions/quiet-{}/messages", 10, MESSAGE, self.RATE, calm)
            for _ in range(bench.chosen.rounds):
                alone = percentile(quiet.run(2 * seconds), 0.99)
                flood = appends.start(service, 64, 2 * seconds + 1)
                time.sleep(1)
                found.add(percentile(quiet.run(2 * seconds), 0.99), alone)
                flooded = flood()
                # a refusal has an answer
                found.errors += sum(int(count) for count in re.findall(r"(\d+) (?:timeout|socket)", flooded.note))
                found.notes = [f"{(flooded.count - flooded.errors) / flooded.seconds:,.0f} appends/s of the one that floods, "
                               f"{flooded.errors / flooded.seconds:,.0f}/s refused"]
        return [found]


class HangingUp:
    """24 writers on two replicas, with and without four clients that send a turn or appends, and hang up at once."""

    group = "fairness"
    warmed_up = []

    def __init__(self):
        self.titles = ["24 writers beside four that hang up, two replicas"]

    def run(self, bench):
        found = Finding(self.titles[0], "/s", "without", ratio=Target(at_least=0.5))
        with bench.own_service("fair-1", bench.chosen.heap) as one, bench.own_service("fair-2", bench.chosen.heap) as two:
            rate_of_writers(found, [one, two], 12, bench.chosen.warm_up)
            for _ in range(bench.chosen.rounds):
                alone = rate_of_writers(found, [one, two], 12, bench.chosen.seconds)
                with hanging_up((one, two)) as counts:
                    found.add(rate_of_writers(found, [one, two], 12, bench.chosen.seconds), alone)
                found.notes = [f"{sum(counts) / bench.chosen.seconds:,.0f} requests/s given up"]
        return [found]


@contextlib.contextmanager
def hanging_up(services):
    """Four clients, 30 % of whose requests are turns; none waits for its answer."""
    over = threading.Event()
    counts = [0] * 4
    failures = []

    def client(number):
        try:
            hang_up(number)
        except OSError as failure:
            failures.append(failure)

    def hang_up(number):
        choice = random.Random(number)
        while not over.is_set():
            service = choice.choice(services)
            resource, body = ("turns", TURN.replace("<1-9>", "1")) if choice.random() < 0.3 else ("messages", MESSAGE)
            request = (f"POST /v1/sessions/bench-{choice.randint(1, 6)}/{resource} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                       f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}")
            with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
                connection.sendall(request.encode())
            counts[number] += 1
            time.sleep(1 / 350)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield counts
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if failures:
        raise RuntimeError(f"{len(failures)} of those that hang up have stopped: {failures[0]}")


class SameSessions:
    """24 writers with keys on six sessions, half of them on another replica, beside all of them on one."""

    group = "fairness"
    warmed_up = []

    def __init__(self):
        self.titles = ["24 writers on six sessions, two replicas"]

    def run(self, bench):
        found = Finding(self.titles[0], "/s", "one replica", ratio=Target(at_least=0.8))
        with bench.own_service("same-1", bench.chosen.heap) as one, bench.own_service("same-2", bench.chosen.heap) as two:
            rate_of_writers(found, [one, two], 12, bench.chosen.warm_up)
            for _ in range(bench.chosen.rounds):
                alone = rate_of_writers(found, [one], 24, bench.chosen.seconds)
                found.add(rate_of_writers(found, [one, two], 12, bench.chosen.seconds), alone)
        return [found]


def trials():
    return [
        Flood("another tenant", "/v1/sessions/flood-<1-1000>/messages", ("loud", "calm")),
        Flood("another session of the tenant", "/v1/sessions/flood/messages", ("same", "same")),
        HangingUp(),
        SameSessions(),
    ]
