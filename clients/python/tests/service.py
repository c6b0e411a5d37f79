"""The real service, started once for all tests on a free port, with a database of its own that goes when they end."""
import atexit
import collections
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import unittest
import uuid

from agent_session_store import Database

JAR = pathlib.Path(__file__).resolve().parents[3] / "target" / "agent-session-store.jar"
START_TIMEOUT = 120.0  # seconds
STOP_TIMEOUT = 20.0


class Service:
    """The service as a process; `url` once it takes requests."""

    def __init__(self):
        if not JAR.is_file():
            raise FileNotFoundError("%s is missing: run ./mvnw package -DskipTests first" % JAR)
        self._directory = tempfile.mkdtemp(prefix="agent-session-store-")
        self._log = collections.deque(maxlen=50)
        self._process = subprocess.Popen(
            [_java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-jar", str(JAR)],
            cwd=self._directory, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True, errors="replace")
        atexit.register(self.stop)
        self.url = "http://127.0.0.1:%d" % self._port()
        threading.Thread(target=self._log.extend, args=(self._process.stdout,), daemon=True).start()

    def _port(self):
        port = None
        limit = threading.Timer(START_TIMEOUT, self._process.kill)
        limit.start()
        try:
            for line in self._process.stdout:
                self._log.append(line)
                found = re.search(r"Netty started on port (\d+)", line)
                # the first one; the next is that of health and metrics
                port = int(found.group(1)) if found and not port else port
                if port and "Started AgentSessionStore" in line:
                    return port
        finally:
            limit.cancel()
        raise RuntimeError("the service did not start:\n" + "".join(self._log))

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        shutil.rmtree(self._directory, ignore_errors=True)


def _java():
    home = os.environ.get("JAVA_HOME")
    return os.path.join(home, "bin", "java") if home else "java"


def _environment():
    """Ours without what could send the service to another database than the temporary one."""
    foreign = ("STORE_", "SPRING_", "SERVER_", "DATABASE_", "MANAGEMENT_", "JAVA_TOOL_OPTIONS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    # the scheduled retention would take sessions of long ago out of the hands of a test
    return {**kept, "SERVER_PORT": "0", "MANAGEMENT_SERVER_PORT": "0", "STORE_RETENTION_ENABLED": "false"}


_service = None


def service():
    global _service
    if _service is None:
        _service = Service()
    return _service


class StoreTestCase(unittest.TestCase):
    """A test with `self.db`, a Database of the real service, and `self.id`, a session id that nobody else has."""

    @classmethod
    def setUpClass(cls):
        cls.url = service().url

    def setUp(self):
        self.db = self.database(self.url)
        self.id = "session-" + uuid.uuid4().hex

    def database(self, url, **settings):
        db = Database(url, **{"timeout": 10.0, **settings})
        self.addCleanup(db.close)
        return db
