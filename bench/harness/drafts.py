"""What drafts cost those who append, what a piece of text costs, and how fast it is there."""

import contextlib
import multiprocessing
import signal
import socket
import time

from harness import tails
from harness.findings import Finding, Target
from harness.followers import Followers, sent_at
from harness.loads import Http, percentile
from harness.publisher import LENGTH, Publisher
from harness.tails import MESSAGE, NOTICED
from harness.work import DEFAULT, REPLICA

PIECE = "some words "


def chunk(line):
    return b"%x\r\n%s\n\r\n" % (len(line) + 1, line)


class Writer:
    """One request that writes to a draft."""

    def __init__(self, port, session, message_id):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(f"POST /v1/sessions/{session}/drafts/{message_id} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                            "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n".encode())

    def say(self, text):
        self.socket.sendall(chunk(b'{"text":"%s"}' % text))

    def discard(self):
        self.socket.sendall(chunk(b'{"discard":true}'))
        answer = b""
        while not LENGTH.search(answer):
            received = self.socket.recv(4096)
            if not received:
                raise RuntimeError(f"a draft was cut off: {answer[:200]}")
            answer += received
        self.socket.close()
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"a draft was answered {answer[:300]}")


def _write(pipe, port, sessions, rate):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        writers = [Writer(port, session, f"draft-{n}-{time.monotonic_ns()}") for n, session in enumerate(sessions)]
        for writer in writers:
            writer.say(b"begins ")
        said = 0
        start = time.monotonic()
        pipe.send(True)
        piece = chunk(b'{"text":"%s"}' % PIECE.encode())
        # to look for the end takes as long as to send a piece
        while said % 256 or not pipe.poll():
            # one after the other, each as often as a second has pieces
            writers[said % len(writers)].socket.send(piece)
            said += 1
            ahead = start + said / (rate * len(writers)) - time.monotonic()
            if ahead > 0.001:
                time.sleep(ahead)
        seconds = time.monotonic() - start
        for writer in writers:
            writer.discard()
        pipe.send((said, said / seconds))
    except (OSError, RuntimeError) as error:
        pipe.send(error)


class Writers:
    """Writers of drafts in a process of their own, each with so many pieces a second."""

    def __init__(self, service, sessions, rate):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_write, args=(theirs, service.port, sessions, rate), daemon=True)
        self.process.start()
        theirs.close()
        self.asked = rate * len(sessions)
        self.pieces = self.rate = 0

    def __enter__(self):
        self._receive()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        with contextlib.suppress(BrokenPipeError):  # one that failed has left why
            self.pipe.send(True)
        self.pieces, self.rate = self._receive()
        self.process.join()

    def note(self, finding):
        """Says how many pieces a second were sent, if they were not as many as they should have been."""
        if self.rate < 0.95 * self.asked:
            finding.notes = [f"only {self.rate:,.0f} pieces a second were sent, of {self.asked:,.0f}"]

    def _receive(self):
        if not self.pipe.poll(60):
            raise RuntimeError("the writers of drafts have stopped")
        answer = self.pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def names(count):
    return [f"bench-{n + 1}" for n in range(count)]


