"""Damaged and hostile workbooks: each gives a workbook that lost nothing or a problem, never a traceback or a hang.

    python -m tests.fuzz_ooxml [COUNT] [--seed N]

20,000 mutations by default. A mutation may take at most 10 seconds and the process at most 1 GB.
The last line is the verdict; the exit status is 0 when nothing was found.
"""

from __future__ import annotations

import argparse
import random
import struct
import sys
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from kamxl.ooxml import OoxmlError
from tests.corpus_file import Late, at_most, stale_chain, written_cells
from tests.ooxml_compare import compare
from tests.ooxml_edit import donor, edit_workbook

SECONDS = 10.0
MEMORY_BYTES = 1 << 30
SMALL_BYTES = 60_000
OWN_SEEDS = (1, 2)  # they hold the sheets that the edit replaces: those may lose anything
Parts = list[tuple[str, bytes]]


@dataclass(slots=True)
class Findings:
    """What a run of mutations has shown."""

    edited: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest_s: float = 0.0


def sample_workbook() -> bytes:
    """A small workbook with a bit of everything that XlsxWriter can make."""
    file = BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("Clients")
    sheet.add_table(0, 0, 6, 2, {"name": "Clients_table", "columns": [{"header": h} for h in ("Client", "CA", "Rank")]})
    for row in range(1, 7):
        sheet.write_row(row, 0, [f"Client {row}", row * 10.5, "first"])
    plain = book.add_worksheet("Plain & simple")
    plain.write_row(0, 0, ["a", "b"])
    plain.write_formula(1, 0, "=SUM(Clients!B2:B7)", None, 1)
    plain.write_dynamic_array_formula(2, 0, 2, 0, "=SORT(Clients!B2:B7)")
    plain.autofilter(0, 0, 5, 1)
    plain.merge_range("E1:F2", "merged")
    plain.conditional_format("A1:A9", {"type": "3_color_scale"})
    plain.data_validation("B2:B5", {"validate": "list", "source": ["x", "y"]})
    plain.write_comment("A1", "note")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": ["Clients", 1, 1, 6, 1]})
    plain.insert_chart("H3", chart)
    book.define_name("Rate", "=0.2")
    book.close()
    return file.getvalue()


def seeds(folder: Path | None) -> list[bytes]:
    """The workbooks to damage: our own, and small ones of a corpus when there is one."""
    found = [sample_workbook(), edit_workbook(sample_workbook()).data, donor()]
    for path in sorted(folder.rglob("*.xls[xm]")) if folder else []:
        if path.stat().st_size < SMALL_BYTES and "_refuse" not in path.parts:
            found.append(path.read_bytes())
    return found


def read_parts(data: bytes) -> Parts:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return [(name, package.read(name)) for name in package.namelist()]
    except Exception:  # a corpus may hold damaged files: they are damaged further as they are
        return []


def write_parts(parts: Parts) -> bytes:
    file = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        warnings.simplefilter("ignore")  # two parts of one name are one of the damages
        for name, content in parts:
            package.writestr(name, content)
    return file.getvalue()


# mutations of the file


