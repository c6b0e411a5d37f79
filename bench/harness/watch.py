"""Whose CPU time it was."""

import multiprocessing

from harness.machine import machine_cpu, own_cpu, process_cpu


class Watch:
    """
    Seconds of CPU by what took them while a block ran: used["service"] is that of the given one, used["services"] of all.
    Of the rest others is what went to processes of nobody here, as a share of the machine.
    """

    def __init__(self, service, services, postgres):
        self.service = service
        self.services = services
        self.postgres = postgres
        self.before = {}
        self.used = {}
        self.others = 0.0

    def __enter__(self):
        self.before = self._now()
        return self

    def __exit__(self, *_):
        now = self._now()
        used = self.used = {name: now[name] - self.before[name] for name in now}
        ours = used["services"] + used["database"] + used["generator"]
        self.others = max(0.0, (used["busy"] - ours) / (used["all"] or 1))

    def _now(self):
        busy, everything = machine_cpu()
        clients = sum(process_cpu(child.pid) for child in multiprocessing.active_children())
        return {"service": self.service.cpu() if self.service else 0.0, "database": self.postgres.cpu(),
                "generator": own_cpu() + clients, "services": sum(each.cpu() for each in self.services.values()),
                "busy": busy, "all": everything}
