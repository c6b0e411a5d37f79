"""The plain WebFlux service of bench/stock, on the same libraries as the packaged service."""

import shutil
import subprocess

from harness.machine import JAR, ROOT, tool
from harness.service import Service


class Stock(Service):
    """Compiles and starts it."""

    # it has no health to ask for
    READY = {404}

    def __init__(self, java_options):
        super().__init__("stock", {}, java_options)

    def program(self, log):
        if not tool("javac"):
            raise RuntimeError("to compile bench/stock it takes javac: a JDK, not a JRE")
        subprocess.run([tool("java"), "-Djarmode=tools", "-jar", JAR, "extract", "--destination", self.directory / "jar"],
                       stdout=log, stderr=log, check=True)
        classes, libraries = self.directory / "classes", f"{self.directory}/jar/lib/*"
        subprocess.run([tool("javac"), "-nowarn", "-proc:none", "-cp", libraries, "-d", classes,
                        ROOT / "bench/stock/StockTails.java"], stdout=log, stderr=log, check=True)
        return ["-cp", f"{classes}:{libraries}", "StockTails", str(self.port)]

    def stop(self):
        super().stop()
        shutil.rmtree(self.directory / "jar", ignore_errors=True)
