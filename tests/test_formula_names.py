"""The LAMBDA layer: names that give the same results, calculated by an independent engine."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from kamxl.app import Settings
from kamxl.backends.formula_layout import SHEET
from kamxl.backends.formula_names import MOST_NAME_CHARACTERS, lambda_names
from kamxl.backends.formula_text import why_no_name
from kamxl.hosts.files import FileHost
from kamxl.language.reader import load_rules, read_rules_text
from kamxl.live import remove_formulas, write_formulas
from kamxl.problems import KamxlError
from tests.formula_books import is_same, live_book
from tests.formula_rules import AS_OF, HEADERS, random_rows, random_rules

ROOT = Path(__file__).parents[1]
DEMO, KAM = ROOT / "workbook" / "demo.xlsx", ROOT / "rules" / "kam.yml"
_WITHOUT_RELATIVES = [seed for seed in range(40) if "percentile" not in random_rules(seed)][:40]


@pytest.mark.parametrize("seed", [s for s in _WITHOUT_RELATIVES if "cumulative_share" not in random_rules(s)][:6])
def test_names_give_the_results_of_the_columns(seed: int, tmp_path: Path) -> None:
    """Every name of random rules, called with headers and record in shuffled order, gives the reference's cells."""
    ironcalc = pytest.importorskip("ironcalc")
    rules, problems = read_rules_text(random_rules(seed))
    assert rules is not None, problems
    rows = random_rows(seed, 12)
    book = live_book(rules, HEADERS, rows, table=False)
    names, problems = lambda_names(book)
    order = list(reversed(range(len(HEADERS))))
    path = tmp_path / "names.xlsx"
    _write(path, book, names, [HEADERS[i] for i in order], [[row[i] for i in order] for row in rows])
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    by_key = {column.key: column for column in book.columns}
    wrong = [
        (name.name, row, wanted, got)
        for position, name in enumerate(names)
        for row, wanted in enumerate(book.results.of(by_key[name.key]))
        if not is_same(wanted, got := model.get_cell_value(0, row + 2, len(order) + 2 + position), 1e-9)
    ]

    assert problems == () and len(names) > 8
    assert wrong == []


def _write(path: Path, book: object, names: object, headers: list[str], rows: list[list[object]]) -> None:
    out = xlsxwriter.Workbook(str(path))
    sheet, rules = out.add_worksheet("Clients"), out.add_worksheet(SHEET)
    for row_index, row in enumerate(book.layout.grid.rows):  # type: ignore[attr-defined]
        for column, cell in enumerate(row):
            if cell is not None and cell.formula:
                rules.write_formula(row_index, column, cell.formula)
            elif cell is not None and isinstance(cell.value, str):
                rules.write_string(row_index, column, cell.value)
            elif cell is not None and cell.value is not None:
                rules.write(row_index, column, cell.value)
    day = out.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, headers)
    last = chr(64 + len(headers))
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str) and value.startswith("#"):
                sheet.write_formula(number, column, "=NA()")
            elif hasattr(value, "year"):
                sheet.write_datetime(number, column, value, day)
            elif isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write(number, column, value)
        for position, name in enumerate(names):  # type: ignore[arg-type,var-annotated]
            call = f"{name.name}($A$1:${last}$1,$A{number + 1}:${last}{number + 1})"
            sheet.write_dynamic_array_formula(
                number, len(headers) + 1 + position, number, len(headers) + 1 + position, f"={call}"
            )
    for name in names:  # type: ignore[attr-defined]
        out.define_name(name.name, f"={name.formula}")
    out.close()


def test_names_of_the_shipped_rules_fit_and_are_legal() -> None:
    """Under Excel's length, no cell addresses, no clash with the add-in's functions, a comment on each."""
    rules = load_rules(KAM)
    headers = [column.headers[0] for column in rules.columns]
    names, problems = lambda_names(live_book(rules, headers, [[None] * len(headers)], table=True))

    assert problems == ()
    assert {"KAMN_SCORE", "KAMN_CATEGORY", "KAMN.P_size", "KAMN.F_history"} <= {name.name for name in names}
    assert all(why_no_name(name.name) == "" and name.name.startswith("KAMN") for name in names)
    assert max(len(name.formula) for name in names) <= MOST_NAME_CHARACTERS
    assert all(0 < len(name.comment) <= 255 and rules.digest[:8] in name.comment for name in names)
    comments = {name.name: name.comment for name in names}
    line = next(c.place.line for _, c in rules.criteria if c.key == "recency")
    assert all("kam.yml" in comment for comment in comments.values())
    assert comments["KAMN.P_recency"].endswith(f"kam.yml:{line}")
    assert comments["KAMN.S_derived_answer_recency"].endswith(f"kam.yml:{line}")
    assert sum("kam.yml:" in comment for comment in comments.values()) > len(comments) - 8


def test_names_are_written_and_taken_away(tmp_path: Path) -> None:
    """`--lambda` defines them, `--remove` leaves none."""
    host = FileHost(DEMO, tmp_path / "live.xlsx")
    write_formulas(host, Settings(rules=KAM, as_of=AS_OF), named=host)
    host.save()
    written = [name for name in openpyxl.load_workbook(tmp_path / "live.xlsx").defined_names if name.startswith("KAMN")]
    again = FileHost(tmp_path / "live.xlsx", tmp_path / "values.xlsx")
    remove_formulas(again, Settings(rules=KAM, as_of=AS_OF), named=again)
    again.save()
    left = [name for name in openpyxl.load_workbook(tmp_path / "values.xlsx").defined_names if name.startswith("KAMN")]

    assert len(written) > 30
    assert left == []


def test_a_name_of_a_person_is_not_taken(tmp_path: Path) -> None:
    """A workbook that already has KAMN_SCORE keeps it; the problem says where to rename it."""
    book = openpyxl.load_workbook(DEMO)
    book.defined_names["KAMN_SCORE"] = openpyxl.workbook.defined_name.DefinedName(
        "KAMN_SCORE", attr_text="Clients!$A$1"
    )
    book.save(tmp_path / "taken.xlsx")
    host = FileHost(tmp_path / "taken.xlsx", tmp_path / "out.xlsx")
    with pytest.raises(KamxlError) as caught:
        write_formulas(host, Settings(rules=KAM, as_of=AS_OF), named=host)

    assert caught.value.problems[0].code == "KX505"
