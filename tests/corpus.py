"""Edit every workbook of a folder and show that nothing was lost: python -m tests.corpus DIR.

Each file is worked on in a process of its own kind that can be stopped: a file that hangs or kills
its reader is reported and does not stop the others. The last line is the verdict; the exit status is
0 when nothing was lost, nothing became unreadable and nothing crashed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tests.corpus_file import Outcome, check_file

ENDINGS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlam", ".xlsb", ".xls", ".xlt", ".xla")
FILE_SECONDS = 120.0  # for a small file; every megabyte more gets as much again as it needs on a busy machine
SECONDS_PER_MEGABYTE = 30.0
MEMORY_BYTES = 6 << 30


@dataclass(slots=True)
class Totals:
    """What all files together have shown."""

    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, status: str) -> int:
        return sum(item.status == status for item in self.outcomes)

    def losers(self) -> list[Outcome]:
        return [item for item in self.outcomes if item.lost or item.issues]

    def unreadable(self) -> list[Outcome]:
        return [item for item in self.outcomes if item.unreadable]

    def crashes(self) -> list[Outcome]:
        return [item for item in self.outcomes if item.status == "crash"]


def find_workbooks(folder: Path) -> list[Path]:
    """Every file with a workbook's ending, nested folders included, in a stable order."""
    return sorted(
        Path(place) / name
        for place, _, names in os.walk(folder)  # passes over folders that may not be looked into
        for name in names
        if Path(name).suffix.lower() in ENDINGS
    )


def run_all(paths: list[Path], *, workers: int, with_openpyxl: bool) -> Iterator[Outcome]:
    """One outcome per file, in the order in which they are done."""
    waiting = [(path, frozenset[str]()) for path in reversed(paths)]
    crew: list[_Worker] = []
    try:
        while waiting or crew:
            while waiting and len(crew) < workers:
                crew.append(_Worker(with_openpyxl))
            for worker in crew:
                if worker.path is None and waiting:
                    worker.start(*waiting.pop())
            crew = [worker for worker in crew if worker.path is not None or worker.stop()]
            wait([worker.pipe for worker in crew], timeout=0.5)
            for worker in list(crew):
                path = worker.path
                outcome = worker.result()
                stage, skip = worker.stage, worker.skip
                if outcome is None:
                    continue
                if not worker.alive():
                    worker.stop()
                    crew.remove(worker)
                if outcome.status == "crash" and stage and stage not in skip and path is not None:
                    waiting.append((path, skip | {stage}))  # the reader died, not the edit: go on without it
                else:
                    yield outcome
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """A process that checks one file after another, and the clock that watches it."""

    def __init__(self, with_openpyxl: bool) -> None:
        self.pipe, far_end = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(far_end, with_openpyxl), daemon=True)
        self._process.start()
        far_end.close()
        self.path: Path | None = None
        self.stage = ""
        self.skip: frozenset[str] = frozenset()
        self._started = self._allowed_s = 0.0

    def start(self, path: Path, skip: frozenset[str]) -> None:
        self.path, self.skip, self.stage, self._started = path, skip, "", time.monotonic()
        size = path.stat().st_size if path.exists() else 0
        self._allowed_s = FILE_SECONDS + SECONDS_PER_MEGABYTE * size / 1e6
        self.pipe.send((path, skip))

    def result(self) -> Outcome | None:
        """The outcome when there is one; a dead or a late process makes a crash."""
        if self.path is None:
            return None
        path = self.path
        with contextlib.suppress(EOFError, OSError):
            while self.pipe.poll():
                message = self.pipe.recv()
                if isinstance(message, Outcome):
                    self.path = None
                    return message
                self.stage = message
        if time.monotonic() - self._started > self._allowed_s:
            self.path = None
            self.stop_process()
            return Outcome(path, "crash", reason=f"no answer in {self._allowed_s:.0f} s")
        if not self._process.is_alive():
            self.path = None
            return Outcome(path, "crash", reason="the process died")
        return None

    def alive(self) -> bool:
        return self._process.is_alive()

    def stop(self) -> bool:
        """Ends the process; False, so that a filter drops it."""
        self.stop_process()
        self.pipe.close()
        return False

    def stop_process(self) -> None:
        self._process.kill()
        self._process.join()


def _serve(pipe: Connection, with_openpyxl: bool) -> None:
    _limit_memory()
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - native readers print their panics
    with contextlib.suppress(EOFError, OSError):
        while True:
            path, skip = pipe.recv()
            pipe.send(check_file(path, with_openpyxl=with_openpyxl, tell=pipe.send, skip=skip))


