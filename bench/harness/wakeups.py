"""Two replicas that tell each other by PostgreSQL's NOTIFY, and two that do so by NATS, in turn."""

import contextlib
import os
import shutil
import socket
import subprocess
import time

from harness.findings import Finding
from harness.followers import Followers
from harness.loads import percentile
from harness.machine import TARGET, free_port, process_cpu
from harness.tails import NOTICED, SELDOM, appends, deliver, tails
from harness.work import DEFAULT, REPLICA

# where Debian installs it, users do not look
PATH = os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/sbin"


class Nats:
    """A server of NATS, beside the services and for as long as they."""

    def __init__(self):
        self.port = free_port()
        self.log = TARGET / "nats.log"
        self.process = None

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def start(self, _):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([shutil.which("nats-server", path=PATH), "-a", "127.0.0.1", "-p", str(self.port)],
                                            stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"nats-server did not start; see {self.log}")
            time.sleep(0.05)

    def cpu(self):
        return process_cpu(self.process.pid)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()

    @staticmethod
    def problems():
        return []


class WakeUps:
    """Sessions that are written to on one replica, each followed on the other."""

    group = "wake-ups"
    warmed_up = [DEFAULT, REPLICA]

    RATE = 500

    CONNECTIONS = 64

    def __init__(self, sessions):
        self.sessions = sessions
        self.titles = ["delivery on another replica by NATS, p50", "delivery on another replica by NATS, p99",
                       f"append of one message, {self.CONNECTIONS} connections, each followed on another replica by NATS"]

    def run(self, bench):
        findings = [Finding(title, unit, "NOTIFY") for title, unit in zip(self.titles, (" ms", " ms", "/s"))]
        if not shutil.which("nats-server", path=PATH):
            for finding in findings:
                finding.notes.append("not measured: it takes nats-server, of the package of that name")
            return findings
        settings = {"STORE_TAILS_WAKE_UPS": "nats", "STORE_TAILS_NATS_URL": bench.service("nats-server", Nats).url}
        with bench.own_service("nats-writer", bench.chosen.heap, settings) as writer, \
                bench.own_service("nats-reader", bench.chosen.heap, settings) as reader:
            pairs = [(writer, reader), (bench.service(DEFAULT), bench.service(REPLICA))]
            self._rate(bench, *pairs[0], bench.chosen.warm_up)
            for number in range(bench.chosen.rounds):
                # whichever is first in one round is second in the next
                first = number % 2
                for measure, found in ((self._latencies, findings[:2]), (self._rates, findings[2:])):
                    figures = {at: measure(bench, *pairs[at], found) for at in (first, 1 - first)}
                    for finding, figure, beside in zip(found, figures[0], figures[1]):
                        finding.add(figure, beside)
        return findings

    def _latencies(self, bench, writer, reader, findings):
        with Followers(pause=0) as followers:
            followers.open(reader, tails("bench", self.sessions, self.sessions))
            time.sleep(NOTICED)
            ages, _, others = deliver(bench, writer, followers, self.sessions, self.RATE)
        time.sleep(NOTICED)
        for finding in findings:
            finding.others.append(others)
        return [percentile(ages, share) for share in (0.5, 0.99)]

    def _rates(self, bench, writer, reader, findings):
        measure, others = self._rate(bench, writer, reader, bench.chosen.seconds)
        for finding in findings:
            finding.others.append(others)
            finding.errors += measure.errors
        return [measure.rate]

    def _rate(self, bench, writer, reader, seconds):
        with Followers(SELDOM) as followers:
            followers.open(reader, tails("bench", self.sessions, self.sessions))
            time.sleep(NOTICED)
            with bench.watch(writer) as watch:
                measure = appends(self.sessions).run(bench, writer, self.CONNECTIONS, seconds)
            # wrk does not count what was under way when its time was over
            followers.await_messages(measure.count, more=True)
        time.sleep(NOTICED)
        return measure, watch.others
