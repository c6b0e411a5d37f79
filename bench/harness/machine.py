"""Where things are, what runs where and what it costs: the CPU time of processes, and facts about the machine."""

import os
import platform
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

JAR = ROOT / "target/agent-session-store.jar"

# everything that the harness writes
TARGET = ROOT / "bench/target"

TICKS = os.sysconf("SC_CLK_TCK")


def say(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def allow_open_files(count):
    """Each connection is a file, here and in the service, which inherits the limit. Answers what was allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(count, hard)))
        except (ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def mvnw(*arguments):
    """Runs Maven in the project; if that fails, so does this program."""
    done = subprocess.run(["./mvnw", "--batch-mode", "--quiet", *arguments], cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)


def test(classes, group, size):
    """Runs tests of the project at another size: system properties group.name, for what is not empty."""
    mvnw("test", f"-Dtest={classes}", *(f"-D{group}.{name}={value}" for name, value in size.items() if value != ""))


def stat(pid):
    """The fields of /proc/PID/stat from the third on, None if the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def process_cpu(pid):
    """Seconds of CPU that a process has taken."""
    fields = stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def family_cpu(pid):
    """Seconds of CPU of a process, of its living children, and of those that have ended: each is counted once."""
    fields = stat(pid)
    if not fields:
        return 0.0
    ticks = sum(map(int, fields[11:15]))
    for entry in os.listdir("/proc"):
        child = stat(entry) if entry.isdigit() else None
        if child and child[1] == str(pid):
            ticks += int(child[11]) + int(child[12])
    return ticks / TICKS


def own_cpu():
    """Seconds of CPU of this program and of the load generators it has waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def machine_cpu():
    """Seconds of CPU that the whole machine was busy, and that it had. Stolen time counts as busy."""
    user, nice, system, idle, wait, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    busy = user + nice + system + irq + softirq + steal
    return busy / TICKS, (busy + idle + wait) / TICKS


def resident_bytes(pid):
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def output(*command):
    """What a command prints, on either stream; nothing if it can't be run."""
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.strip()
    except OSError:
        return ""


def tool(name):
    """A program of the JDK: that of JAVA_HOME if set, else the first on the path; None if there is none."""
    home = os.environ.get("JAVA_HOME")
    inside = Path(home, "bin", name) if home else None
    return str(inside) if inside and inside.exists() else shutil.which(name)


def sync_millis(directory):
    """The median time to write 8 kB and have it on the disk: what a commit waits for."""
    path = Path(directory, "sync")
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(100):
            file.write(b"x" * 8192)
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    path.unlink()
    return statistics.median(times) * 1000


def facts():
    """What a reader must know to compare the table with another one: (what, value)."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = output("git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD")
    changed = output("git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no")
    return [
        ("date", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())),
        ("commit", (commit or "unknown") + (", with changes" if changed else "")),
        ("machine", f"{len(os.sched_getaffinity(0))} cores ({cpu[1] if cpu else platform.machine()}), {memory:.0f} GiB, "
                    f"Linux {platform.release()}"),
        ("disk", f"{sync_millis(TARGET):.2f} ms to write 8 kB and sync (median)"),
        ("JDK", output(tool("java"), "-version").splitlines()[1]),
        ("tools", f"{output('pgbench', '--version')}; {output('wrk', '--version').split('[')[0].strip()}; "
                  f"Python {platform.python_version()}"),
    ]
