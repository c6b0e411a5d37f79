"""Trials of the index of words: what it costs those who write, and what it takes."""

import contextlib
import signal

from harness.findings import Finding, Target
from harness.loads import Http
from harness.work import DEFAULT

MESSAGE = '{"role":"user","content":"%s"}' % " ".join(["w<1-9999>"] * 25)


@contextlib.contextmanager
def asleep(services):
    """The services do nothing by themselves meanwhile."""
    for service in services:
        service.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for service in services:
            service.process.send_signal(signal.SIGCONT)


class Appends:
    """Appends with and without search, and their p99; there is a backlog all the time."""

    group = "search"
    warmed_up = [DEFAULT]

    def __init__(self, sessions):
        self.titles = ["append with search on, 64 connections", "append with search on, p99", "table of words, a message",
                       "indexes of words, a message"]
        self.load = Http("POST", f"/v1/sessions/bench-<1-{sessions}>/messages", MESSAGE)

    def run(self, bench):
        rate = Finding(self.titles[0], "/s", "off", ratio=Target(at_least=0.85))
        p99 = Finding(self.titles[1], " ms", "off", ratio=Target(at_most=1.5))
        searched = bench.services[DEFAULT]
        searching = list(bench.services.values())
        with bench.own_service("no-search", bench.chosen.heap, {"STORE_SEARCH_ENABLED": "false"}) as plain:
            with asleep(searching):
                self.load.run(bench, plain, 64, bench.chosen.warm_up)
            self.load.run(bench, searched, 64, bench.chosen.warm_up)
            for _ in range(bench.chosen.rounds):
                with asleep(searching):
                    off = self.load.run(bench, plain, 64, bench.chosen.seconds)
                on = self.load.run(bench, searched, 64, bench.chosen.seconds)
                rate.add(on.rate, off.rate)
                p99.add(on.p99, off.p99)
                rate.errors += on.errors + off.errors
        return [rate, p99, *(self._size(bench, title, function) for title, function in zip(
            self.titles[2:], ("pg_table_size", "pg_indexes_size")))]

    @staticmethod
    def _size(bench, title, function):
        found = Finding(title, " bytes")
        found.add(float(bench.postgres.psql(f"select {function}('message_words') / count(*) from message_words")))
        return found
