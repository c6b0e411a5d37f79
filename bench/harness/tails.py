"""
What tails cost and how fast they are. Each trial has titles, run(bench) that answers a Finding for each of them, and
warmed_up: the services that it wants to have under load before. rows.py says which trials there are, and how large.
"""

import time

from harness.findings import Finding, Target
from harness.followers import Followers
from harness.loads import Http, percentile
from harness.publisher import Publisher
from harness.stock import Stock
from harness.work import DEFAULT, REPLICA

CONTENT = "It is about as long as what people write to an agent, or what an agent says to a tool: 100 letters.."

MESSAGE = '{"role":"user","content":"%s"}' % CONTENT

# What the service makes of it: the plain one gets it as it is to be delivered.
DELIVERED = '{"seq":1,"role":"user","content":"%s","timestamp":"2026-01-01T00:00:00.000000Z"}' % CONTENT

# How often clients look at their sockets where their own time would be in the figure, in seconds.
SELDOM = 1

# Until a service knows that clients have gone, and another replica that there are tails.
NOTICED = 1.5


def tail(session):
    return f"/v1/sessions/{session}/tail"


def tails(name, sessions, count):
    """So many tails, on the sessions name-1 to name-n in turn."""
    return [tail(f"{name}-{n % sessions + 1}") for n in range(count)]


def appends(sessions):
    return Http("POST", f"/v1/sessions/bench-<1-{sessions}>/messages", MESSAGE)


def publisher(service, sessions, rate):
    """Of messages that say when they were sent."""
    return Publisher(service, "/v1/sessions/bench-{}/messages", sessions, MESSAGE.replace('"content":"', '"content":"%s'), rate)


def deliver(bench, service, followers, sessions, rate):
    """
    Sends messages to that service for one round. How long each took until its followers had it and until it was answered, in
    milliseconds, and the share of the machine that others took.
    """
    followers.ask("forget")
    messages = publisher(service, sessions, rate)
    with bench.watch(service) as watch:
        answers = messages.run(bench.chosen.seconds)
        followers.await_messages(messages.sent)
    return followers.ask("take_ages"), answers, watch.others


