"""Timings side by side: every contestant in turn, several rounds, so that a busy machine slows all of them alike."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Timing:
    """One contestant: seconds of all rounds, and how often the first one fits into it (above 1: slower than it)."""

    name: str
    seconds: tuple[float, ...]
    ratio: float
    ratio_least: float
    ratio_most: float
    note: str = ""

    @property
    def median(self) -> float:
        """The middle of all rounds, in seconds."""
        return statistics.median(self.seconds)


def race(
    contestants: dict[str, Callable[[], Any]],
    *,
    rounds: int = 5,
    notes: dict[str, str] | None = None,
    clients: dict[str, int] | None = None,
) -> list[Timing]:
    """Timings of contestants run in turn; ratios are to the first, round by round, min, median and max.

    Units: seconds, per client where `clients` says how many each of them takes.

    The notes tell the CPU time of all threads and its ratio: on a busy machine that is what stays the same.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    cpu: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            start, start_cpu = time.perf_counter(), time.process_time()
            work()
            taken, taken_cpu = time.perf_counter() - start, time.process_time() - start_cpu
            count = (clients or {}).get(name, 1)
            seconds[name].append(taken / count)
            cpu[name].append(taken_cpu / count)
    told = {timing.name: f"CPU {show_seconds(timing.median)}, {timing.ratio:.2f} x" for timing in compare(cpu)}
    for name, note in (notes or {}).items():
        told[name] = f"{told[name]}; {note}"
    return compare(seconds, told)


def compare(seconds: dict[str, list[float]], notes: dict[str, str] | None = None) -> list[Timing]:
    """Timings from seconds that were measured elsewhere; the first is what the others are compared with."""
    first = next(iter(seconds.values()))
    found = []
    for name, mine in seconds.items():
        ratios = [a / b for a, b in zip(mine, first, strict=True)]
        note = (notes or {}).get(name, "")
        found.append(Timing(name, tuple(mine), statistics.median(ratios), min(ratios), max(ratios), note))
    return found


def run_alone(arguments: Sequence[str], *, folder: Path | None = None) -> tuple[float, int]:
    """(CPU seconds, peak MB) of a Python program run in a process of its own, children of it included."""
    program = [sys.executable, "-m", "bench.alone", *arguments]
    done = subprocess.run(program, cwd=folder or ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    cpu, peak = done.stdout.strip().splitlines()[-1].split()
    return float(cpu), int(peak)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = ""
    cpu = Path("/proc/cpuinfo")
    if cpu.exists():
        names = [
            line.partition(":")[2].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else ""
    load = os.getloadavg() if hasattr(os, "getloadavg") else (0.0, 0.0, 0.0)
    return {
        "processor": model or platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": [round(value, 1) for value in load],
    }


def as_record(timings: Sequence[Timing]) -> list[dict[str, Any]]:
    """Timings as plain values, for JSON."""
    return [{**asdict(timing), "median": timing.median} for timing in timings]


def show(title: str, records: Sequence[dict[str, Any]], first: str) -> str:
    """A Markdown table of one stage. Units: milliseconds; ratios to the first contestant."""
    lines = [f"### {title}", "", f"| | median | x {first}: median (min to max) | |", "|---|---|---|---|"]
    for record in records:
        ratio = f"{record['ratio']:.2f} ({record['ratio_least']:.2f} to {record['ratio_most']:.2f})"
        lines.append(f"| {record['name']} | {show_seconds(record['median'])} | {ratio} | {record['note']} |")
    return "\n".join(lines)


def show_seconds(seconds: float) -> str:
    """12 µs, 3.4 ms, 1.25 s."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
