"""Process sheets: real tables from columns, notes that survive, legal names, and templates that cannot do harm."""

from __future__ import annotations

import datetime as dt
import io
import re
import time
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from kamxl.backends import Scored, runner
from kamxl.hosts.grid_writer import grids_as_bytes
from kamxl.hosts.row_heights import row_heights
from kamxl.language.reader import read_rules_text
from kamxl.plan import compile_plan
from kamxl.problems import Problem
from kamxl.process import ProcessBook, read_processes, read_processes_text
from kamxl.sheets import check_templates, department_grids, kept_notes, sheet_names
from kamxl.sheets.blocks import StepTable, TypedTable
from kamxl.sheets.context import (
    CONTEXT_NAMES,
    CategoryView,
    DepartmentView,
    PortfolioView,
    RulesView,
    StageView,
    StepView,
)
from kamxl.sheets.departments import RESERVED, legal_sheet_name
from kamxl.sheets.filters import FILTER_NAMES
from kamxl.sheets.functions import FORMATS, FUNCTION_NAMES
from kamxl.sheets.layout import column_widths, fitting_spans, spans
from kamxl.sheets.limits import MOST_CHARACTERS, MOST_DEPTH, MOST_RANGE, MOST_SECONDS, MOST_STEPS
from kamxl.sheets.wording import SHEET_WORDS
from kamxl.table import Cell, Grid, Table

RULES = """
kamxl: 1
name: {en: Shop, fr: Boutique}
as_of: 2026-11-23
columns:
  client: {headers: [Client], role: id, kind: text, label: {en: Client, fr: Client}}
  revenue: {headers: [Revenue], kind: money, label: {en: Revenue, fr: Chiffre d'affaires}}
  margin: {headers: [Margin], kind: money}
  since: {headers: [Since], kind: date}
  keen: {headers: [Keen], kind: yes/no}
  site: {headers: [Site], kind: text, optional: yes}
derived: {margin_rate: margin / revenue, dormant: 1000 - revenue}
families: {size: {weight: 1, criteria: {revenue: {weight: 1, curve: {0: 0, 1000: 10}}}}}
categories:
  rules:
    loyal: {when: size >= 60, process: loyalty, label: {en: Loyal, fr: Fidèle}}
    small: {otherwise: true, process: optimisation, label: {en: Small, fr: Petit}}
"""
BOOK = """
kamxl: 1
stages: {quoting: {en: Quoting, fr: Offre}, invoicing: {en: Invoicing, fr: Facturation}}
departments:
  sales: {label: {en: Sales, fr: Ventes},
          see: [client, revenue, margin_rate, dormant, since, keen, site, score, category, process]}
  workshop: {label: {en: Workshop, fr: Atelier}, see: [client, category]}
processes:
  loyalty:
    label: {en: Loyalty, fr: Fidélisation}
    aim: {en: Keep *them*, fr: Les garder}
    instructions:
      sales:
        quoting: {do: {en: Visit, fr: Visiter}, how: {en: "Face to face | at theirs", fr: En personne}, owner: Rep,
                  within: 2 days, checklist: [price, volume]}
        invoicing: none
      workshop: {quoting: {do: First}, invoicing: none}
  optimisation:
    instructions:
      sales: {quoting: {do: Mail}}
      workshop: {quoting: none, invoicing: none}
"""
SHIPPED = Path(__file__).parent.parent / "rules"
HEADERS = ("Client", "Revenue", "Margin", "Since", "Keen")
ROWS: tuple[tuple[Cell, ...], ...] = (
    ("Alpha", 900.0, 90.0, dt.date(2020, 1, 2), "yes"),
    ("=cmd|'/c calc'!A1", 100.0, None, None, "no"),
    ("# Beta **bold** | x\n- y", 800, 80, None, None),
)


def _scored(rows: tuple[tuple[Cell, ...], ...] = ROWS) -> Scored:
    rules, problems = read_rules_text(RULES)
    assert rules is not None, problems
    plan, faults = compile_plan(rules, HEADERS)
    assert plan is not None, faults
    return runner("reference").run(plan, Table.from_rows(HEADERS, rows))


def _book(text: str = BOOK) -> ProcessBook:
    book, problems = read_processes_text(text, "processes.yml")
    assert book is not None, problems
    return book