class Appends:
    """Appends over 64 connections beside many drafts that nobody follows elsewhere, and without them, in turn."""

    group = "drafts"
    warmed_up = [DEFAULT]

    BLOCKS = 3

    def __init__(self, sessions, drafts, rate):
        self.drafts = drafts
        self.rate = rate
        self.titles = [f"append beside {drafts:,} drafts of {rate} pieces a second, 64 connections",
                       "CPU of a piece that a writer sends", "CPU of the client that sends it"]
        self.load = Http("POST", f"/v1/sessions/bench-<1-{sessions}>/messages", MESSAGE)

    def run(self, bench):
        rate = Finding(self.titles[0], "/s", "none", ratio=Target(at_least=0.8))
        cost = Finding(self.titles[1], " µs")
        client = Finding(self.titles[2], " µs")
        service = bench.service(DEFAULT)
        seconds = max(1, bench.chosen.seconds // self.BLOCKS)
        for block in range(self.BLOCKS * bench.chosen.rounds):
            def beside():
                with Writers(service, names(self.drafts), self.rate) as writers:
                    appended = self._append(bench, service, seconds, rate)
                writers.note(rate)
                return appended
            pair = [lambda: self._append(bench, service, seconds, rate), beside]
            first = block % 2
            rates = {at: pair[at]() for at in (first, 1 - first)}
            rate.add(rates[1], rates[0])
        for _ in range(bench.chosen.rounds):
            # half of the rate: the service shall not be fully busy
            with Writers(service, names(self.drafts), self.rate / 2) as writers:
                time.sleep(1)
                with bench.watch(service) as watch:
                    time.sleep(seconds)
            writers.note(cost)
            pieces = writers.rate * seconds
            cost.add(1e6 * watch.used["service"] / pieces)
            client.add(1e6 * watch.used["generator"] / pieces)
        return [rate, cost, client]

    def _append(self, bench, service, seconds, finding):
        with bench.watch(service) as watch:
            measure = self.load.run(bench, service, 64, seconds)
        finding.others.append(watch.others)
        finding.errors += measure.errors
        return measure.rate


class DeliveryCost:
    """
    CPU time of the service for one delivery of a piece: what pieces of followed drafts take more than the same pieces of
    drafts that nobody follows, in turn, beside what a message to the same sessions takes.
    """

    group = "drafts"
    warmed_up = [DEFAULT]

    BLOCKS = 5

    def __init__(self, sessions, rate):
        self.sessions = sessions
        self.rate = rate
        self.titles = [f"CPU of a piece delivered, {sessions:,} drafts to one tail each"]
        self.messages = tails.DeliveryCost("", "bench-{}", "idle-{}", tails.tails("bench", sessions, sessions), sessions,
                                           sessions * rate)

    def run(self, bench):
        finding = Finding(self.titles[0], " µs", "of a message", ratio=Target(at_most=1.0))
        service = bench.service(DEFAULT)
        for _ in range(bench.chosen.rounds):
            message = self.messages._cost(bench, service, MESSAGE, finding)
            finding.add(self._cost(bench, service, finding), message)
        return [finding]

    def _cost(self, bench, service, finding):
        seconds = bench.chosen.seconds / self.BLOCKS
        with Followers() as followers:
            followers.open(service, [f"/v1/sessions/bench-{n + 1}/tail?drafts=true" for n in range(self.sessions)])
            time.sleep(NOTICED)
            cost = {"idle": 0.0, "bench": 0.0}
            for _ in range(self.BLOCKS):
                for name in cost:
                    followers.ask("forget")
                    with Writers(service, [f"{name}-{n + 1}" for n in range(self.sessions)], self.rate) as writers:
                        time.sleep(0.5)
                        with bench.watch(service) as watch:
                            time.sleep(seconds)
                    writers.note(finding)
                    if name == "bench":
                        followers.await_pieces(writers.pieces // 2)  # the end of a draft overtakes its last ones
                    cost[name] += watch.used["service"] / (writers.rate * seconds)
                    finding.others.append(watch.others)
        return 1e6 * (cost["bench"] - cost["idle"]) / self.BLOCKS


class Latency:
    """From the sending of a piece to its arrival, one tail for each draft, on the same replica and on another."""

    group = "drafts"
    warmed_up = [DEFAULT, REPLICA]

    def __init__(self, drafts):
        self.drafts = drafts
        self.states = [("on the same replica", DEFAULT, Target(at_most=5)), ("on another replica", REPLICA, Target(at_most=100))]
        self.titles = [f"text of a draft {where}, {share}" for where, *_ in self.states for share in ("first", "p50", "p99")]

    def run(self, bench):
        findings = []
        for where, service, target in self.states:
            first, p50 = (Finding(f"text of a draft {where}, {share}", " ms", value=value)
                          for share, value in (("first", target), ("p50", None)))
            p99 = Finding(f"text of a draft {where}, p99", " ms", "append's answer",
                          ratio=Target(at_most=3) if service == DEFAULT else None)
            for _ in range(bench.chosen.rounds):
                with Followers(pause=0) as followers:
                    followers.open(bench.service(service),
                                   [f"/v1/sessions/{name}/tail?drafts=true" for name in names(self.drafts)])
                    time.sleep(NOTICED)
                    self._round(bench, followers, first, p50, p99)
            findings += [first, p50, p99]
        return findings

    def _round(self, bench, followers, first, p50, p99):
        service = bench.service(DEFAULT)
        firsts = []
        with contextlib.ExitStack() as stack:
            writers = []
            for number, name in enumerate(names(self.drafts)):
                writer = Writer(service.port, name, f"draft-{number}-{time.monotonic_ns()}")
                # it has begun when the first text comes
                time.sleep(0.02)
                followers.ask("forget")
                writer.say(sent_at(time.monotonic()).encode())
                time.sleep(0.15)
                firsts += followers.ask("take_ages")
                writers.append(writer)
                stack.callback(writer.discard)
            followers.ask("forget")
            deadline = time.monotonic() + bench.chosen.seconds / 2
            while time.monotonic() < deadline:
                for writer in writers:
                    writer.say(sent_at(time.monotonic()).encode())
                    time.sleep(0.02 / len(writers))
            time.sleep(0.3)
            ages = followers.ask("take_ages")
        if len(firsts) != len(writers):
            raise RuntimeError(f"of {len(writers)} first texts {len(firsts)} arrived in time")
        if not ages:
            raise RuntimeError("no text arrived behind the first ones")
        first.add(max(firsts))
        p50.add(percentile(ages, 0.5))
        answers = Publisher(service, "/v1/sessions/bench-{}/messages", self.drafts, MESSAGE, 1000 // 20).run(2)
        p99.add(percentile(ages, 0.99), percentile(answers, 0.99))
