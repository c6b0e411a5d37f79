"""bench/run: sets everything up, runs the chosen rows in interleaved rounds, prints the table, cleans up."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from http.client import HTTPException

import rows as table_rows
from harness import report
from harness.findings import Finding
from harness.followers import Followers
from harness.machine import JAR, ROOT, TARGET, allow_open_files, facts, say
from harness.options import SMALL, Data, options
from harness.postgres import SETTINGS, Postgres
from harness.service import Service
from harness.tails import appends, tails
from harness.watch import Watch
from harness.work import DEFAULT, SERVICES, Measure, cpu_of_each

# Also for what is open beside tails.
OPEN_FILES = 12_000


class Bench:

    def __init__(self, chosen):
        self.chosen = chosen
        self.data = SMALL if chosen.quick else Data()
        self.settle = chosen.seconds // 2
        self.postgres = Postgres()
        self.services = {}
        self.works = []
        for work in table_rows.rows(self.data):
            work.rows = [row for row in work.rows if re.search(chosen.only, work.title(row))]
            if work.rows:
                self.works.append(work)
        self.trials = [trial for trial in table_rows.trials(self.data, chosen.quick)
                       if any(re.search(chosen.only, self.listed(trial, title)) for title in trial.titles)]
        if not self.works and not self.trials:
            raise SystemExit(f"No row's name matches {chosen.only}; bench/run --list prints them.")

    @staticmethod
    def listed(trial, title):
        return f"{getattr(trial, 'group', 'tails')}: {title}"

    def set_up(self):
        say("Starting PostgreSQL and the service …")
        self.postgres.start()
        allow_open_files(OPEN_FILES)
        for name in sorted({row.service for work in self.works for row in work.rows}
                           | {name for trial in self.trials for name in trial.warmed_up}
                           or {DEFAULT}):  # one of them has to create the tables
            self.service(name)
        say("Writing data …")
        self.postgres.run_file(ROOT / "bench/data.sql", vars(self.data))
        self.postgres.forget_problems()

    def service(self, name, make=None):
        """The service of that name, started if it was not yet."""
        if name not in self.services:
            self.services[name] = make() if make else self._packaged(name, self.chosen.heap)
            self.services[name].start(self.postgres.url)
        return self.services[name]

    @contextlib.contextmanager
    def own_service(self, name, heap, settings=None):
        """A service for one trial, stopped after it."""
        service = self.service(name, lambda: self._packaged(name, heap, settings))
        try:
            yield service
        finally:
            service.stop()

    def _packaged(self, name, heap, settings=None):
        chosen = dict(setting.split("=", 1) for setting in self.chosen.setting)
        return Service(name, {**chosen, **SERVICES.get(name, {}), **(settings or {})}, self.java_options(heap))

    def java_options(self, heap=None):
        return [f"-Xmx{heap or self.chosen.heap}", *self.chosen.java_option]

    def warm_up(self):
        """Until the JIT has compiled what is hot, a service is three to ten times slower than it will be."""
        for service in self.services.values():
            works = [work for work in self.works if any(row.service == service.name for row in work.rows)]
            if works:
                say(f"Warming up the service ({service.name}) …")
            for work in works:
                try:
                    work.http.try_out(service)
                except RuntimeError as error:
                    raise SystemExit(f"{work.name}: {error}")
                most = max(row.connections for row in work.rows if row.service == service.name)
                work.http.run(self, service, most, max(1, self.chosen.warm_up // len(works)))
        followed = sorted({name for trial in self.trials for name in trial.warmed_up})
        if followed:
            say("Warming up tails …")
            with contextlib.ExitStack() as stack:
                for name in followed:
                    followers = stack.enter_context(Followers())
                    followers.open(self.services[name], tails("bench", self.data.sessions, self.data.sessions))
                appends(self.data.sessions).run(self, self.services[DEFAULT], 64, max(1, self.chosen.warm_up))

    def find(self, trial):
        """Runs a trial; if it fails, that is a result like another."""
        try:
            findings = trial.run(self)
        except (RuntimeError, ValueError, OSError, EOFError, HTTPException, subprocess.SubprocessError) as error:
            note = " ".join(str(error).split())[:300] or type(error).__name__
            findings = [Finding(title, "", errors=1, notes=[note]) for title in trial.titles]
        for finding in findings:
            say(f"  {self.listed(trial, finding.title)}: {' | '.join(finding.cells()[1:])}")
        return findings

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
        with self.watch(service) as watch:
            measure = self._run(load, service, connections, self.chosen.seconds)
        measure.cpu = measure.cpu or cpu_of_each(watch, measure.parts or measure.count)
        measure.others = watch.others
        measures.append(measure)
        say(f"  {title}: {measure.rate:,.1f}/s" + (f", {measure.errors} ERRORS: {measure.note}" if measure.errors else ""))

    def _run(self, load, service, connections, seconds):
        """One round; if it fails, that is a result like another, and the next one has its turn."""
        try:
            return load.run(self, service, connections, seconds)
        except (RuntimeError, ValueError, OSError, HTTPException, subprocess.SubprocessError) as error:
            return Measure(0, seconds, errors=1, note=" ".join(str(error).split())[:300])

    def watch(self, service):
        """To be used with 'with': what CPU time goes where meanwhile."""
        return Watch(service, self.services, self.postgres)

    def stop(self):
        for service in self.services.values():
            service.stop()
        self.postgres.stop()
        shutil.rmtree(self.postgres.data, ignore_errors=True)
        for log in TARGET.glob("pgbench-log.*"):
            log.unlink()

    def facts(self):
        chosen = self.chosen
        server = self.postgres.psql("select version()").split(" on ")[0]
        settings = ", ".join(f"{name}={value}" for name, value in SETTINGS.items() if value and name != "listen_addresses")
        return [*facts(), ("database", f"{server} ({settings})"),
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
            found += [f"{name}: {len(lines) - 10} more such lines in {part.log.relative_to(ROOT)}"] if len(lines) > 10 else []
        return found


def warn_of_what_spoils_figures():
    jar = JAR.stat().st_mtime
    newer = [path for part in ("src/main", "liquibase", "pom.xml") for path in [ROOT / part, *(ROOT / part).rglob("*")]
             if path.is_file() and path.stat().st_mtime > jar]
    if newer:
        say(f"WARNING: {JAR.name} is older than {newer[0].relative_to(ROOT)}: ./mvnw -DskipTests package builds it anew.")
    if os.getloadavg()[0] > 0.5:
        say(f"WARNING: this machine is busy (load {os.getloadavg()[0]:.1f}): figures will be off.")


def stop_in_order(number, frame):
    raise SystemExit(128 + number)


def main():
    chosen = options()
    bench = Bench(chosen)
    if chosen.list:
        print("\n".join([work.title(row) for work in bench.works for row in work.rows]
                        + [bench.listed(trial, title) for trial in bench.trials for title in trial.titles]))
        return 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_in_order)
    with open(TARGET / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit("Another bench/run is at work here.")
        warn_of_what_spoils_figures()
        results, findings = [], []
        try:
            bench.set_up()
            about = bench.facts()
            bench.warm_up()
            for work in bench.works:
                results += bench.measure(work)
            for trial in bench.trials:
                findings += bench.find(trial)
        finally:
            bench.stop()
    problems = bench.problems()
    text = report.markdown(results, findings, about, problems)
    (TARGET / "result.md").write_text(text)
    (TARGET / "result.json").write_text(report.raw(results, findings, about, problems))
    print(text)
    return 1 if any(result.errors() for result in results) or any(finding.errors for finding in findings) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"This failed: {' '.join(map(str, error.cmd))}\n{error.stderr or ''}")
    except RuntimeError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