class Appends:
    """Appends over 64 connections, with tails elsewhere or on the sessions written to, and without any, in turn."""

    warmed_up = [DEFAULT, REPLICA]

    CONNECTIONS = 64

    # with and without in turn so often in a round, for the speed of a machine changes within a minute
    BLOCKS = 3

    def __init__(self, idle, sessions):
        self.idle = idle
        self.sessions = sessions
        name = f"append of one message, {self.CONNECTIONS} connections"
        # title, the service that has the tails, the sessions that they are on, how many, target
        self.states = [
            (f"{name}, {idle:,} idle tails", DEFAULT, "idle", idle, Target(at_least=0.95)),
            (f"{name}, each followed", DEFAULT, "bench", sessions, Target(at_least=0.85)),
            (f"{name}, {idle:,} idle tails on another replica", REPLICA, "idle", idle, Target(at_least=0.95)),
            (f"{name}, each followed on another replica", REPLICA, "bench", sessions, None)]
        self.titles = [state[0] for state in self.states]

    def run(self, bench):
        findings = [Finding(title, "/s", "none", ratio=target) for title, *_, target in self.states]
        bench.postgres.psql("checkpoint")
        if bench.settle:
            self._append(bench, findings, bench.settle)
        for block in range(self.BLOCKS * bench.chosen.rounds):
            for finding, (_, *tailed, _) in zip(findings, self.states):
                pair = [lambda: self._append(bench, [finding]), lambda: self._followed(bench, finding, *tailed)]
                # whichever is first in one block is second in the next, so that what grows meanwhile hits both
                first = block % 2
                rates = {at: pair[at]() for at in (first, 1 - first)}
                finding.add(rates[1], rates[0])
        return findings

    def _followed(self, bench, finding, service, name, count):
        with Followers(SELDOM) as followers:
            followers.open(bench.service(service), tails(name, count, count))
            time.sleep(NOTICED)
            rate = self._append(bench, [finding], followers=followers if name == "bench" else None)
        time.sleep(NOTICED)
        return rate

    def _append(self, bench, findings, seconds=None, followers=None):
        seconds = seconds or max(1, bench.chosen.seconds // self.BLOCKS)
        with bench.watch(bench.service(DEFAULT)) as watch:
            measure = appends(self.sessions).run(bench, watch.service, self.CONNECTIONS, seconds)
        for finding in findings:
            finding.others.append(watch.others)
            finding.errors += measure.errors
        if followers:
            # wrk does not count what was under way when its time was over
            followers.await_messages(measure.count, more=True)
        return measure.rate


class DeliveryCost:
    """
    CPU time of the service for one delivery: what messages to followed sessions take more than the same messages to sessions
    that nobody follows, in turn and while the same tails are open, at a rate that keeps the service from being fully busy;
    beside that of a plain Flux of events.
    """

    warmed_up = [DEFAULT]

    BLOCKS = 5

    def __init__(self, name, followed, alone, paths, sessions, rate):
        self.titles = [f"CPU of a delivery, {name}"]
        self.followed = f"/v1/sessions/{followed}/messages"
        self.alone = f"/v1/sessions/{alone}/messages"
        self.paths = paths
        self.sessions = sessions
        self.rate = rate

    def run(self, bench):
        finding = Finding(self.titles[0], " µs", "plain Flux", ratio=Target(at_most=0.7))
        stock = bench.service("stock", lambda: Stock(bench.java_options()))
        opponents = [(bench.service(DEFAULT), MESSAGE), (stock, DELIVERED)]
        for service, message in opponents:
            # both have had other work so far, or none
            with Followers() as followers:
                followers.open(service, self.paths)
                self._publisher(service, self.followed, message).run(bench.chosen.warm_up)
        for _ in range(bench.chosen.rounds):
            finding.add(*(self._cost(bench, service, message, finding) for service, message in opponents))
        return [finding]

    def _cost(self, bench, service, message, finding):
        seconds = bench.chosen.seconds / self.BLOCKS
        followed, alone = (self._publisher(service, path, message) for path in (self.followed, self.alone))
        extra = deliveries = 0
        with Followers() as followers:
            followers.open(service, self.paths)
            time.sleep(NOTICED)
            for _ in range(self.BLOCKS):
                with bench.watch(service) as without:
                    alone.run(seconds)
                with bench.watch(service) as watch:
                    followed.run(seconds)
                    deliveries += followed.sent * len(self.paths) // self.sessions
                    followers.await_messages(deliveries)
                extra += watch.used["service"] - without.used["service"]
                finding.others.append(watch.others)
        time.sleep(NOTICED)
        return 1e6 * extra / deliveries

    def _publisher(self, service, path, message):
        return Publisher(service, path, self.sessions, message, self.rate)


class DeliveryLatency:
    """From the sending of a message to the arrival of the event, one tail for each session; beside the answer's."""

    warmed_up = [DEFAULT, REPLICA]

    RATE = 500

    def __init__(self, sessions):
        self.sessions = sessions
        self.states = [("on the same replica", DEFAULT), ("on another replica", REPLICA)]
        self.titles = [f"delivery {where}, {share}" for where, _ in self.states for share in ("p50", "p99")]

    def run(self, bench):
        findings = [Finding(title, " ms", "answer") for title in self.titles]
        for number in range(bench.chosen.rounds):
            for at, (_, service) in enumerate(self.states):
                with Followers(pause=0) as followers:
                    followers.open(bench.service(service), tails("bench", self.sessions, self.sessions))
                    time.sleep(NOTICED)
                    self._round(bench, followers, number, findings[2 * at:2 * at + 2])
        return findings

    def _round(self, bench, followers, number, findings):
        if number == 0 and bench.settle:
            publisher(bench.service(DEFAULT), self.sessions, self.RATE).run(bench.settle)
            time.sleep(NOTICED)
        ages, answers, others = deliver(bench, bench.service(DEFAULT), followers, self.sessions, self.RATE)
        for finding, share in zip(findings, (0.5, 0.99)):
            finding.others.append(others)
            finding.add(percentile(ages, share), percentile(answers, share))
