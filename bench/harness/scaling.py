"""The same load over one replica, over two and over four, which share a machine and a PostgreSQL."""

import contextlib
import time

from harness.findings import Finding
from harness.followers import Followers
from harness.loads import Http
from harness.tails import NOTICED, SELDOM, appends, tail
from harness.work import Measure


class Scaling:
    """
    So many connections, divided among the replicas, and what they come to. More replicas on the cores of one can't do more: what
    shows is what it costs to share the work. The notes tell a request's CPU time in all replicas together and in the database.
    """

    group = "replicas"
    warmed_up = []

    CONNECTIONS = 64

    HEAP = "512m"

    COUNTS = (2, 4)

    def __init__(self, sessions, messages):
        self.sessions = sessions
        page = Http("GET", f"/v1/sessions/bench-<1-{sessions}>/messages?after=<0-{messages - 20}>&limit=20")
        self.loads = {"append of one message": (appends(sessions), False),
                      "page of 20 by keyset, warm": (page, False),
                      "append of one message, each followed on one of them": (appends(sessions), True)}
        self.rows = {(name, count): f"{name}, {self.CONNECTIONS} connections, {count} replicas"
                     for name in self.loads for count in self.COUNTS}
        self.titles = list(self.rows.values())

    def run(self, bench):
        findings = {row: Finding(title, "/s", "one replica") for row, title in self.rows.items()}
        with contextlib.ExitStack() as stack:
            services = [stack.enter_context(bench.own_service(f"replica-{number}", self.HEAP))
                        for number in range(1, max(self.COUNTS) + 1)]
            for load, _ in self.loads.values():
                for service in services:
                    load.run(bench, service, self.CONNECTIONS, max(1, bench.chosen.warm_up // 3))
            for number in range(bench.chosen.rounds):
                for name, (load, followed) in self.loads.items():
                    counts = [1, *self.COUNTS][::1 if number % 2 else -1]
                    measures = {count: self._measure(bench, services[:count], load, followed) for count in counts}
                    for count in self.COUNTS:
                        self._add(findings[name, count], measures[count], measures[1])
        return list(findings.values())

    def _measure(self, bench, services, load, followed):
        with Followers(SELDOM) as followers:
            if followed:
                for at, service in enumerate(services):
                    followers.open(service, [tail(f"bench-{n + 1}") for n in range(at, self.sessions, len(services))])
                time.sleep(NOTICED)
            with bench.watch(None) as watch:
                waiting = [load.start(service, self.CONNECTIONS // len(services), bench.chosen.seconds)
                           for service in services]
                measures = [wait() for wait in waiting]
            whole = Measure(sum(measure.count for measure in measures), max(measure.seconds for measure in measures),
                            errors=sum(measure.errors for measure in measures), others=watch.others)
            whole.cpu = {name: 1e6 * watch.used[name] / (whole.count or 1) for name in ("services", "database")}
            if followed:
                # wrk does not count what was under way when its time was over
                followers.await_messages(whole.count, more=True)
        time.sleep(NOTICED)
        return whole

    @staticmethod
    def _add(finding, measure, one):
        finding.add(measure.rate, one.rate)
        finding.errors += measure.errors + one.errors
        finding.others += [measure.others, one.others]
        finding.notes = ["CPU µs " + ", one replica ".join(f"{each.cpu['services']:.0f} + {each.cpu['database']:.0f}"
                                                           for each in (measure, one))]
