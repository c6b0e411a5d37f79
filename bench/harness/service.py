"""The packaged service, started as a user would, with its garbage collector's log on."""

import os
import re
import subprocess
import time
import urllib.error
import urllib.request

from harness.machine import free_port, process_cpu, resident_bytes, tool

# 512M->64M(1024M): used before, used after, size
# Not the pauses of a marking, which frees nothing.
COLLECTION = re.compile(r"Pause (?:Young|Full|Mixed)[^\n]* \d+M->(\d+)M\(\d+M\)")


class Service:

    def __init__(self, name, root, target, settings, java_options):
        self.name = name
        self.root = root
        self.directory = target / f"service-{name}"
        self.log = self.directory / "service.log"
        self.gc_log = self.directory / "gc.log"
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
        self.directory.mkdir(parents=True, exist_ok=True)
        self.gc_log.unlink(missing_ok=True)
        environment = {**os.environ, **self.settings, "DATABASE_URL": database_url, "SERVER_PORT": str(self.port)}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [tool("java"), "-Xlog:gc:file=gc.log", *self.java_options, "-jar",
                 self.root / "target/agent-session-store.jar"],
                cwd=self.directory, env=environment, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise SystemExit(f"The service did not become ready; see {self.log}")

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
        return [int(used) for used in COLLECTION.findall(self.gc_log.read_text())] if self.gc_log.exists() else []

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
