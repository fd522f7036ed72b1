"""What the processes that are measured took from the machine, as the kernel counts it."""

import os
from pathlib import Path
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far, user and system, in steps of 10 ms."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def resident_mb(pid: int) -> float:
    """Resident memory now, in MB of 1,000,000 bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kibibytes = next(line.split()[1] for line in status.splitlines() if "VmRSS" in line)
    return int(kibibytes) * 1024 / 1e6


def thread_seconds(pid: int) -> float:
    """Processor time of all threads that a process has now, in steps of a nanosecond.

    Time of threads that have ended is missing, so only short stretches should be compared.
    """
    threads = Path(f"/proc/{pid}/task").iterdir()
    texts = [(thread / "schedstat").read_text(encoding="ascii") for thread in threads]
    return sum(int(text.split()[0]) for text in texts) / 1e9
