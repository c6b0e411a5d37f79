"""
What makes load. Each has run(bench, service, connections, seconds), which answers a Measure: those that speak HTTP send it
to that service, those that speak SQL take no notice of it. A problem is an error in the Measure, or an exception.
"""

import http.client
import json
import random
import re
import subprocess
import time

from harness.machine import ROOT, TARGET
from harness.work import Measure, cpu_of_each

PLACEHOLDER = re.compile(r"<(\d+)-(\d+)>")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


class Http:
    """One request at a time on each connection, by wrk. <1-1000> in path, body or headers is a random whole number."""

    def __init__(self, method, path, body="", headers=(), check=None):
        self.method = method
        self.path = path
        self.body = body
        self.headers = headers
        self.check = check

    def try_out(self, service):
        """Sends one request: the status must be 2xx, and the answer pass the check. wrk looks at the status only."""
        def fill(text):
            return PLACEHOLDER.sub(lambda found: str(random.randint(int(found[1]), int(found[2]))), text)

        status, text = service.ask(self.method, fill(self.path), fill(self.body),
                                   [fill(header).split(": ", 1) for header in self.headers])
        if status // 100 != 2:
            raise RuntimeError(f"{self.method} {self.path} answered {status}: {text[:500]}")
        if self.check and not self.check(json.loads(text)):
            raise RuntimeError(f"{self.method} {self.path} answered something else than expected: {text[:500]}")

    def run(self, bench, service, connections, seconds):
        return self.start(service, connections, seconds)()

    def start(self, service, connections, seconds):
        """Lets wrk begin; what this answers waits until it has ended, and answers the Measure."""
        wrk = subprocess.Popen(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", ROOT / "bench/request.lua",
             service.url, "--", str(random.randrange(2**31)), self.method, self.path, self.body, *self.headers],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return lambda: self._measure(wrk.communicate()[0])

    @staticmethod
    def _measure(said):
        found = re.search(r"^RESULT (.*)$", said, re.MULTILINE)
        if not found:
            raise RuntimeError(f"wrk failed: {said}")
        result = {name: int(value) for name, value in re.findall(r"(\w+)=(-?\d+)", found[1])}
        wrong = {name: result[name] for name in ("status", "timeout", "socket") if result[name]}
        return Measure(result["requests"], result["micros"] / 1e6, result["p50"] / 1000, result["p99"] / 1000,
                       sum(wrong.values()), note=", ".join(f"{count} {name}" for name, count in wrong.items()))