def _sheets(
    template: str, folder: Path, *, rows: tuple[tuple[Cell, ...], ...] = ROWS, **more: object
) -> tuple[list[Grid], list[Problem]]:
    (folder / "department.md.j2").write_text(template, encoding="utf-8")
    more = {"language": "en", **more}
    return department_grids(_scored(rows), _book(), templates_dirs=[folder], **more)  # type: ignore[arg-type]


def _texts(grid: Grid) -> list[str]:
    return [cell.value for row in grid.rows for cell in row if cell is not None and isinstance(cell.value, str)]


def _table(grid: Grid, number: int = 0) -> list[list[Cell]]:
    table = grid.tables[number]
    rows = grid.rows[table.first_row : table.last_row + 1]
    return [[cell.value if cell is not None else None for cell in row] for row in rows]


def _values(grid: Grid) -> list[tuple[Cell, ...]]:
    return [tuple(cell.value if cell is not None else None for cell in row) for row in grid.rows]


def test_a_table_is_typed(tmp_path: Path) -> None:
    """Numbers, shares, dates and yes or no arrive as such, with formats, best clients first, then people's columns."""
    grids, problems = _sheets("# Hi\n\n{{ table(clients) }}", tmp_path)
    assert problems == []
    table = _table(grids[0])
    assert table[0] == [
        "Client", "Revenue", "Margin rate", "Dormant revenue", "Since", "Keen", "Score", "Category", "Process",
        "Done", "Notes",
    ]  # fmt: skip
    assert table[1][:9] == ["Alpha", 900.0, 0.1, 100.0, dt.date(2020, 1, 2), "yes", 90.0, "Loyal", "Loyalty"]
    assert table[3][0] == "=cmd|'/c calc'!A1" and table[3][2] is None
    top = grids[0].tables[0].first_row
    looks = [cell.look.split()[0] for cell in grids[0].rows[top + 1] if cell is not None]
    assert looks == ["text", "money", "percent", "money", "date", "text", "score", "text", "text", "check", "input"]


def test_client_text_stays_text(tmp_path: Path) -> None:
    """A client called like a formula or like Markdown is shown as it is called, in tables and in prose."""
    grids, problems = _sheets(
        "# {{ clients[1].client }}\n\n{% for c in clients %}\n- {{ c.client }}\n{% endfor %}\n\n{{ table(clients) }}",
        tmp_path,
    )
    assert problems == []
    texts = _texts(grids[0])
    assert texts[0] == "# Beta **bold** | x - y"
    assert "• # Beta **bold** | x - y" in texts
    assert "• =cmd|'/c calc'!A1" in texts
    sheet = openpyxl.load_workbook(io.BytesIO(grids_as_bytes(grids)))["KAM Sales"]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_departments_see_no_more_than_they_may(tmp_path: Path) -> None:
    """A department's table, figures and prose hold only what it may see."""
    source = "{{ table(clients) }}\n\n{{ portfolio.revenue }}|{{ categories[0].revenue }}|{{ categories[0].count }}"
    sales, workshop = _sheets(source, tmp_path)[0]
    assert "1800|1700|2" in _texts(sales)
    assert "||2" in _texts(workshop)
    assert _table(workshop)[0] == ["Client", "Category", "Done", "Notes"]


def test_a_hidden_column_is_a_fault_with_a_way_out(tmp_path: Path) -> None:
    """Asking for a column that the department may not see is told with the line, for tables and for prose."""
    grids, problems = _sheets(
        "{{ table(clients, columns=['client', 'margin']) }}\n\n{{ clients[0].margin }}\n", tmp_path
    )
    assert grids == []
    assert [(problem.code, problem.place.line) for problem in problems] == [("KX602", line) for line in (1, 1, 3)]
    assert "department `sales` may see" in problems[0].message
    assert "margin_rate" in problems[0].help


def test_shipped_sheets_in_both_languages() -> None:
    """The shipped templates show every department its processes, steps and check lists, in English and in French."""
    book, _ = read_processes(SHIPPED / "processes.yml")
    assert book is not None
    assert check_templates(book, [SHIPPED / "templates"]) == ()
    for language, title, step in (("en", "Sales · what to do", "Visit"), ("fr", "Ventes · quoi faire", "Visiter")):
        grids, problems = department_grids(
            _scored(), _book(), language=language, templates_dirs=[SHIPPED / "templates"]
        )
        assert problems == []
        texts = _texts(grids[0])
        assert texts[0].startswith(title)
        assert step in texts and "☐ price\n☐ volume" in texts and "Rep\n2 days" in texts
        assert any("Shop" in text or "Boutique" in text for text in texts if "2026-11-23" in text)
        assert {merge.first_row for merge in grids[0].merges} >= {0}
        assert len(grids[0].tables) == 2
    assert all(all(pair) for pair in SHEET_WORDS.values())


