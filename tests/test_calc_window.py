"""A real window of Calc under Xvfb: the buttons are clicked with the mouse, the message boxes are read and closed.

python -m tests.test_calc_window     makes the two pictures of docs/libreoffice.md
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kamxl.addin.commands import COMMANDS
from kamxl.calc.descriptions import TOOL_BAR
from kamxl.calc.extension import build_extension
from kamxl.hosts.calc import CalcHost
from kamxl.shipped import shipped
from tests.calc_office import Office, has_calc
from tests.calc_window import Screen, has_screen, wait_for

pytestmark = [
    pytest.mark.office,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (has_calc() and has_screen()), reason="LibreOffice Calc, Xvfb, openbox or xdotool is missing"
    ),
]
PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
# Height of the menu bar above the tool bars.
_MENU = 20
# A button is as wide as its label and a bit, in characters.
_AROUND_LABEL = 1.5


class CalcWindow:
    """The demo workbook in a window, and the mouse over it."""

    def __init__(self, screen: Screen, document: Any) -> None:
        self.screen, self.document = screen, document
        self.frame = document.CurrentController.Frame
        assert wait_for(lambda: any("demo.xlsx" in title for title in screen.windows())), screen.windows()
        assert wait_for(self._is_maximised)

    def _is_maximised(self) -> bool:
        window = self.frame.ContainerWindow
        if window.PosSize.Width < 1280:
            # Asked again each time: a window that is still being shown does not listen.
            window.IsMaximized = False
            window.IsMaximized = True
            return False
        return bool(self._tool_bar().Width > 100)

    def _tool_bar(self) -> Any:
        element = self.frame.LayoutManager.getElement(f"private:resource/toolbar/addon_{TOOL_BAR}")
        return element.getRealInterface().PosSize

    def click(self, name: str) -> None:
        """A click on a button of the tool bar; waits for the message box that follows."""
        labels = {
            each.name: len(each.label.en) + _AROUND_LABEL for each in COMMANDS if each.group in ("portfolio", "client")
        }
        before = sum(width for key, width in labels.items() if list(labels).index(key) < list(labels).index(name))
        bar = self._tool_bar()
        x = bar.X + 6 + round((before + labels[name] / 2) * (bar.Width - 12) / sum(labels.values()))
        self.screen.click(x, self._top() + bar.Y + bar.Height // 2)
        assert wait_for(self.is_asking), self.screen.windows()

    def _top(self) -> int:
        """Where the tool bars begin on the screen: below the title and the menu bar of a maximised window."""
        return self.screen.height - int(self.frame.ContainerWindow.PosSize.Height) + _MENU

    def is_asking(self) -> bool:
        """Whether a message box of ours is open."""
        return "KAM" in self.screen.windows()

    def close_box(self) -> None:
        """Enter, as a person does."""
        self.screen.press("Return")
        assert wait_for(lambda: not self.is_asking())


@contextmanager
def demo_window(folder: Path) -> Iterator[CalcWindow]:
    """The demo workbook in a maximised window of a private office."""
    extension = folder / "kamxl.oxt"
    extension.write_bytes(build_extension(for_this_machine=True))
    screen = Screen()
    try:
        environment = {**screen.environment, "KAMXL_HOME": str(folder / "home")}
        office = Office(extension=extension, headless=False, environment=environment, limit=240.0)
        try:
            document = office.open(Path(shutil.copy(shipped("workbook", "demo.xlsx"), folder / "demo.xlsx")))
            yield CalcWindow(screen, document)
            document.close(True)
        finally:
            office.close()
    finally:
        screen.close()


def test_buttons_are_clicked_in_a_real_window(tmp_path: Path) -> None:
    """Classify, Process sheets, Explain this client, and Ctrl+Z: clicks and keys of a person, seen in the workbook."""
    with demo_window(tmp_path) as window:
        clients = CalcHost(window.document, lambda _name: None)
        before = clients.read_sheet("Clients")
        window.click("classify")
        window.close_box()
        assert "Score" in clients.read_sheet("Clients")[3]
        window.click("sheets")
        window.close_box()
        assert "KAM Sales" in clients.sheet_names()
        window.click("explain")
        window.screen.picture(tmp_path / "explain.png")
        assert (tmp_path / "explain.png").stat().st_size > 20_000
        window.close_box()
        assert window.document.CurrentController.Frame.ComponentWindow.isVisible() is not False
        window.screen.press("ctrl+z")
        assert wait_for(lambda: "KAM Sales" not in clients.sheet_names())
        window.screen.press("ctrl+z")
        assert wait_for(lambda: "Score" not in clients.read_sheet("Clients")[3])
        assert clients.read_sheet("Clients") == before


def make_pictures(target: Path) -> None:
    """The two pictures of docs/libreoffice.md: the explanation of a client, and a process sheet."""
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demo_window(Path(folder)) as window:
        controller, sheets = window.document.CurrentController, window.document.Sheets
        window.click("classify")
        window.close_box()
        window.click("sheets")
        window.close_box()
        controller.setFirstVisibleColumn(39)
        controller.select(sheets.getByName("Clients").getCellRangeByName("AN6"))
        window.click("explain")
        window.screen.picture(target / "calc_explain.png")
        window.close_box()
        controller.setActiveSheet(sheets.getByName("KAM Sales"))
        window.screen.tool("mousemove", "1240", "730", "sleep", "1")
        window.screen.picture(target / "calc_sheet.png")


if __name__ == "__main__":
    make_pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
