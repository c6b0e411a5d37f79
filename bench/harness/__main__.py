"""bench/run: sets everything up, runs the chosen rows in interleaved rounds, prints the table, cleans up."""

import argparse
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import rows as table_rows
from harness import report
from harness.machine import facts, machine_cpu, own_cpu, say
from harness.postgres import SETTINGS, Postgres
from harness.service import Service
from harness.work import SERVICES, Measure

JAR = "target/agent-session-store.jar"


@dataclass(frozen=True)
class Data:
    """How much there is to work on; data.sql, pgbench's scripts and rows.py know these numbers by these names."""

    sessions: int = 1000
    messages: int = 200
    deep: int = 200_000
    long: int = 1_000_000
    histories: int = 100


SMALL = Data(sessions=200, deep=110_000, long=100_000, histories=20)


def options():
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures the service beside PostgreSQL itself; see "
                                     "bench/README.md. The table is also written to bench/target/result.md.")
    parser.add_argument("--rounds", type=int, default=3, help="of which the medians are printed (default 3)")
    parser.add_argument("--seconds", type=int, default=10, help="of one round (default 10)")
    parser.add_argument("--warm-up", type=int, default=30, metavar="SECONDS",
                        help="load for each service before the first round (default 30)")
    parser.add_argument("--only", metavar="REGEX", default="", help="only the rows whose name contains a match")
    parser.add_argument("--quick", action="store_true",
                        help="one round of 1 s and little data, to see that everything works: its figures mean nothing")
    parser.add_argument("--heap", default="1g", help="of the service, as for -Xmx (default 1g)")
    parser.add_argument("--java-option", action="append", default=[], metavar="OPTION", help="more for the JVM")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE",
                        help="an environment variable of the service, e.g. STORE_LANES_WRITERS=4")
    parser.add_argument("--list", action="store_true", help="print the names of the rows, and do nothing")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rounds, chosen.seconds, chosen.warm_up = 1, 1, 10
    return chosen