def test_texts_of_instructions_are_shown_as_written() -> None:
    """Bars and stars in processes.yml neither break the table of steps nor vanish."""
    grids, _ = department_grids(_scored(), _book(), language="en", templates_dirs=[SHIPPED / "templates"])
    assert {"Face to face | at theirs", "Keep *them*", "No instruction yet"} <= set(_texts(grids[0]))


def test_notes_survive_by_client(tmp_path: Path) -> None:
    """What people typed comes back beside its client; of clients that left it moves to a closing section, and stays."""
    (sales, _), _ = _sheets("{{ table(clients) }}", tmp_path)
    old = [list(row) for row in _values(sales)]
    for row in old:
        if row and row[0] in ("Alpha", "=cmd|'/c calc'!A1"):
            row[9:11] = [dt.date(2026, 11, 1), "called, wants a visit"]
    notes = kept_notes(old)
    assert notes["Alpha"] == {"done": dt.date(2026, 11, 1), "notes": "called, wants a visit"}
    (second, _), _ = _sheets("{{ table(clients) }}", tmp_path, notes={"sales": notes})
    assert _table(second)[1][9:] == [dt.date(2026, 11, 1), "called, wants a visit"]
    (third, _), _ = _sheets(
        "{{ table(clients) }}", tmp_path, rows=ROWS[1:], notes={"sales": kept_notes(_values(second))}
    )
    assert "Notes of clients no longer listed" in _texts(third)
    assert kept_notes(_values(third)) == notes
    (fourth, _), _ = _sheets(
        "{{ table(clients) }}", tmp_path, notes={"sales": kept_notes(_values(third))}, language="fr"
    )
    assert "Notes de clients qui ne figurent plus dans la liste" not in _texts(fourth)
    assert kept_notes(_values(fourth)) == notes


def test_notes_are_found_in_any_old_sheet() -> None:
    """Headers are found in any column, language and case; a client that stands twice keeps both notes."""
    rows: list[list[Cell]] = [
        ["Title", None, "Notes on this sheet"],
        [None, "Compte", "x", "FAIT", " notes "],
        [None, 12.0, 1, "oui", "a"],
        [None, "12", 1, "oui", "b"],
        [None, "13", 1, None, "  "],
        [None, None, 1, "lost?", "below the table"],
        ["Client", "Notes"],
        ["14", "c"],
    ]
    assert kept_notes(rows) == {"12": {"done": "oui", "notes": "a\nb"}, "14": {"notes": "c"}}


def test_no_department_takes_the_place_of_another_sheet() -> None:
    """Whatever a department is called, the dashboard, the history and the others keep their sheets."""
    from kamxl.backends.formula_layout import SHEET as RULES_SHEET
    from kamxl.brief import BRIEF_SHEET
    from kamxl.dashboard.sheet import SHEET_NAME as DASHBOARD
    from kamxl.dashboard.white_space import WHITE_SPACE_SHEET
    from kamxl.history.records import SHEET_NAME as HISTORY
    from kamxl.history.sheet import MOVEMENT_SHEET
    from kamxl.trust_phrases import TRUST_PHRASES

    others = {DASHBOARD, HISTORY, MOVEMENT_SHEET, BRIEF_SHEET, WHITE_SPACE_SHEET, RULES_SHEET}
    others |= {*TRUST_PHRASES["tests_sheet"], *TRUST_PHRASES["whatif_sheet"]}
    assert {name.casefold() for name in others} <= RESERVED
    for name in others:
        book = _book(
            BOOK.replace("Workshop", name.removeprefix("KAM ").upper()).replace("Atelier", name.removeprefix("KAM "))
        )
        for language in ("en", "fr"):
            made = {sheet.casefold() for sheet in sheet_names(book, language).values()}
            assert len(made) == len(book.departments) and made.isdisjoint(RESERVED)


