"""The plain WebFlux service of bench/stock, on the same libraries as the packaged service."""

import shutil
import socket
import subprocess
import time

from harness.machine import tool
from harness.service import Service


class Stock(Service):
    """Compiles and starts it."""

    def __init__(self, root, target, java_options):
        super().__init__("stock", root, target, {}, java_options)

    def start(self, database_url=None):
        classes = self.directory / "classes"
        shutil.rmtree(self.directory, ignore_errors=True)
        classes.mkdir(parents=True)
        if not tool("javac"):
            raise RuntimeError("to compile bench/stock it takes javac: a JDK, not a JRE")
        with open(self.log, "wb") as log:
            subprocess.run([tool("java"), "-Djarmode=tools", "-jar", self.root / "target/agent-session-store.jar", "extract",
                            "--destination", self.directory / "jar"], stdout=log, stderr=log, check=True)
            libraries = f"{self.directory}/jar/lib/*"
            subprocess.run([tool("javac"), "-nowarn", "-proc:none", "-cp", libraries, "-d", classes,
                            self.root / "bench/stock/StockTails.java"], stdout=log, stderr=log, check=True)
            self.process = subprocess.Popen(
                [tool("java"), *self.java_options, "-cp", f"{classes}:{libraries}", "StockTails", str(self.port)],
                cwd=self.directory, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise RuntimeError(f"the plain service did not start; see {self.log}")

    def stop(self):
        super().stop()
        shutil.rmtree(self.directory / "jar", ignore_errors=True)
