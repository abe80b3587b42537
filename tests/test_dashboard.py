"""The dashboard: live cells behind native charts, one page, sensible for degenerate portfolios, the same in HTML."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import io
import json
import math
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kamxl.dashboard import compose_content, dashboard_grid, white_space_grid
from kamxl.dashboard.content import Content, QualityLine
from kamxl.dashboard.page import dashboard_page
from kamxl.dashboard.svg import nice_ticks
from kamxl.history.movement import Movement, Mover
from kamxl.hosts.calc_cells import properties
from kamxl.hosts.grid_writer import grids_as_bytes
from kamxl.insight_phrases import INSIGHT_PHRASES
from kamxl.looks import number_look, parse_look, strong_colour
from kamxl.portfolio.figures import measure_portfolio
from kamxl.table import Cell, Grid
from tests.calc_office import Office, shared_office
from tests.portfolios import RESELLER_RULES, RULES, read_resellers, score_rows, score_table

HEADERS = ("Client", "Status", "Revenue", "Margin", "Spend", "Hours", "Fit")
DEGENERATE: dict[str, list[list[Cell]]] = {
    "nobody": [],
    "one client": [["Solo", "active", 100, 20, 300, 5, 7]],
    "zero revenue": [[f"C{n}", "active", 0, 0, 0, 0, 5] for n in range(5)],
    "negative revenue": [[f"C{n}", "active", -10, -20, -3, -1, 5] for n in range(5)],
    "no revenue": [[f"C{n}", "active", None, None, None, None, 5] for n in range(5)],
    "all prospects": [[f"C{n}", "prospect", None, None, 500, None, 9] for n in range(5)],
    "losses over all": [["A", "active", 100, -300, 900, 4, 5], ["B", "active", 50, 20, 60, 4, 5]],
    "same name twice": [["Same", "active", 100, 20, 300, 5, 7], ["same ", "active", 50, 20, 300, 5, 7]],
    "errors in cells": [["A", "active", "#DIV/0!", 1, 5, 5, 5], ["B", "active", "many", 1, 5, 5, 5]],
    "a hostile name": [["=HYPERLINK(1)<script>alert(1)</script>&\"'", "active", 100, 20, 9e9, 5, 7]],
    "everything blank": [[None] * 7, [None] * 7],
}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    scored = score_table(read_resellers(), tmp_path_factory.mktemp("rules"), rules=RESELLER_RULES)
    return compose_content(measure_portfolio(scored))


def _cells(grid: Grid, box: tuple[int, int, int, int]) -> list[Cell]:
    found = []
    for row in range(box[0], box[2] + 1):
        for column in range(box[1], box[3] + 1):
            cell = grid.rows[row][column]
            found.append(cell.value if cell is not None else None)
    return found


def _check_charts(grid: Grid) -> None:
    """Every series of every chart is fed by numbers that stand in cells, and not all are zero."""
    for chart in grid.charts:
        assert chart.series, chart.title
        for series in chart.series:
            values = _cells(grid, series.values)
            assert all(isinstance(value, (int, float)) and math.isfinite(value) for value in values), chart.title
            assert any(values) or chart.kind == "bubble", (chart.title, series.name)
            assert all(value is not None for value in _cells(grid, series.categories))
            if series.sizes is not None:
                assert all(isinstance(value, float) and value > 0 for value in _cells(grid, series.sizes))


def test_four_native_charts_are_fed_by_cells(content: Content) -> None:
    grid = dashboard_grid(content)
    assert [chart.kind for chart in grid.charts] == ["column", "column", "scatter", "bubble"]
    _check_charts(grid)
    revenue = grid.charts[0].series[0]
    assert _cells(grid, revenue.values) == [each.sums.revenue for each in content.categories]
    with zipfile.ZipFile(io.BytesIO(grids_as_bytes([grid]))) as package:
        charts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 4
    assert all("numLit" not in chart and "'KAM Dashboard'!$" in chart for chart in charts)


def test_the_figures_of_the_method_stand_on_the_sheet(content: Content) -> None:
    tiles = {tile.label: tile for tile in content.tiles}
    assert tiles["Bring the last 5% of revenue"].figure == pytest.approx(0.511, abs=0.0005)
    assert "323 with the one that crosses 95%, 322 without" in tiles["Bring the last 5% of revenue"].note
    assert "67.4%" in tiles["Revenue"].note
    shown = [cell.value for row in dashboard_grid(content).rows for cell in row if cell is not None]
    assert content.tiles[2].figure in shown and "Brakes and Gears" in shown


def test_concentration_stands_on_sheet_and_page(content: Content) -> None:
    """ABC classes, best fifth, bottom half, Gini, and what the clients that lose money cost."""
    lines = [(line.label, line.clients, round(line.share_of_revenue, 3)) for line in content.spread]
    assert lines == [
        ("A: the first 80%", 184, 0.801),
        ("B: up to 95%", 126, 0.149),
        ("C: the rest", 322, 0.05),
        ("Top 20% of the buyers", 127, 0.674),
        ("Bottom half of the buyers", 316, 0.046),
    ]
    assert round(content.spread[2].share_of_buyers, 3) == 0.509
    assert "Gini coefficient 0.66" in content.spread_note and "cost money:\u00a0327" in content.spread_note
    shown = [cell.value for row in dashboard_grid(content).rows for cell in row if cell is not None]
    page = dashboard_page(content)
    for line in content.spread:
        assert line.label in shown and line.revenue in shown and line.label in page
    assert content.spread_note in shown and content.spread_note in page


def test_averages_of_the_families_stand_beside_the_categories(content: Content) -> None:
    assert [label for _, label in content.families] == ["Profile", "History", "Potential"]
    shown = [cell.value for row in dashboard_grid(content).rows for cell in row if cell is not None]
    for figures in content.categories:
        averages = [figures.score, figures.completeness, *(value for _, value in figures.families)]
        assert all(value is None or value in shown for value in averages)


def test_every_text_of_a_french_dashboard_is_french(tmp_path: Path) -> None:
    """Labels of columns and products too, where the rule file itself is in English."""
    headers = ("Client", "Status", "Segment", "Employees", "Revenue", "Margin", "Bolts", "Nuts", "Fit")
    rules = RULES.replace("headers: [Bolts]", "label: {en: Bolts, fr: Boulons}, headers: [Bolts]")
    rules = rules.replace("headers: [Revenue]", "label: {en: Revenue, fr: CA}, headers: [Revenue]")
    rules = rules.replace("headers: [Fit]", "label: {en: Fit, fr: Affinité}, headers: [Fit]")
    rows: list[list[Cell]] = [[f"C{n}", "active", "A", 10, 100, 20, 40, 60, None] for n in range(6)]
    rows.append(["Gap", "active", "A", 10, -40, 90, None, 60, None])
    composed = compose_content(measure_portfolio(score_rows(headers, rows, tmp_path, rules=rules), language="fr"))
    texts = [str(cell.value) for grid in (dashboard_grid(composed), white_space_grid(composed)) for row in grid.rows
             for cell in row if cell is not None]  # fmt: skip
    assert "Vide : Affinité" in texts and "Boulons" in texts
    english = re.compile(r"\b(Bolts|Fit|Revenue|Margin|Small|Loyal|buyers|clients under|Share|Category|Movers)\b")
    assert not [text for text in texts if english.search(text)]


def test_long_names_and_many_categories_break_no_line_and_no_legend(tmp_path: Path) -> None:
    """Nine categories of five words: no legend squeezes the matrix, names of clients stay on one line of the page."""
    head = RULES[: RULES.index("    loyal:")]
    names = "".join(
        f"    c{n}: {{when: history >= {90 - 10 * n}, label: Strategic partner number {n} of the north, process: p}}\n"
        for n in range(8)
    )
    rules = f"{head}{names}    rest: {{otherwise: true, label: Everybody else in the north, process: rest}}\n"
    name = "A very long name of a client " * 5
    rows: list[list[Cell]] = [[f"{name}{n}", "active", 9_000 * n, 5, 150_000, 5, 5] for n in range(1, 12)]
    composed = compose_content(measure_portfolio(score_rows(HEADERS, rows, tmp_path, rules=rules)))
    grid = dashboard_grid(composed)
    assert not grid.charts[-1].legend and grid.charts[0].legend
    page = dashboard_page(composed)
    assert page.count('<td class="name"') == 11 and "nowrap" in page
    assert page.count("Strategic partner number 1 of the north</text>") == 0


def test_what_nobody_knows_is_a_dash_and_not_zero(tmp_path: Path) -> None:
    """No revenue in any row: no sum of revenue is written, and the matrix is drawn with bubbles of one size."""
    rules = RULES.replace("applies: not prospect", "applies: status = active")
    rules = rules.replace("of: spend - revenue, weight", "of: spend, weight").replace(
        "revenue: {weight: 1, curve: {0: 0, 100000: 10}}", "margin: {weight: 1, curve: {0: 0, 100000: 10}}"
    )
    rows: list[list[Cell]] = [[f"C{n}", "active", None, 20_000 * n, 30_000 * n, None, 5] for n in range(1, 4)]
    composed = compose_content(measure_portfolio(score_rows(HEADERS, rows, tmp_path, rules=rules)))
    assert [tile.figure for tile in composed.tiles[1:4]] == [None, None, None]
    grid = dashboard_grid(composed)
    assert {cell.value for row in grid.rows[9:13] for cell in row[4:7] if cell is not None} == {"–", None}
    _check_charts(grid)
    bubbles = grid.charts[-1]
    assert bubbles.kind == "bubble"
    sizes = [size for series in bubbles.series for size in _cells(grid, series.sizes or (0, 0, 0, 0))]
    assert sizes == [1.0, 1.0, 1.0]
    assert '<td class="n">–</td>' in dashboard_page(composed)


@pytest.mark.parametrize(
    ("look", "shown"),
    [
        (number_look("money"), "#,##0  ;-#,##0  ;#,##0  ;@  "),
        (number_look("score", pattern="+0.0"), "+0.0  ;-0.0  ;0.0  ;@  "),
        (number_look("money", is_estimated=True), '"≈ "#,##0  ;"≈ "-#,##0  ;"≈ "#,##0  ;@  '),
    ],
)
def test_numbers_have_their_sign_once_and_foreign_signs_in_quotes(look: str, shown: str) -> None:
    assert parse_look(look).number_format == shown


def test_points_of_a_category_have_its_colour(tmp_path: Path) -> None:
    """The palette's own twins; for a colour of the rule file the same hue, dark enough for white paper."""
    assert strong_colour("DDEFE0") == "2E8B57"
    rules = RULES.replace("process: loyalty}", "process: loyalty, colour: F9D5E5}")
    rows: list[list[Cell]] = [["A", "active", 90_000, 5, 95_000, 5, 5], ["B", "active", 10_000, 5, 95_000, 5, 5]]
    composed = compose_content(measure_portfolio(score_rows(HEADERS, rows, tmp_path, rules=rules)))
    colours = {series.name: series.colour for series in dashboard_grid(composed).charts[-1].series}
    red, green, blue = (int(colours["Loyal"][at : at + 2], 16) for at in (0, 2, 4))
    assert red > blue > green and green < 0x60
    assert f"#{colours['Loyal']}" in dashboard_page(composed)