def test_sheet_names_are_legal_unique_and_stable() -> None:
    """Names fit Excel: 31 UTF-16 units, no forbidden character or apostrophe at an end, unique without case."""
    taken: set[str] = set()
    names = []
    for wanted in ("A/B: [c]*?", "a b c", "'quoted'", "x" * 40, "X" * 41, "😀" * 20, "\x07", ""):
        names.append(legal_sheet_name(wanted, taken))
        taken.add(names[-1].casefold())
    assert names[:3] == ["A B c", "a b c 2", "quoted"]
    assert (names[3], names[4]) == ("x" * 31, "X" * 29 + " 2")
    assert names[6:] == ["KAM", "KAM 2"]
    assert all(len(name.encode("utf-16-le")) <= 62 for name in names)
    assert sheet_names(_book(), "fr") == {"sales": "KAM Ventes", "workshop": "KAM Atelier"}


def test_filters_follow_the_language(tmp_path: Path) -> None:
    """Numbers, money, percents and dates are written as the language writes them."""
    source = "{{ 1234567.891|number(1) }};{{ 1234.5|money(2, 'CAD') }};{{ 0.125|percent(1) }};"
    source += "{{ rules.as_of|date }};{{ none|number }}"
    english = _texts(_sheets(source, tmp_path)[0][0])[0]
    french = _texts(_sheets(source, tmp_path, language="fr")[0][0])[0]
    assert english == "1,234,567.9;CAD\u00a01,234.5;12.5%;23 November 2026;"
    assert french == "1\u202f234\u202f567,9;1\u202f234,5\u00a0CAD;12,5\u00a0%;23 novembre 2026;"


def test_markdown_becomes_cells(tmp_path: Path) -> None:
    """Headings, lists, quotes, emphasis, links, lines and conditions become cells with looks."""
    source = (
        "# T\n\n## H\n\n**b**\n\n*i*\n\n> q\n\n1. one\n2. two\n   - deep\n\n- [ ] box\n\n[site](https://example.org)\n\n---\n\n"
        "a<b>c</b> &amp;\n\n{% if clients|length > 2 %}many{% else %}few{% endif %}\n"
    )
    grid = _sheets(source, tmp_path)[0][0]
    cells = {cell.value: cell for row in grid.rows for cell in row if cell is not None}
    assert [cells[text].look.split()[0] for text in ("T", "H", "q")] == ["title", "heading", "note"]
    assert "bold" in cells["b"].look and "italic" in cells["i"].look
    assert {"1. one", "2. two", "• deep", "☐ box", "a<b>c</b> &", "many"} <= set(cells)
    assert cells["site"].link == "https://example.org"
    assert grid.freeze == (1, 0) and grid.repeat_rows == (0, 0)


def test_pictures_and_bands(tmp_path: Path) -> None:
    """A picture is placed at its size; one outside the folder is a fault; bands take category colours."""
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x64\0\0\0\x32\x08\x02\0\0\0"
    (tmp_path / "logo.png").write_bytes(png)
    (tmp_path / "no.png").write_bytes(b"text")
    grids, problems = _sheets("{{ image('logo.png', width=50) }}{{ band('B', categories[0]) }}", tmp_path)
    assert problems == []
    assert (grids[0].pictures[0].scale, grids[0].heights[0][1]) == (0.5, 25 / (4 / 3) + 4)
    assert any(cell and cell.value == "B" and "fill=DDEFE0" in cell.look for row in grids[0].rows for cell in row)
    source = "{{ image('no.png') }}\n{{ image('../secret.png') }}\n{{ image('/etc/passwd') }}"
    told = [(problem.code, problem.place.line) for problem in _sheets(source, tmp_path)[1]]
    assert told == [("KX604", 1), ("KX604", 2), ("KX604", 3)]


def test_all_faults_of_all_templates_in_one_run(tmp_path: Path) -> None:
    """Unknown names, filters, parts, words and columns of several templates are told together with file and line."""
    (tmp_path / "other.md.j2").write_text(
        "ok\n{{ reveune }}\n{{ 1|monney }}\n{% if x is evn %}{% endif %}\n", encoding="utf-8"
    )
    source = (
        "{{ departement }}\n{% include 'other.md.j2' %}\n{{ department.lable }}\n{{ t('stagge') }}\n"
        "{{ table(clients, columns=['revenu', {'key': 'score', 'format': 'mony', 'widht': 3}]) }}\n"
        "{{ clients[0].scor + 1 }}\n{% include 'missing.md.j2' ignore missing %}\n"
    )
    grids, problems = _sheets(source, tmp_path)
    assert grids == []
    told = {(Path(problem.place.file).name, problem.place.line, problem.code) for problem in problems}
    assert {("department.md.j2", line, "KX602") for line in (1, 3, 4, 5, 6)} <= told
    assert {("other.md.j2", line, "KX602") for line in (2, 3, 4)} <= told
    helps = " ".join(problem.help for problem in problems)
    for word in ("department", "label", "stage", "revenue", "money", "width", "score", "even"):
        assert f"did you mean `{word}`" in helps
    assert all(problem.source_line for problem in problems)