def flip_bits(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def cut_out(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.choice((1, 2, 30, 500)) :]


def lie_in_directory(data: bytes, chance: random.Random) -> bytes:
    """Change a size, a flag, a method or an offset in the list of members."""
    changed, at = bytearray(data), []
    position = data.find(b"PK\1\2")
    while position >= 0:
        at.append(position)
        position = data.find(b"PK\1\2", position + 4)
    if at:
        place = chance.choice(at) + chance.choice((8, 10, 16, 20, 24, 28, 30, 42))
        value = chance.choice((0, 1, 0xFFFF, 0xFFFFFFFF, chance.randrange(1 << 32)))
        if place + 4 <= len(changed):
            struct.pack_into("<I", changed, place, value)
    return bytes(changed)


# mutations of the parts, packed again so that the damage gets past the checksums


def damage_part(parts: Parts, chance: random.Random) -> Parts:
    place = chance.randrange(len(parts))
    name, content = parts[place]
    if content:
        kind = chance.choice((flip_bits, truncate, cut_out, break_markup, break_markup, break_markup))
        parts[place] = (name, kind(content, chance))
    return parts


def break_markup(content: bytes, chance: random.Random) -> bytes:
    """Remove, repeat, rename or re-value something that looks like markup."""
    marks = [place for place, byte in enumerate(content) if byte in b'<>"=/']
    if not marks:
        return content
    start = chance.choice(marks)
    end = min(len(content), start + chance.choice((1, 5, 20, 200)))
    new = chance.choice((
        b"", content[start:end] * 2, b"<row>", b"</row>", b'<c r="A1"/>', b'"', b"<![CDATA[</row>]]>",
        b"<!-- </row> -->", b'r="99999999"', b'ref="XFE0"', b'count="-1"', b'si="99999999999"', b'id="-5"',
        b't="array"',
        b"&#0;", b"&#xFFFFFF;", b"\xff\xfe", b"<x:sheetData/>", b"</sheetData>", b'min="5" max="1"', b"\0",
        b'localSheetId="77"', b'Target="../../../etc"', b'TargetMode="External"', b'dxfId="-3"',
    ))  # fmt: skip
    return content[:start] + new + content[end:]


def swap_parts(parts: Parts, chance: random.Random) -> Parts:
    one, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    parts[one], parts[other] = (parts[one][0], parts[other][1]), (parts[other][0], parts[one][1])
    return parts


def drop_part(parts: Parts, chance: random.Random) -> Parts:
    del parts[chance.randrange(len(parts))]
    return parts


def rename_part(parts: Parts, chance: random.Random) -> Parts:
    place = chance.randrange(len(parts))
    name, content = parts[place]
    new = chance.choice(
        ("../" + name, "/" + name, name.upper(), name.replace("/", "\\"), "C:/x", name + "\0", "", "a" * 300)
    )
    parts.insert(place, (new, content))
    return parts


def add_hostile(parts: Parts, chance: random.Random) -> Parts:
    """Entities, outside entities, deep nesting, long attributes, long rows, many attributes."""
    place = chance.randrange(len(parts))
    name, content = parts[place]
    laughs = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha" * 10) for n in range(9))
    bombs = (
        content.replace(b"?>", b"?><!DOCTYPE x [" + laughs + b"]>", 1).replace(b"</", b"&a8;</", 1),
        content.replace(b"?>", b'?><!DOCTYPE x SYSTEM "file:///etc/passwd">', 1),
        content.replace(b"?>", b"?>" + b" " * 5000 + b"<!DOCTYPE x>", 1),
        content + b"<a>" * 50_000,
        content.replace(b"</", b"<a>" * 20_000 + b"</a>" * 20_000 + b"</", 1),
        content.replace(b"<", b'<a b="' + b"x" * 300_000 + b'"/><', 1),
        content.replace(b"</sheetData>", b"<row r='99'>" + b"<c/>" * 30_000 + b"</row></sheetData>", 1),
        content.replace(b"</sheetData>", b"".join(b"<row/>" for _ in range(30_000)) + b"</sheetData>", 1),
        content.replace(b"</", b"<" * 50_000 + b"</", 1),
        b"\0" * 3_000_000,
    )
    parts[place] = (name, chance.choice(bombs))
    return parts


FILE_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (flip_bits, truncate, cut_out, lie_in_directory)
PART_MUTATIONS: tuple[Callable[[Parts, random.Random], Parts], ...] = (
    damage_part, damage_part, damage_part, damage_part, damage_part, damage_part, swap_parts, drop_part, rename_part,
    add_hostile,
)  # fmt: skip


def mutate(data: bytes, parts: Parts, chance: random.Random) -> bytes:
    """One damaged workbook."""
    if not parts or chance.random() < 0.2:
        return chance.choice(FILE_MUTATIONS)(data, chance)
    changed = list(parts)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if changed:
            changed = chance.choice(PART_MUTATIONS)(changed, chance)
    try:
        return write_parts(changed)
    except (ValueError, IndexError, UnicodeError):  # a name that zipfile refuses to write
        return chance.choice(FILE_MUTATIONS)(data, chance)


def fuzz(count: int, seed: int, folder: Path | None, *, keep: Path | None = None) -> Findings:
    """What `count` mutations show; mutations depend on nothing but the seed and the seed files."""
    findings = Findings()
    sources = [(data, read_parts(data)) for data in seeds(folder)]
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        place = chance.randrange(len(sources))
        own = place in OWN_SEEDS
        data = mutate(*sources[place], chance)
        started = time.perf_counter()
        try:
            with at_most(SECONDS):
                edit = edit_workbook(data)
                lost = [] if own else compare(data, edit.data, written_cells(edit), stale_chain(data, edit))
            findings.edited += 1
            findings.failures += [f"mutation {number}: {issue}" for issue in lost[:1]]
        except OoxmlError as error:
            findings.problems[error.kind] += 1
            if error.kind == "unsafe":  # its own check has stopped a mistake of kamxl's
                findings.failures.append(f"mutation {number}: {error}")
        except Late:
            findings.failures.append(f"mutation {number}: no answer in {SECONDS:.0f} s")
        except Exception as error:  # the very thing that is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.lineno}"
            findings.failures.append(f"mutation {number}: {type(error).__name__} at {place}: {str(error)[:100]}")
        if keep is not None and findings.failures and findings.failures[-1].startswith(f"mutation {number}:"):
            (keep / f"mutation_{number}.xlsx").write_bytes(data)
        findings.slowest_s = max(findings.slowest_s, time.perf_counter() - started)
    return findings


def limit_memory() -> None:
    """More than 1 GB becomes a MemoryError, and so a finding; not on Windows."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_ooxml", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, help="a folder of workbooks to damage as well")
    parser.add_argument("--keep", type=Path, help="a folder for the files that showed something")
    options = parser.parse_args()
    limit_memory()
    findings = fuzz(options.count, options.seed, options.corpus, keep=options.keep)
    kinds = ", ".join(f"{kind} {times}" for kind, times in findings.problems.most_common())
    print(f"edited {findings.edited}; problems: {kinds}; slowest {findings.slowest_s:.2f} s")
    for failure in findings.failures:
        print(failure)
    print(f"{'FAIL' if findings.failures else 'PASS'}: {options.count} mutations, {len(findings.failures)} failures")
    return 1 if findings.failures else 0


if __name__ == "__main__":
    sys.exit(main())
