"""The packaged service, started as a user would, with its garbage collector's log on."""

import http.client
import os
import re
import shutil
import subprocess
import time

from harness.machine import JAR, TARGET, free_port, process_cpu, resident_bytes, tool

# 512M->64M(1024M): used before, used after, size
# Not the pauses of a marking, which frees nothing.
COLLECTION = re.compile(r"Pause (?:Young|Full|Mixed)[^\n]* \d+M->(\d+)M\(\d+M\)")


class Service:

    # what /readyz answers once it takes requests
    READY = {200}

    def __init__(self, name, settings, java_options):
        self.name = name
        self.directory = TARGET / f"service-{name}"
        self.log = self.directory / "service.log"
        self.settings = settings
        self.java_options = java_options
        self.port = free_port()
        self.process = None
        self.lost = False
        self.stopped = False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, database_url):
        """Returns when it takes requests."""
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        environment = {**os.environ, "MANAGEMENT_SERVER_PORT": "0", **self.settings, "DATABASE_URL": database_url,
                       "SERVER_PORT": str(self.port)}
        with open(self.log, "wb") as log:
            # its own session, so that Ctrl-C reaches this program first, which then stops it in order
            self.process = subprocess.Popen(
                [tool("java"), "-Xlog:gc:file=gc.log", *self.java_options, *self.program(log)],
                cwd=self.directory, env=environment, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                if self.ask("GET", "/readyz")[0] in self.READY:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise RuntimeError(f"the service {self.name} did not become ready; see {self.log}")

    def program(self, log):
        """What java runs; what it takes to make that goes into the log."""
        if not JAR.exists():
            raise SystemExit(f"{JAR} is missing: ./mvnw -DskipTests package")
        return ["-jar", JAR]

    def ask(self, method, path, body="", headers=(), timeout=60):
        """One request over a connection of its own: the status and the answer's bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body or None,
                               {**({"Content-Type": "application/json"} if body else {}), **dict(headers)})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def cpu(self):
        return process_cpu(self.process.pid)

    def resident_bytes(self):
        return resident_bytes(self.process.pid)

    def collect(self):
        """Has the JVM collect all garbage, if this is a JDK with jcmd."""
        if tool("jcmd"):
            subprocess.run([tool("jcmd"), str(self.process.pid), "GC.run"], stdout=subprocess.DEVNULL, check=False)

    def collections(self):
        """Megabytes in use after each garbage collection so far."""
        log = self.directory / "gc.log"
        return [int(used) for used in COLLECTION.findall(log.read_text())] if log.exists() else []

    def heap(self):
        """Bytes in use after all garbage was collected."""
        if not tool("jcmd"):
            raise RuntimeError("to look at the heap it takes jcmd: a JDK, not a JRE")
        self.collect()
        info = subprocess.run([tool("jcmd"), str(self.process.pid), "GC.heap_info"], stdout=subprocess.PIPE, text=True)
        return int(re.search(r"used (\d+)K", info.stdout)[1]) * 1024

    def stop(self):
        if self.stopped:
            return
        self.stopped = True
        self.lost = self.process is not None and self.process.poll() is not None
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def problems(self):
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        lost = [f"ended before it was stopped, with code {self.process.returncode}"] if self.lost else []
        return lost + [line for line in lines if re.search(r"\b(WARN|ERROR|FATAL)\b|^Exception|OutOfMemory", line)]
