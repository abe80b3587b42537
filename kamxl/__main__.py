"""python -m kamxl, and the `kamxl` command."""

from __future__ import annotations

import gc
import io
import os
import sys


def main() -> int:
    """The exit code of the command line."""
    # Answered before anything is imported: the version must come at once.
    if sys.argv[1:] in (["--version"], ["-V"]):
        from kamxl import __version__

        print(f"kamxl {__version__}")
        return 0
    # Nothing here is linear algebra, and NumPy's threads for it spin while they wait: 0.05 s of CPU.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A command reads millions of cells, makes next to no cycles and ends: the collector would only walk through all
    # cells again and again (a tenth of the time of a run on 10,000 clients).
    gc.disable()
    from kamxl.cli import run_command

    for stream in (sys.stdout, sys.stderr):
        # On Windows a redirected output takes the letters of one code page only; a name beyond them must not end a run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = run_command(sys.argv[1:])
    # Python's own end walks through all objects several times more, whether the collector is disabled or not.
    gc.freeze()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
