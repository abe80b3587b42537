"""python -m kamxl, and the `kamxl` command."""

from __future__ import annotations

import sys


def main() -> int:
    """The exit code of the command line."""
    # Answered before anything is imported: the version must come at once.
    if sys.argv[1:] in (["--version"], ["-V"]):
        from kamxl import __version__

        print(f"kamxl {__version__}")
        return 0
    from kamxl.cli import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