def test_syntax_faults_name_file_and_line(tmp_path: Path) -> None:
    """A template that Jinja cannot read, or that is not UTF-8, or that does not exist, is a located problem."""
    assert [(p.code, p.place.line) for p in _sheets("a\n{% if x %}\nb", tmp_path)[1]] == [("KX601", 3)]
    (tmp_path / "department.md.j2").write_bytes(b"a\nb\xe9")
    assert [(p.code, p.place.line) for p in check_templates(_book(), [tmp_path])] == [("KX002", 2)]
    (tmp_path / "department.md.j2").unlink()
    missing = check_templates(
        _book(BOOK.replace("[client, category]", "[client], template: departement.md.j2")), [SHIPPED / "templates"]
    )
    assert [(p.code, p.place.file, p.help) for p in missing] == [
        ("KX604", "processes.yml", "did you mean `department.md.j2`?")
    ]
    for bad in (
        "{{ [1][5:'a'] }}",
        "{{ 1 / 0 }}",
        "{{ clients }}",
        "{{ 'a' - 1 }}",
        "{{ table(5) }}",
        "{{ t() }}",
        "{{ image() }}",
    ):
        assert [p.place.line for p in _sheets("\n" + bad, tmp_path)[1]][:1] == [2], bad


HOSTILE = {
    "loops": "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
    "range": "{% for a in range(10 ** 9) %}{% endfor %}",
    "times": "{{ 'a' * 1000000000 }}",
    "list times": "{{ [0] * 1000000000 }}",
    "power": "{{ 9 ** 99999999 }}",
    "format": "{{ '%999999999d' % 1 }}",
    "method": "{{ 'a'.center(900000000) }}",
    "format method": "{{ '{:>999999999}'.format(1) }}",
    "doubling": "{% set n = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "adding": "{% set n = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "nesting": "{% set n = namespace(x=[1]) %}{% for i in range(60) %}"
    "{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x|string }}",
    "replacing": "{{ ('a' * 1)|replace('', 'b')|replace('b', 'c' ~ 'd') }}{{ clients[0].client|replace('a', x) }}",
    "recursion": "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "branching": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "recursive loop": "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "including itself": "{% include 'department.md.j2' %}{% include 'department.md.j2' %}",
    "output": "{% for a in range(9999) %}{{ 'x' }}" + "y" * 900 + "{% endfor %}",
    "class": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "globals": "{{ table.__globals__ }}",
    "self": "{{ self.__init__.__globals__ }}",
    "function": "{{ t.__func__.__code__ }}",
    "map": "{{ [t]|map(attribute='__globals__')|list }}",
    "private": "{{ clients._sight._columns.scored }}",
    "private row": "{{ [clients[0]]|sum('_sight') }}",
    "loader": "{% include '../../../etc/passwd' %}",
    "parentheses": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "compare": "{% set a = [[1, 2], [3]] %}{{ a == [[1, 2], [3]] }}",
}


def test_an_argument_that_a_function_does_not_take_is_told_by_its_name(tmp_path: Path) -> None:
    """No class of ours stands in the message."""
    problem = _sheets("{{ image('logo.png', scale=2) }}", tmp_path)[1][0]
    assert problem.code == "KX601"
    assert problem.message.endswith("image() got an unexpected keyword argument `scale`")
    assert "Functions" not in problem.message


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_templates_end_quickly(name: str, tmp_path: Path) -> None:
    """Endless work and reaches for Python's internals end within two seconds, as located problems and no sheet."""
    start = time.process_time()
    grids, problems = _sheets(HOSTILE[name], tmp_path)
    assert time.process_time() - start < 2.0
    assert grids == []
    assert problems
    assert {problem.code for problem in problems} <= {"KX601", "KX602", "KX603", "KX604"}
    assert all(problem.place.file for problem in problems)
    assert not any("Traceback" in problem.block() for problem in problems)


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    """A symbolic link inside the templates' folder does not open a file outside of it."""
    secret = tmp_path / "secret.md.j2"
    secret.write_text("secret", encoding="utf-8")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "link.md.j2").symlink_to(secret)
    assert [problem.code for problem in _sheets("{% include 'link.md.j2' %}", folder)[1]] == ["KX604"]