class Bench:

    def __init__(self, chosen):
        self.root = Path(__file__).resolve().parents[2]
        self.target = self.root / "bench/target"
        self.chosen = chosen
        self.data = SMALL if chosen.quick else Data()
        self.settle = chosen.seconds // 2
        self.postgres = Postgres(self.root, self.target)
        self.services = {}
        self.works = []
        for work in table_rows.rows(self.data):
            work.rows = [row for row in work.rows if re.search(chosen.only, work.title(row))]
            if work.rows:
                self.works.append(work)
        if not self.works:
            raise SystemExit(f"No row's name matches {chosen.only}; bench/run --list prints them.")

    def set_up(self):
        say("Starting PostgreSQL and the service …")
        self.postgres.start()
        settings = dict(setting.split("=", 1) for setting in self.chosen.setting)
        for name in sorted({row.service for work in self.works for row in work.rows}):
            service = Service(name, self.root, self.target, {**settings, **SERVICES[name]},
                              [f"-Xmx{self.chosen.heap}", *self.chosen.java_option])
            self.services[name] = service
            service.start(self.postgres.url)
        say("Writing data …")
        self.postgres.run_file(self.root / "bench/data.sql", vars(self.data))
        self.postgres.forget_problems()

    def warm_up(self):
        """Until the JIT has compiled what is hot, a service is three to ten times slower than it will be."""
        for service in self.services.values():
            works = [work for work in self.works if any(row.service == service.name for row in work.rows)]
            say(f"Warming up the service ({service.name}) …")
            for work in works:
                try:
                    work.http.try_out(service)
                except RuntimeError as error:
                    raise SystemExit(f"{work.name}: {error}")
                most = max(row.connections for row in work.rows if row.service == service.name)
                work.http.run(self, service, most, max(1, self.chosen.warm_up // len(works)))

    def measure(self, work):
        """The rounds of one piece of work: service and PostgreSQL in turn, so that what changes meanwhile hits both."""
        self.postgres.psql("checkpoint")
        rounds = {row: [] for row in work.rows}
        beside = {clients: [] for row in work.rows for clients in row.clients()}
        for number in range(self.chosen.rounds):
            for row in work.rows:
                self._round(rounds[row], work.title(row), work.http, self.services[row.service], row.connections, number)
            for clients in sorted(beside):
                self._round(beside[clients], f"{work.name}, PostgreSQL, {clients} clients", work.sql, None, clients, number)
        return [report.Result(work.title(row), work.unit, row.service, rounds[row],
                              {clients: beside[clients] for clients in row.clients()}) for row in work.rows]

    def _round(self, measures, title, load, service, connections, number):
        if number == 0 and self.settle:
            self._run(load, service, connections, self.settle)
        before = self._cpu(service)
        measure = self._run(load, service, connections, self.chosen.seconds)
        after = self._cpu(service)
        used = {name: after[name] - before[name] for name in before}
        units = measure.parts or measure.count or 1
        measure.cpu = {name: 1e6 * used[name] / units for name in ("service", "database")}
        ours = used["services"] + used["database"] + used["generator"]
        measure.others = max(0.0, (used["busy"] - ours) / (used["all"] or 1))
        measures.append(measure)
        say(f"  {title}: {measure.rate:,.1f}/s" + (f", {measure.errors} ERRORS: {measure.note}" if measure.errors else ""))

    def _run(self, load, service, connections, seconds):
        """One round; if it fails, that is a result like another, and the next one has its turn."""
        try:
            return load.run(self, service, connections, seconds)
        except (RuntimeError, ValueError, OSError, HTTPException, subprocess.SubprocessError) as error:
            return Measure(0, seconds, errors=1, note=" ".join(str(error).split())[:300])

    def _cpu(self, service):
        busy, everything = machine_cpu()
        return {"service": service.cpu() if service else 0.0, "database": self.postgres.cpu(), "generator": own_cpu(),
                "services": sum(each.cpu() for each in self.services.values()), "busy": busy, "all": everything}

    def stop(self):
        for service in self.services.values():
            service.stop()
        self.postgres.stop()
        shutil.rmtree(self.postgres.data, ignore_errors=True)
        for log in self.target.glob("pgbench-log.*"):
            log.unlink()

    def facts(self):
        chosen = self.chosen
        server = self.postgres.psql("select version()").split(" on ")[0]
        settings = ", ".join(f"{name}={value}" for name, value in SETTINGS.items() if value and name != "listen_addresses")
        return [*facts(self.root, self.target), ("database", f"{server} ({settings})"),
                ("service", " ".join([f"-Xmx{chosen.heap}", *chosen.java_option, *chosen.setting])),
                ("rounds", f"{chosen.rounds} of {chosen.seconds} s, after {chosen.warm_up} s of load for each service"
                 + (" – **a quick run: the figures mean nothing**" if chosen.quick else "")),
                ("data", ", ".join(f"{name} {value:,}" for name, value in vars(self.data).items()))]

    def problems(self):
        found = []
        for name, part in [*((f"service ({name})", service) for name, service in self.services.items()),
                           ("PostgreSQL", self.postgres)]:
            lines = part.problems()
            found += [f"{name}: {line[:300]}" for line in lines[:10]]
            found += [f"{name}: {len(lines) - 10} more such lines in {part.log.relative_to(self.root)}"] if len(lines) > 10 else []
        return found


def warn_of_what_spoils_figures(root):
    jar = (root / JAR).stat().st_mtime
    newer = [path for part in ("src/main", "liquibase", "pom.xml") for path in [root / part, *(root / part).rglob("*")]
             if path.is_file() and path.stat().st_mtime > jar]
    if newer:
        say(f"WARNING: {JAR} is older than {newer[0].relative_to(root)}: ./mvnw -DskipTests package builds it anew.")
    if os.getloadavg()[0] > 0.5:
        say(f"WARNING: this machine is busy (load {os.getloadavg()[0]:.1f}): figures will be off.")


def stop_in_order(number, frame):
    raise SystemExit(128 + number)


def main():
    chosen = options()
    bench = Bench(chosen)
    if chosen.list:
        print("\n".join(work.title(row) for work in bench.works for row in work.rows))
        return 0
    bench.target.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_in_order)
    with open(bench.target / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit("Another bench/run is at work here.")
        warn_of_what_spoils_figures(bench.root)
        results = []
        try:
            bench.set_up()
            about = bench.facts()
            bench.warm_up()
            for work in bench.works:
                results += bench.measure(work)
        finally:
            bench.stop()
    problems = bench.problems()
    text = report.markdown(results, about, problems)
    (bench.target / "result.md").write_text(text)
    (bench.target / "result.json").write_text(report.raw(results, about, problems))
    print(text)
    return 1 if any(result.errors() for result in results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"This failed: {' '.join(map(str, error.cmd))}\n{error.stderr or ''}")
    except KeyboardInterrupt:
        sys.exit(130)