def test_a_portfolio_with_much_to_say_still_fits_its_page(content: Content) -> None:
    """Forty movers and eight findings: no list runs into the next one, none leaves the printed page."""
    movers = tuple(Mover(f"Mover {n}", "Loyal", "Small", -1, -2.0) for n in range(20))
    quality = tuple(QualityLine(f"Finding {n}", n) for n in range(8))
    for few in (0, 3, 20):
        full = dataclasses.replace(content, movers=movers[:few], quality=quality)
        grid = dashboard_grid(full)
        merged = [(row, column) for box in grid.merges for row in range(box.first_row, box.last_row + 1)
                  for column in range(box.first_column, box.last_column + 1)]  # fmt: skip
        assert len(merged) == len(set(merged))
        assert grid.print_area is not None
        assert not any(any(row[: grid.print_area[3] + 1]) for row in grid.rows[grid.print_area[2] + 1 :])
        shown = [str(cell.value) for row in grid.rows for cell in row if cell is not None]
        assert sum(text.startswith("Mover ") for text in shown) >= min(few, 8)
        assert sum(text.startswith("Finding") for text in shown) >= 5
        grids_as_bytes([grid])


def test_the_page_prints_on_one_landscape_page(content: Content) -> None:
    grid = dashboard_grid(content)
    assert grid.fit_one_page and grid.landscape and grid.print_area is not None
    data_column = min(series.values[1] for chart in grid.charts[2:] for series in chart.series)
    assert grid.print_area[3] < data_column, "cells behind the charts stay off the printed page"
    book = openpyxl.load_workbook(io.BytesIO(grids_as_bytes([grid])))
    assert book["KAM Dashboard"].print_area


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_portfolios_give_sensible_sheets(case: str, language: str, tmp_path: Path) -> None:
    """No error, NaN, empty chart or division by zero, in the cells and in the page."""
    portfolio = measure_portfolio(score_rows(HEADERS, DEGENERATE[case], tmp_path), language=language)
    composed = compose_content(portfolio)
    grid = dashboard_grid(composed)
    _check_charts(grid)
    for row in grid.rows:
        for cell in row:
            if cell is not None:
                assert not isinstance(cell.value, float) or math.isfinite(cell.value)
                assert not (isinstance(cell.value, str) and cell.value.startswith("#"))
    grids_as_bytes([grid])
    page = dashboard_page(composed)
    assert not re.search(r"\bnan\b|\binf\b|None|NaN", page)
    assert "<script" not in page


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_the_html_page_stands_alone(content: Content) -> None:
    """Four inline charts, no script, no link to anything, the same figures as the sheet."""
    page = dashboard_page(content)
    parser = _Links()
    parser.feed(page)
    assert parser.tags.count("svg") == 4
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(parser.tags)
    assert not [name for name, _ in parser.attributes if name in ("src", "href", "onload", "onclick")]
    assert "http:" not in page and "https:" not in page and "url(" not in page
    for text in ("Retail Sporting Goods", "77,548,570", "51.1%", "323 with the one"):
        assert text in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_says_everything_that_the_sheet_says(language: str, tmp_path: Path) -> None:
    """Every text of the printed sheet, and the title, series and axes of every chart, stand on the page too."""
    scored = score_table(read_resellers(), tmp_path, rules=RESELLER_RULES)
    movement = Movement(
        dt.date(2019, 6, 1), (Mover("Moved Ltd", "Loyal", "Small", -1, -2.5),), 3, 1, rules_changed=True
    )
    composed = compose_content(measure_portfolio(scored, language=language), movement)
    grid = dashboard_grid(composed)
    assert grid.print_area is not None
    printed = [cell.value for row in grid.rows for cell in row[: grid.print_area[3] + 1] if cell is not None]
    texts = {text for text in printed if isinstance(text, str) and text}
    for chart in grid.charts:
        texts |= {chart.title, *(series.name for series in chart.series)} | {chart.x_title, chart.y_title} - {""}
    page = " ".join(html.unescape(dashboard_page(composed)).split())
    assert not {text for text in texts if " ".join(text.split()) not in page}


