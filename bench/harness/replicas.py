"""Trials of tails that need a replica of their own: many idle ones, readers that stall, and the end of it."""

import time

from harness.findings import Finding, Target
from harness.followers import Followers
from harness.publisher import Publisher
from harness.tails import CONTENT, MESSAGE, NOTICED, tails


class IdleTails:
    """A replica with little heap that has very many tails, each on a session of its own, and nothing to tell them."""

    warmed_up = []

    HEAP = "512m"

    # Seconds between two heartbeats of a tail. They come in bursts, as the tails were opened in one: a time that is no multiple
    # of it has now one burst in it and now two.
    HEARTBEAT = 15

    def __init__(self, count, heartbeats):
        self.count = count
        self.seconds = heartbeats * self.HEARTBEAT
        name = f"{count:,} idle tails, -Xmx{self.HEAP}"
        self.titles = [f"{name}, CPU", f"{name}, heap in use"]

    def run(self, bench):
        cpu = Finding(self.titles[0], " % of a core", value=Target(below=2))
        heap = Finding(self.titles[1], " MiB", "no tails", value=Target(below=512))
        with bench.own_service("idle", self.HEAP) as service, Followers() as followers:
            before = service.heap() / 2**20
            start = time.perf_counter()
            followers.open(service, tails("idle", self.count, self.count))
            heap.notes.append(f"opened within {time.perf_counter() - start:.1f} s")
            # until what the opening and the first heartbeats gave the JIT to do is done
            time.sleep(4 * bench.chosen.warm_up)
            for _ in range(bench.chosen.rounds):
                start = time.perf_counter()
                with bench.watch(service) as watch:
                    time.sleep(self.seconds)
                cpu.add(100 * watch.used["service"] / (time.perf_counter() - start))
                cpu.others.append(watch.others)
                heap.add(service.heap() / 2**20, before)
            heap.notes.append(f"RSS {service.resident_bytes() / 2**20:,.0f} MiB")
            _, _, ended, wrong = followers.ask("counts")
            cpu.errors += ended + len(wrong)
        return [cpu, heap]


class StalledReaders:
    """
    Tails whose clients stop reading while their session grows: heap in use then, less that with all tails gone and the same
    messages in the cache. Then they read on, and must get everything once and in order.
    """

    warmed_up = []

    HEAP = "512m"

    RECEIVE_BUFFER = 8192

    BATCH = 200

    def __init__(self, count, messages):
        self.count = count
        self.messages = messages
        self.titles = [f"{count:,} stalled readers, -Xmx{self.HEAP}, heap of each",
                       f"{count:,} stalled readers catching up"]

    def run(self, bench):
        heap = Finding(self.titles[0], " KiB", value=Target(below=64))
        speed = Finding(self.titles[1], " events/s")
        with bench.own_service("stalled", self.HEAP) as service:
            for number in range(bench.chosen.rounds):
                with Followers(pause=0) as followers:
                    followers.open(service, tails(f"stalled-{number}", 1, self.count), self.RECEIVE_BUFFER)
                    with bench.watch(service) as watch:
                        stalled, resident = self._stall(service, followers, number)
                        start = time.perf_counter()
                        followers.ask("read_on")
                        followers.await_messages(self.count * self.messages, seconds=600)
                        speed.add(self.count * self.messages / (time.perf_counter() - start))
                        followers.close()
                time.sleep(NOTICED)
                heap.add((stalled - self._heap(service, number)) / self.count / 1024)
                heap.notes = [f"RSS of each {resident / self.count / 1024:,.0f} KiB"]
                heap.others.append(watch.others)
        return [heap, speed]

    def _stall(self, service, followers, number):
        resident = service.resident_bytes()
        followers.ask("stall")
        message = MESSAGE.replace(CONTENT, CONTENT * 10)
        batch = "[" + ",".join([message] * self.BATCH) + "]"
        batches_a_second = 20
        Publisher(service, f"/v1/sessions/stalled-{number}-1/messages", 1, batch, batches_a_second).run(
            self.messages // self.BATCH / batches_a_second)
        time.sleep(NOTICED)
        return self._heap(service, number), service.resident_bytes() - resident

    def _heap(self, service, number):
        """Once all messages are in the cache, or were."""
        status, _ = service.ask("GET", f"/v1/sessions/stalled-{number}-1/messages", headers={"Accept": "application/x-ndjson"})
        if status != 200:
            raise RuntimeError(f"the log of the stalled readers' session answered {status}")
        return service.heap()


class Shutdown:
    """From SIGTERM until the process has gone; every tail must have got its goodbye and its end."""

    warmed_up = []

    def __init__(self, count, sessions):
        self.count = count
        self.sessions = sessions
        self.titles = [f"shutdown with {count:,} tails"]

    def run(self, bench):
        finding = Finding(self.titles[0], " s", value=Target(at_most=10))
        for number in range(bench.chosen.rounds):
            with bench.own_service(f"leaving-{number + 1}", bench.chosen.heap) as service, Followers() as followers:
                with bench.watch(service) as watch:
                    followers.open(service, tails("bench", self.sessions, self.count))
                finding.others.append(watch.others)
                start = time.perf_counter()
                service.stop()
                finding.add(time.perf_counter() - start)
                self._check(followers, finding)
        return [finding]

    def _check(self, followers, finding):
        time.sleep(NOTICED)
        _, byes, ended, wrong = followers.ask("counts")
        missing = 2 * self.count - byes - ended
        if missing or wrong:
            finding.errors += missing + len(wrong)
            finding.notes.append(f"{byes:,} tails got bye and {ended:,} ended; {wrong}")
