"""What a process has cost so far. Imports next to nothing: each side of a comparison pays for what it loads."""

from __future__ import annotations

import resource
from pathlib import Path


def own_cost() -> tuple[float, int]:
    """(CPU seconds, peak MB) of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status")
    # ru_maxrss of a new process starts at that of its parent; the kernel's own high-water mark does not.
    marks = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return usage.ru_utime + usage.ru_stime, (int(marks[0]) if marks else usage.ru_maxrss) // 1024