def test_every_text_stands_in_two_languages() -> None:
    for key, (english, french) in INSIGHT_PHRASES.items():
        assert english and french, key
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", french)), key


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 2.77), (-5, 67e6), (0, 0), (0, 1e-9), (0, 299_816.06)])
def test_ticks_cover_the_range_with_round_numbers(low: float, high: float) -> None:
    ticks = nice_ticks(low, high)
    assert 2 <= len(ticks) <= 9
    assert ticks[0] <= low and ticks[-1] >= high


def pictures_of_charts(office: Office, document: Any, folder: Path) -> list[bytes]:
    """Every chart of the first sheet as LibreOffice draws it now."""
    page = document.Sheets.getByIndex(0).DrawPage
    drawn = []
    for number in range(page.Count):
        target = folder / f"chart{number}.png"
        export = office.create("com.sun.star.drawing.GraphicExportFilter")
        export.setSourceDocument(page.getByIndex(number))
        export.filter(properties(URL=target.as_uri(), MediaType="image/png"))
        drawn.append(target.read_bytes())
    return drawn


@pytest.mark.office
def test_changing_a_cell_in_libreoffice_changes_its_chart_and_no_other(content: Content, tmp_path: Path) -> None:
    """A cell behind each of the four charts is changed in Calc; the pictures that it then draws are compared."""
    office = shared_office()
    grid = dashboard_grid(content)
    (tmp_path / "dashboard.xlsx").write_bytes(grids_as_bytes([grid]))
    categories, shares, whale, matrix = grid.charts
    # (first row, column) of a series of each chart, and the charts that are drawn from that cell.
    changes = (
        (categories.series[0].values, {0, 1}),
        (shares.series[2].values, {1}),
        (whale.series[1].values, {2}),
        (matrix.series[0].sizes or (0, 0), {3}),
    )
    document = office.open(tmp_path / "dashboard.xlsx")
    try:
        before = pictures_of_charts(office, document, tmp_path)
        assert pictures_of_charts(office, document, tmp_path) == before and len(set(before)) == 4
        for box, drawn_from_it in changes:
            # The second row: the first point of a curve is where it begins.
            cell = document.Sheets.getByIndex(0).getCellByPosition(box[1], box[0] + 1)
            assert cell.Value > 0
            cell.Value = cell.Value * 2.5
            after = pictures_of_charts(office, document, tmp_path)
            assert {at for at, (old, new) in enumerate(zip(before, after, strict=True)) if old != new} == drawn_from_it
            before = after
    finally:
        document.close(True)


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_the_sheet_prints_on_one_sheet_of_paper(content: Content, tmp_path: Path) -> None:
    (tmp_path / "dashboard.xlsx").write_bytes(grids_as_bytes([dashboard_grid(content)]))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    command += ["--outdir", str(tmp_path), str(tmp_path / "dashboard.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "dashboard.pdf").read_bytes())) == 1


@pytest.mark.office
@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_the_page_prints_on_one_sheet_of_paper(content: Content, tmp_path: Path) -> None:
    """Also with twenty movers and every kind of finding."""
    movers = tuple(Mover(f"Mover number {n}", "High potential", "Small without potential", -1, -2.0) for n in range(20))
    quality = tuple(QualityLine(f"Finding {n}", n) for n in range(8))
    page = tmp_path / "page.html"
    page.write_text(
        dashboard_page(dataclasses.replace(content, movers=movers, quality=quality, movers_note="Moved: 20.")), "utf-8"
    )
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    command += [f"--print-to-pdf={tmp_path}/page.pdf", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    printed = (tmp_path / "page.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def asked_of_the_network(page: str, folder: Path) -> set[str]:
    """Addresses that a page makes Chromium ask for; the browser's own errands have no page as their origin."""
    folder.mkdir()
    (folder / "page.html").write_text(page, encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
    command += [f"--log-net-log={folder}/net.json", f"--screenshot={folder}/page.png"]
    subprocess.run([*command, (folder / "page.html").as_uri()], check=True, capture_output=True, timeout=120)
    text = (folder / "net.json").read_text(encoding="utf-8").rstrip()
    log = json.loads(text if text.endswith("}") else text.rstrip(",") + "]}")
    asked = [event["params"] for event in log["events"] if "url" in event.get("params", {})]
    return {each["url"] for each in asked if each.get("initiator", "not an origin") != "not an origin"}


@pytest.mark.office
@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_the_page_asks_the_network_for_nothing(content: Content, tmp_path: Path) -> None:
    page = dashboard_page(content)
    assert asked_of_the_network(page, tmp_path / "own") == set()
    picture = page.replace("default-src 'none'", "default-src *").replace(
        "</body>", "<img src=http://x.invalid/a></body>"
    )
    assert asked_of_the_network(picture, tmp_path / "other") == {"http://x.invalid/a"}, "the test would see a request"
    kept_out = page.replace("</body>", "<img src=http://x.invalid/a></body>")
    assert asked_of_the_network(kept_out, tmp_path / "policy") == set(), "the policy of the page keeps all others out"


def test_white_space_names_peers_and_marks_estimates(tmp_path: Path) -> None:
    """Six peers buy nuts for 60 each; the seventh does not: an estimate with its peers, in its own look."""
    headers = ("Client", "Status", "Segment", "Employees", "Revenue", "Bolts", "Nuts", "Fit")
    rows: list[list[Cell]] = [[f"C{n}", "active", "A", 10, 100, 40, 60, 5] for n in range(6)]
    rows.append(["Gap", "active", "A", 10, 40, 40, None, 5])
    for language, peers in (("en", "100% of 6 peers buy it"), ("fr", "de 6 pairs l'achètent")):
        composed = compose_content(measure_portfolio(score_rows(headers, rows, tmp_path), language=language))
        grid = white_space_grid(composed)
        first = [cell for cell in grid.rows[5] if cell is not None]
        assert (first[0].value, first[3].value, first[4].value) == ("Gap", 40.0, 60.0)
        assert "italic" in first[4].look and "≈" in first[4].look and "≈" not in first[3].look
        assert peers in str(first[7].value) and "C0, C1, C2" in str(first[7].value)
        assert first[6].value == "≈ 60 – 60"
        grids_as_bytes([grid])


def test_estimates_on_the_dashboard_are_marked(tmp_path: Path) -> None:
    headers = ("Client", "Status", "Segment", "Employees", "Revenue", "Bolts", "Nuts", "Fit")
    rows: list[list[Cell]] = [[f"C{n}", "active", "A", 10, 100, 40, 60, 5] for n in range(6)]
    rows.append(["Gap", "active", "A", 10, 40, 40, None, 5])
    composed = compose_content(measure_portfolio(score_rows(headers, rows, tmp_path)))
    shown = [cell.value for row in dashboard_grid(composed).rows for cell in row if cell is not None]
    assert "≈ 60 – 60" in shown
    assert any(str(value).startswith("≈ is an estimate from peers") for value in shown)
    assert "≈ 60 of it estimated from peers (clients:\u00a01)" in composed.tiles[2].note
    cells = [cell for row in dashboard_grid(composed).rows for cell in row if cell is not None and cell.value == 60.0]
    # The tile, the sums of its category and of all, and the client itself.
    assert [' format="≈_"' in cell.look for cell in cells] == [True] * 4
    page = dashboard_page(composed)
    assert page.count("≈ 60</td>") == 3 and "<b>≈ 60</b>" in page