def test_small_tables_fit_over_the_columns_of_the_sheet() -> None:
    """Columns of steps cover the sheet without gap; small tables take what they need; both keep their order."""
    widths = [10.0, 28.0, 20.0, 8.0, 12.0, 48.0, 8.0, 36.0]
    found = spans([10, 24, 24, 24, 16], widths)
    assert found[0][0] == 0 and found[-1][1] == 7
    assert all(left[1] + 1 == right[0] for left, right in pairwise(found))
    assert fitting_spans([20.0, 8.0, 8.0], widths)[-1][1] < 7


@pytest.mark.parametrize("widths", [(11.0, 28.0, 15.0, 9.0, 37.0), (11.0, 28.0, 14.0, 11.0, 9.0, 37.0)])
def test_a_check_list_does_not_stand_in_a_column_as_narrow_as_done(widths: tuple[float, ...]) -> None:
    """Few columns of clients below five of steps, as in production and delivery: every text gets room."""
    headers = ("",) * len(widths)
    shares = (10.0, 24.0, 24.0, 24.0, 16.0)
    steps = StepTable(("Stage", "Do", "How", "Check list", "Who"), (), shares)
    sheet = column_widths([steps, TypedTable("Clients", headers, widths, (), len(widths) - 2)])
    rooms = [sum(sheet[first : last + 1]) for first, last in spans(shares, sheet)]
    assert all(room >= 0.9 * share for room, share in zip(rooms, shares, strict=True)), rooms
    # Where the clients have columns enough, nothing stands beyond them.
    many = (*widths, 12.0, 12.0, 12.0)
    assert column_widths([steps, TypedTable("Clients", ("",) * len(many), many, (), len(many))]) == list(many)


def test_unscored_clients_are_told(tmp_path: Path) -> None:
    """A client whose cell cannot be read has no category; the shipped sheet lists it apart."""
    rows = (*ROWS, ("Gamma", "#N/A", 1.0, None, None))
    grids, problems = department_grids(_scored(rows), _book(), language="en", templates_dirs=[SHIPPED / "templates"])
    assert problems == []
    assert "Not classified · 1 clients" in _texts(grids[0]) or "Not classified · 1 client" in _texts(grids[0])
    assert _table(grids[0], 2)[1][0] == "Gamma"


def test_long_tables_are_told_by_columns() -> None:
    """Thousands of clients are columns of a body; cell by cell they are the same sheet, as tall where texts wrap."""
    rows = tuple((f"Client {number}", float(number % 1000), 10.0, None, "yes") for number in range(2_000))
    grids, problems = department_grids(
        _scored(rows), _book(BOOK), language="en", templates_dirs=[SHIPPED / "templates"]
    )
    assert problems == []
    grid = grids[0]
    assert sum(body.row_count for body in grid.bodies) == 2_000
    in_cells = grid.in_cells()
    assert not in_cells.bodies and len(in_cells.rows) == len(grid.rows)
    assert row_heights(in_cells) == row_heights(grid)
    for table in grid.tables:
        first = in_cells.rows[table.first_row + 1]
        assert len(first) == table.last_column + 1 and str(first[0].value).startswith("Client ")


def test_the_documentation_names_everything(tmp_path: Path) -> None:
    """docs/templates.md names every function, filter and part of the context, and its example renders."""
    text = (SHIPPED.parent / "docs" / "templates.md").read_text(encoding="utf-8")
    views = (DepartmentView, StageView, StepView, CategoryView, RulesView, PortfolioView)
    fields = [name for view in views for name in view.__dataclass_fields__]
    for name in (*FUNCTION_NAMES, *FILTER_NAMES, *CONTEXT_NAMES, *FORMATS, *fields):
        assert re.search(rf"`{name}[`(]", text), name
    for limit in (MOST_STEPS, MOST_CHARACTERS, MOST_RANGE, MOST_DEPTH, MOST_SECONDS):
        assert f"{limit:,}" in text
    example = text.split("```jinja\n")[1].split("```")[0]
    grids, problems = _sheets(example, tmp_path)
    assert [problem.code for problem in problems] == ["KX602", "KX602"]
    assert all("workshop" in problem.message for problem in problems)
    assert grids == []
    assert _sheets(example.replace('"revenue", {"key": "score"', '{"key": "category"'), tmp_path)[1] == []
