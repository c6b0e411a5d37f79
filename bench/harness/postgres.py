"""A PostgreSQL of this run alone, from the binaries that Maven brings for the tests."""

import os
import platform
import pwd
import re
import shutil
import signal
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

from harness.machine import ROOT, TARGET, family_cpu, free_port, mvnw, say

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "512MB",
    # every acknowledged write is on the disk, as in production
    "fsync": "on",
    "synchronous_commit": "on",
    # a checkpoint in the middle of a round would be noise; there is one before each piece of work
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
}


class Postgres:

    def __init__(self):
        self.data = TARGET / "data"
        self.log = TARGET / "postgres.log"
        self.port = free_port()
        self.process = None
        self.known = 0

    @property
    def url(self):
        return f"postgresql://postgres@127.0.0.1:{self.port}/bench"

    def start(self):
        home = self._binaries()
        command, user = self._whom()
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        if user:
            os.chown(self.data, user["user"], user["group"])
        with open(self.log, "wb") as log:
            subprocess.run([*command, home / "bin/initdb", "-D", self.data, "-U", "postgres", "-A", "trust",
                            "-E", "UTF8", "--locale=C", "--no-sync"], stdout=log, stderr=log, check=True, **user)
            settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
            # its own session, so that Ctrl-C reaches this program first, which then stops it in order
            self.process = subprocess.Popen([*command, home / "bin/postgres", "-D", self.data, "-p", str(self.port),
                                             *settings], stdout=log, stderr=log, start_new_session=True, **user)
        self._await()
        self.psql("create database bench", database="postgres")

    def psql(self, sql, database="bench"):
        """Runs one statement; what it prints, unaligned."""
        return subprocess.run([*self.client("psql", database), "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout.strip()

    def run_file(self, path, variables):
        given = [part for name, value in variables.items() for part in ("-v", f"{name}={value}")]
        subprocess.run([*self.client("psql"), "-qX", "-v", "ON_ERROR_STOP=1", *given, "-f", path], check=True,
                       stdout=subprocess.DEVNULL)

    def client(self, program, database="bench"):
        """The command line of psql or pgbench up to where its own options begin."""
        return [program, "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", *(
            [database] if program == "pgbench" else ["-d", database])]

    def cpu(self):
        return family_cpu(self.process.pid)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # "fast": ends its connections and writes everything down
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()

    def forget_problems(self):
        """What it says while it starts and gets its tables is not worth a line in the report."""
        self.known = len(self.problems())

    def problems(self):
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if re.search(r"\b(WARNING|ERROR|FATAL|PANIC):", line)][self.known:]

    def _await(self):
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            if subprocess.run([*self.client("psql", "postgres"), "-qAtXc", "select 1"], capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit(f"PostgreSQL did not start; see {self.log}")

    def _whom(self):
        """PostgreSQL refuses to run as root. How to run it: words before the command, and Popen's arguments."""
        if os.geteuid() != 0:
            return [], {}
        # In a user namespace root is nobody, and yet owns the files: it works below any directory.
        if shutil.which("unshare") and subprocess.run(["unshare", "-U", "true"], capture_output=True).returncode == 0:
            return ["unshare", "-U"], {}
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        other = names.get("postgres") or names.get("nobody")
        say(f"PostgreSQL runs as {other.pw_name}, who must be able to enter {TARGET}")
        return [], {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": [], "cwd": "/"}

    def _binaries(self):
        version = re.search(r"<embedded-postgres-binaries.version>(.*?)<", (ROOT / "pom.xml").read_text())[1]
        home = TARGET / f"postgres-{version}"
        if not (home / "bin/postgres").exists():
            archive = self._archive(version)
            partial = TARGET / f"postgres-{version}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            with zipfile.ZipFile(archive) as jar:
                inner = next(name for name in jar.namelist() if name.endswith(".txz"))
                with jar.open(inner) as packed, tarfile.open(fileobj=packed, mode="r|xz") as tar:
                    tar.extractall(partial)
            partial.rename(home)
        return home

    def _archive(self, version):
        machine = {"x86_64": "amd64", "aarch64": "arm64v8"}.get(platform.machine(), platform.machine())
        artifact = f"embedded-postgres-binaries-linux-{machine}"
        name = f"{artifact}-{version}.jar"
        local = Path.home() / ".m2/repository/io/zonky/test/postgres" / artifact / version / name
        if not local.exists():
            say(f"Maven brings PostgreSQL {version} …")
            mvnw("dependency:copy", f"-Dartifact=io.zonky.test.postgres:{artifact}:{version}", f"-DoutputDirectory={TARGET}")
            local = TARGET / name
        return local
