"""What the scripts can be told, and how much data there is."""

import argparse
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Data:
    """How much there is to work on; data.sql, pgbench's scripts and rows.py know these numbers by these names."""

    sessions: int = 1000
    messages: int = 200
    deep: int = 200_000
    long: int = 1_000_000
    histories: int = 100
    idle: int = 10_000
    searched: int = 1_000_000


SMALL = Data(sessions=200, deep=110_000, long=100_000, histories=20, idle=1000, searched=20_000)


def options():
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures the service beside PostgreSQL itself; see "
                                     "bench/README.md. The table is also written to bench/target/result.md.")
    parser.add_argument("--rounds", type=int, default=3, help="of which the medians are printed (default 3)")
    parser.add_argument("--seconds", type=int, default=10, help="of one round (default 10)")
    parser.add_argument("--warm-up", type=int, default=30, metavar="SECONDS",
                        help="load for each service before the first round (default 30)")
    parser.add_argument("--only", metavar="REGEX", default="", help="only the rows whose name contains a match")
    parser.add_argument("--quick", action="store_true",
                        help="one round of 1 s and little data, to see that everything works: its figures mean nothing")
    parser.add_argument("--heap", default="1g", help="of the service, as for -Xmx (default 1g)")
    parser.add_argument("--java-option", action="append", default=[], metavar="OPTION", help="more for the JVM")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE",
                        help="an environment variable of the service, e.g. STORE_LANES_WRITERS=4")
    parser.add_argument("--list", action="store_true", help="print the names of the rows, and do nothing")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rounds, chosen.seconds, chosen.warm_up = 1, 1, 10
    return chosen


def sizes(usage, **known):
    """What a script is told as name=value: a number where the known value is one, else text. It tells its usage if asked."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(usage.strip())
        sys.exit()
    for argument in sys.argv[1:]:
        name, equals, value = argument.partition("=")
        if not equals or name not in known or (isinstance(known[name], int) and not value.isdigit()):
            sys.exit(f"{argument}?\n{usage}")
        known[name] = int(value) if isinstance(known[name], int) else value
    return known