def _limit_memory() -> None:
    """A file that eats the machine ends its process, not the run; not on Windows."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        # What the process was forked with is not the file's: a test run may hold a Java machine's addresses.
        sizes = Path("/proc/self/statm")
        held = int(sizes.read_text().split()[0]) * resource.getpagesize() if sizes.exists() else 0
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY_BYTES, held + MEMORY_BYTES))


def feature_table(outcomes: list[Outcome], *, with_openpyxl: bool) -> Iterator[str]:
    """Per feature: files that have it, files that lost any of it, ours and openpyxl's beside it."""
    have, lost, theirs_have, theirs_lost = Counter(), Counter(), Counter(), Counter()
    for item in outcomes:
        if item.status == "edited":
            have.update(item.features)
            lost.update(item.lost)
        if item.openpyxl == "saved":
            theirs_have.update(item.features)
            theirs_lost.update(item.openpyxl_lost)
    beside = f" | {'openpyxl: files':>15} {'lost any':>9}" if with_openpyxl else ""
    yield f"{'feature':<28} {'kamxl: files':>13} {'lost any':>9}{beside}"
    for label in sorted(set(have) | set(theirs_have), key=lambda name: (-max(have[name], theirs_have[name]), name)):
        beside = f" | {theirs_have[label]:>15} {theirs_lost[label]:>9}" if with_openpyxl else ""
        yield f"{label:<28} {have[label]:>13} {lost[label]:>9}{beside}"


def summary(totals: Totals, *, with_openpyxl: bool) -> Iterator[str]:
    """Numbers below the table, and every file that needs a look."""
    outcomes = totals.outcomes
    refused = Counter(item.reason.partition(":")[0] for item in outcomes if item.status == "refused")
    yield f"files {len(outcomes)}, edited {totals.count('edited')}, refused {totals.count('refused')}"
    yield "refused because: " + (", ".join(f"{kind} {count}" for kind, count in refused.most_common()) or "none")
    edited = [item for item in outcomes if item.status == "edited"]
    same, others = sum(item.same_parts for item in edited), sum(item.other_parts for item in edited)
    touched = sum((item.touched for item in edited), Counter[str]())
    as_asked = sum(not item.issues for item in edited)
    into_table = sum(item.columns == "table" for item in edited)
    yield f"columns in {sum(bool(item.columns) for item in edited)} files (into a table in {into_table})"
    yield f"sheets added to {sum(bool(item.sheets) for item in edited)} files"
    yield "parts that had to change: " + (", ".join(f"{kind} {n}" for kind, n in touched.most_common()) or "none")
    yield f"they differ only where asked in {as_asked} of {len(edited)} files"
    yield f"all other parts identical byte for byte: {same} of {others} ({100 * same / max(1, others):.1f} %)"
    yield f"a second run changed anything in {sum(item.second_run == 'differs' for item in edited)} files"
    yield f"read again by calamine: {_read_again(item.calamine for item in edited)}"
    if with_openpyxl:
        yield f"read again by openpyxl: {_read_again(item.reopened for item in edited)}"
        saved = [item for item in outcomes if item.openpyxl == "saved"]
        losers = sum(bool(item.openpyxl_lost) for item in saved)
        failed = sum(item.openpyxl not in ("", "saved") for item in edited)
        yield f"openpyxl, load and save without an edit: {len(saved)} saved, {losers} lost something, {failed} failed"
    for item in outcomes:
        for text in [*(f"lost {label}" for label in item.lost), *item.issues, *item.unreadable]:
            yield f"  {item.path}: {text}"
        if item.status == "crash":
            yield f"  {item.path}: crash: {item.reason}"
    for item in outcomes:
        if item.status == "refused":
            yield f"  refused {item.path}: {item.reason}"


def _read_again(states: Iterable[str]) -> str:
    counted = Counter(states)
    late = f"; too slow: {counted['late']}" if counted["late"] else ""
    return f"{counted['same']}; cannot read the source either: {counted['source fails']}{late}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=max(1, min(4, os.cpu_count() or 1)))
    parser.add_argument("--no-openpyxl", action="store_true", help="leave out the comparison with openpyxl")
    parser.add_argument("--verbose", action="store_true", help="one line for each file")
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names of any bytes, terminals of any alphabet
    if not options.folder.is_dir():
        print(f"{options.folder} is not a folder", file=sys.stderr)
        return 2
    with_openpyxl = not options.no_openpyxl and importlib.util.find_spec("openpyxl") is not None
    paths = find_workbooks(options.folder)
    if not paths:
        print(f"FAIL: there is no workbook below {options.folder}, so nothing was shown")
        return 2
    totals = Totals()
    for outcome in run_all(paths, workers=options.workers, with_openpyxl=with_openpyxl):
        totals.outcomes.append(outcome)
        if options.verbose:
            what = outcome.reason or outcome.columns
            print(f"{outcome.status:8} {outcome.seconds:6.2f} s  {outcome.path}  {what}")
        elif sys.stderr.isatty():
            print(f"\r{len(totals.outcomes)}/{len(paths)}", end="", file=sys.stderr)
    totals.outcomes.sort(key=lambda item: item.path)
    for line in [*feature_table(totals.outcomes, with_openpyxl=with_openpyxl), ""]:
        print(line)
    for line in summary(totals, with_openpyxl=with_openpyxl):
        print(line)
    lost, unreadable, crashes = len(totals.losers()), len(totals.unreadable()), len(totals.crashes())
    good = not (lost or unreadable or crashes)
    print(
        f"{'PASS' if good else 'FAIL'}: {len(paths)} files, {totals.count('edited')} edited, "
        f"{totals.count('refused')} refused, {lost} lost anything, "
        f"{unreadable} unreadable afterwards, {crashes} crashes"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