class Pgbench:
    """A script of pgbench, prepared, one transaction at a time on each connection. bench.data's numbers are its variables."""

    def __init__(self, script):
        self.script = script

    def run(self, bench, service, clients, seconds):
        script = TARGET / "pgbench.sql"
        script.write_text(self.script)
        for log in TARGET.glob("pgbench-log.*"):
            log.unlink()
        variables = [f"-D{name}={value}" for name, value in vars(bench.data).items()]
        done = subprocess.run(
            [*bench.postgres.client("pgbench"), "-n", "-M", "prepared", f"-c{clients}", f"-j{min(2, clients)}",
             f"-T{seconds}", "-f", script, *variables, "-l", "--log-prefix", TARGET / "pgbench-log",
             # a line for each tenth transaction is enough for percentiles, and costs nothing that shows
             "--sampling-rate=0.1"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        count = re.search(r"transactions actually processed: (\d+)", done.stdout)
        rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)  # absent if there was no time for a single one
        if done.returncode != 0 or not count:
            raise RuntimeError(f"pgbench failed: {done.stdout}{done.stderr}")
        failed = re.search(r"failed transactions: (\d+)", done.stdout)
        millis = [int(line.split()[2]) / 1000 for log in TARGET.glob("pgbench-log.*") for line in log.open()]
        taken = int(count[1]) / float(rate[1]) if rate else seconds
        return Measure(int(count[1]), taken, percentile(millis, 0.5), percentile(millis, 0.99),
                       int(failed[1]) if failed else 0)


def repeat(seconds, once):
    """Does something at least once, and again until the time is over: how often, the seconds it took, what it answered."""
    answers = []
    start = time.perf_counter()
    while not answers or time.perf_counter() - start < seconds:
        answers.append(once())
    return len(answers), time.perf_counter() - start, answers


class StreamOut:
    """A whole session as NDJSON to curl, again and again, and how far the heap of the service grows meanwhile."""

    def __init__(self, session, messages):
        self.path = f"/v1/sessions/{session}/messages"
        self.messages = messages
        self.size = 0

    def try_out(self, service):
        """Counts the lines once for each service; from then on each answer has to be as long."""
        counted = subprocess.run(f"{' '.join(self._curl(service))} --fail | wc -lc", shell=True, check=True,
                                 stdout=subprocess.PIPE, text=True).stdout
        lines, self.size = map(int, counted.split())
        if lines != self.messages:
            raise RuntimeError(f"{self.path} has {self.messages} messages, but {lines} lines came")

    def run(self, bench, service, connections, seconds):
        service.collect()
        collections = service.collections()
        resident = service.resident_bytes()
        count, taken, answers = repeat(seconds, lambda: self._once(service))
        later = service.collections()[len(collections):]
        growth = {"heap MiB": max(later) - collections[-1]} if later and collections else {}
        growth["RSS MiB"] = round((service.resident_bytes() - resident) / 2**20)
        return Measure(count, taken, size=sum(size for size, _ in answers), errors=sum(wrong for _, wrong in answers),
                       parts=count * self.messages, extra=growth)

    def _once(self, service):
        done = subprocess.run([*self._curl(service), "-o", "/dev/null", "-w", "%{size_download} %{http_code}"],
                              stdout=subprocess.PIPE, text=True)
        size, status = done.stdout.split()
        return int(size), int(done.returncode != 0 or status != "200" or int(size) != self.size)

    def _curl(self, service):
        return ["curl", "--silent", "--max-time", "600", "-H", "Accept:application/x-ndjson", service.url + self.path]


class Copy:
    """COPY of a query to psql, again and again."""

    def __init__(self, query, messages):
        self.command = f"copy ({' '.join(query.split())}) to stdout"
        self.messages = messages
        self.size = 0

    def run(self, bench, service, clients, seconds):
        psql = [*bench.postgres.client("psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-c", self.command]
        if not self.size:
            with subprocess.Popen(psql, stdout=subprocess.PIPE) as copy:
                self.size = int(subprocess.run(["wc", "-c"], stdin=copy.stdout, stdout=subprocess.PIPE, check=True).stdout)
        count, taken, _ = repeat(seconds, lambda: subprocess.run(psql, stdout=subprocess.DEVNULL, check=True))
        return Measure(count, taken, size=count * self.size, parts=count * self.messages)


class Saves:
    """One more message in every PUT …/history, on sessions of 1,000, in turn, over one connection. Only answers are timed."""

    def __init__(self, sessions):
        self.lengths = dict.fromkeys((f"history-{n}" for n in range(1, sessions + 1)), 1000)
        self.turn = 0
        self.messages = []

    def try_out(self, service):
        """Each answer is looked at as it comes."""

    def run(self, bench, service, connections, seconds):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        names = list(self.lengths)
        times, wrong = [], 0
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            name = names[self.turn % len(names)]
            self.turn += 1
            body = self._history(self.lengths[name] + 1)
            start = time.perf_counter()
            connection.request("PUT", f"/v1/sessions/{name}/history", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            times.append(time.perf_counter() - start)
            saved = json.loads(text) if answer.status == 200 else {}
            if saved.get("appended") == 1 and not saved["replaced"]:
                self.lengths[name] += 1
            else:
                wrong += 1
        connection.close()
        millis = [seconds * 1000 for seconds in times]
        return Measure(len(times), sum(times), percentile(millis, 0.5), percentile(millis, 0.99), wrong)

    def _history(self, length):
        """The history that data.sql has written, and what has been added to it since."""
        while len(self.messages) < length:
            seq = len(self.messages) + 1
            words = "words that somebody or some model wrote, " * 3
            message = {"role": "user" if seq % 2 == 1 else "assistant", "content": f"Message {seq}: {words}"[:100]}
            self.messages.append(json.dumps(message, separators=(",", ":")).encode())
        return b'{"messages":[' + b",".join(self.messages[:length]) + b"]}"


class WhilePurging:
    """
    Another load twice: first by itself, and then while a session of many messages is being removed. What it answers is the
    second one; the first one's p99 is what that of the second is compared with.
    """

    def __init__(self, load, messages):
        self.load = load
        self.messages = messages

    def try_out(self, service):
        self.load.try_out(service)

    def run(self, bench, service, connections, seconds):
        self._write(bench)
        before = self.load.run(bench, service, connections, seconds)
        resident = service.resident_bytes()
        self._purge(service)
        try:
            deadline = time.monotonic() + 60
            while self._left(bench) == self.messages:
                if time.monotonic() > deadline:
                    raise RuntimeError("nothing has been removed within 60 s")
                time.sleep(0.05)
            begun = self._left(bench)
            with bench.watch(service) as watch:
                during = self.load.run(bench, service, connections, seconds)
            removed = begun - self._left(bench)
            if not removed:
                raise RuntimeError(f"nothing was removed meanwhile, of the {begun} messages that were left")
        finally:
            # the next round, and the next row, shall find nothing of it
            bench.postgres.psql("delete from sessions where tenant = '~purged'")
        return Measure(during.count, during.seconds, during.p50, during.p99, before.errors + during.errors,
                       cpu=cpu_of_each(watch, during.count), note=during.note or before.note,
                       extra={"p99 in % of that without a purge": round(100 * during.p99 / before.p99) if before.p99 else 0,
                              "messages removed meanwhile": removed,
                              "RSS MiB": round((service.resident_bytes() - resident) / 2**20)})

    def _left(self, bench):
        """The log is removed from its end, so its last message tells how much is left."""
        return int(bench.postgres.psql("""
            select coalesce(max(seq), 0) from messages where session_db_id = (select id from sessions where tenant = '~purged')"""))

    def _write(self, bench):
        """A session that was soft-deleted long ago, straight into the tables."""
        bench.postgres.psql(f"""
            with old as (
                insert into sessions (session_id, last_seq, is_active, deleted_at)
                values ('old', {self.messages}, false, now() - interval '31 days') returning id)
            insert into messages (session_db_id, seq, role, content)
            select id, n, 'user', rpad('Message ' || n, 100, '.') from old, generate_series(1, {self.messages}) n""")
        bench.postgres.psql("checkpoint")

    def _purge(self, service):
        answer = json.loads(service.ask("POST", "/v1/retention/purge", '{"days_old":30}')[1])
        if answer.get("messages") != self.messages:
            raise RuntimeError(f"the purge answered {answer}")
