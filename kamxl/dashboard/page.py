"""The dashboard as one self-contained HTML page, for those who do not open Excel: inline SVG, no script, no network.

The same Content as the sheet. Every text that comes from a workbook or a rule file is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from kamxl.dashboard.charts import ACCENT, GREY, ORANGE
from kamxl.dashboard.content import Content, Tile
from kamxl.dashboard.svg import Bars, Dots, Line, bar_chart, bubble_chart, line_chart
from kamxl.insight_phrases import tell
from kamxl.phrases import write_number, write_percent

_STYLE = """
:root{--ink:#1f2933;--accent:#1f4e79;--muted:#6b7280;--rule:#d9dee5;--tile:#f3f6fa}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1500px;padding:28px 32px;font:14px/1.4 Calibri,Carlito,"Segoe UI",system-ui,sans-serif;
color:var(--ink);background:#fff}
h1{margin:0;font-size:28px;color:var(--accent)}
h2{margin:0 0 8px;font-size:17px;color:var(--accent)}
.sub,.note{color:var(--muted)}.sub{margin:2px 0 18px}.note{font-size:12.5px;font-style:italic;margin:8px 0 0}
.tiles{display:grid;grid-template-columns:repeat(6,1fr);gap:12px;margin-bottom:22px}
.tile{background:var(--tile);border-left:4px solid var(--accent);border-radius:4px;padding:10px 14px}
.tile b{display:block;font-size:26px;color:var(--accent);font-variant-numeric:tabular-nums;white-space:nowrap}
.tile span{color:var(--muted);font-weight:600}.tile small{color:var(--muted);font-style:italic}
.two{display:grid;grid-template-columns:58fr 42fr;gap:28px;margin-bottom:22px}
.stack section{margin-bottom:18px}
.four{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin-bottom:22px}
figure{margin:0;border:1px solid var(--rule);border-radius:4px;padding:10px 8px 6px}
figcaption{font-weight:700;text-align:center;margin-bottom:4px}
figure p{color:var(--muted);font-style:italic;text-align:center;padding:60px 20px}
svg{display:block;width:100%;height:auto;font:11px Calibri,Carlito,"Segoe UI",sans-serif;fill:var(--muted)}
svg .grid{stroke:#e8ecf1;stroke-width:1}svg .axis{fill:var(--ink)}
table{border-collapse:collapse;width:100%;font-size:13px}
th{background:var(--accent);color:#fff;padding:4px 8px;font-weight:600;text-align:left}
td{border:1px solid var(--rule);padding:2.5px 8px}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.name,td.finding{max-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
td.name{width:34%}td.finding{width:92%}
tr.total td{font-weight:700;background:var(--tile)}
.up{color:#1e6b37;font-weight:700}.down{color:#9c2b1b;font-weight:700}
@media(max-width:1000px){.tiles{grid-template-columns:repeat(2,1fr)}.two{grid-template-columns:1fr}
.four{grid-template-columns:repeat(auto-fit,minmax(280px,1fr))}}
@media print{@page{size:A4 landscape;margin:8mm}body{padding:0;max-width:none;zoom:.56}
svg{max-height:230px}td{padding:1px 8px}.tiles,.two,.four{margin-bottom:14px}
.tiles{grid-template-columns:repeat(6,1fr)}.two{grid-template-columns:58fr 42fr}
.four{grid-template-columns:repeat(4,1fr)}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def dashboard_page(content: Content) -> str:
    """The dashboard as the text of an HTML file."""
    language = content.language
    body = "\n".join(
        (
            f"<h1>{escape(content.title)}</h1>",
            f'<p class="sub">{escape(content.subtitle)}</p>',
            f'<div class="tiles">{"".join(_tile(tile, language) for tile in content.tiles)}</div>',
            f'<div class="two">{_categories(content)}{_averages(content)}</div>',
            f'<div class="four">{"".join(_charts(content))}</div>',
            f'<div class="two">{_candidates(content)}'
            f'<div class="stack">{_movers(content)}{_spread(content)}{_quality(content)}</div></div>',
        )
    )
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(content.title)} – {escape(content.portfolio.title)}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _tile(tile: Tile, language: str) -> str:
    if tile.figure is None:
        figure = "–"
    elif tile.kind in ("percent", "percent1"):
        figure = write_percent(tile.figure, language, decimals=1 if tile.kind == "percent1" else 0)
    else:
        figure = ("≈ " if tile.is_estimated else "") + write_number(tile.figure, language, decimals=0)
    return (
        f'<div class="tile"><span>{escape(tile.label)}</span><b>{escape(figure)}</b>'
        f"<small>{escape(tile.note)}</small></div>"
    )


def _table(headers: Sequence[tuple[str, bool]], rows: Sequence[str]) -> str:
    """A table; a header says whether its column is one of numbers."""
    head = "".join(
        f'<th class="n">{escape(text)}</th>' if right else f"<th>{escape(text)}</th>" for text, right in headers
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _number(value: float | None, language: str, *, decimals: int = 0) -> str:
    return f'<td class="n">{escape("–" if value is None else _fixed(value, language, decimals))}</td>'


def _fixed(value: float, language: str, decimals: int) -> str:
    """A number with all its decimals, so that a column of scores lines up: 45.0 above 47.8."""
    text = write_number(value, language, decimals=decimals)
    point = "," if language == "fr" else "."
    return f"{text}{point}{'0' * decimals}" if decimals and point not in text.replace("\u202f", "") else text


def _percent(value: float | None, language: str, *, decimals: int = 0) -> str:
    if value is None:
        return '<td class="n">–</td>'
    shown = _fixed(value * 100, language, decimals) + ("\u00a0%" if language == "fr" else "%")
    return f'<td class="n">{escape(shown)}</td>'


def _dormant(value: float | None, language: str, *, is_estimated: bool) -> str:
    """An amount of dormant revenue; what holds an estimate is always marked."""
    if value is None:
        return _number(None, language)
    shown = ("≈ " if is_estimated else "") + write_number(value, language, decimals=0)
    return f'<td class="n">{escape(shown)}</td>'


def _category(content: Content, category: int) -> str:
    figures = content.categories[category]
    return (
        f'<td style="background:#{escape(figures.fill)};color:#{escape(figures.ink)};font-weight:700">'
        f"{escape(figures.label.text(content.language) or figures.key)}</td>"
    )


def _categories(content: Content) -> str:
    language = content.language
    keys = ("category", "clients", "share_clients", "revenue", "share_revenue", "dormant", "share_effort")
    rows = [
        f"<tr>{_category(content, position)}"
        f"{_number(figures.sums.count, language)}{_percent(figures.count_share, language)}"
        f"{_number(content.revenue(figures.sums.revenue), language)}{_percent(figures.revenue_share, language)}"
        f"{_dormant(content.dormant(figures.sums.dormant), language, is_estimated=content.is_estimated(position))}"
        f"{_percent(figures.effort_share, language)}</tr>"
        for position, figures in enumerate(content.categories)
    ]
    whole = content.portfolio.total
    rows.append(
        f'<tr class="total"><td>{escape(tell("total", language))}</td>{_number(whole.count, language)}<td></td>'
        f"{_number(content.revenue(whole.revenue), language)}<td></td>"
        f"{_dormant(content.dormant(whole.dormant), language, is_estimated=content.is_estimated())}<td></td></tr>"
    )
    headers = [(tell(key, language), number > 0) for number, key in enumerate(keys)]
    return f"<section><h2>{escape(tell('by_category', language))}</h2>{_table(headers, rows)}</section>"


def _averages(content: Content) -> str:
    language = content.language
    headers = [(tell("category", language), False), (tell("score_now", language), True)]
    headers += [(label, True) for _, label in content.families]
    headers.append((tell("completeness", language), True))
    rows = []
    for position, figures in enumerate(content.categories):
        averages = dict(figures.families)
        values = [figures.score, *(averages[key] for key, _ in content.families)]
        cells = "".join(_number(value, language, decimals=1) for value in values)
        known = _percent(figures.completeness, language)
        rows.append(f"<tr>{_category(content, position)}{cells}{known}</tr>")
    return f"<section><h2>{escape(tell('averages', language))}</h2>{_table(headers, rows)}</section>"


def _spread(content: Content) -> str:
    language = content.language
    rows = [
        f"<tr><td>{escape(line.label)}</td>{_number(line.clients, language)}"
        f"{_percent(line.share_of_buyers, language, decimals=1)}{_number(line.revenue, language)}"
        f"{_percent(line.share_of_revenue, language, decimals=1)}</tr>"
        for line in content.spread
    ]
    keys = ("", "buyers", "share", "revenue", "share")
    table = _table([(tell(key, language) if key else "", bool(key)) for key in keys], rows) if rows else ""
    note = f'<p class="note">{escape(content.spread_note)}</p>'
    return f"<section><h2>{escape(tell('spread', language))}</h2>{table}{note}</section>"


def _quality(content: Content) -> str:
    language = content.language
    title = f"<h2>{escape(tell('quality', language))}</h2>"
    if not content.quality:
        return f'<section>{title}<p class="note">{escape(tell("quality_good", language))}</p></section>'
    rows = "".join(
        f"<tr>{_one_line(line.text, 'finding')}{_number(line.count, language)}</tr>" for line in content.shown_quality()
    )
    return f"<section>{title}<table><tbody>{rows}</tbody></table></section>"


def _charts(content: Content) -> tuple[str, ...]:
    language = content.language
    titles = [tell("chart_categories", language), content.effort_title(), tell("chart_whale", language)]
    if not content.portfolio.total.count:
        return tuple(_figure(title, _missing("no_chart_clients", language)) for title in titles)
    labels = [figures.label.text(language) or figures.key for figures in content.categories]
    amounts, lines = _amount_bars(content), _curves(content)
    nothing = _missing("no_chart_revenue", language)

    def percent(value: float) -> str:
        return write_percent(value, language)

    return (
        _figure(
            titles[0],
            bar_chart(titles[0], labels, amounts, lambda value: _short(value, language)) if amounts else nothing,
        ),
        _figure(titles[1], bar_chart(titles[1], labels, _share_bars(content), percent)),
        _figure(
            titles[2],
            line_chart(titles[2], lines, percent, x_title=tell("whale_x", language), y_title=tell("whale_y", language))
            if lines
            else nothing,
        ),
        _matrix(content),
    )


def _figure(title: str, drawing: str) -> str:
    return f"<figure><figcaption>{escape(title)}</figcaption>{drawing}</figure>"


def _missing(key: str, language: str) -> str:
    return f"<p>{escape(tell(key, language))}</p>"


def _amount_bars(content: Content) -> list[Bars]:
    total, figures = content.portfolio.total, content.categories
    bars = []
    if total.revenue > 0:
        bars.append(Bars(tell("revenue", content.language), tuple(each.sums.revenue for each in figures), ACCENT))
    if total.dormant > 0:
        bars.append(Bars(tell("dormant", content.language), tuple(each.sums.dormant for each in figures), ORANGE))
    return bars


def _share_bars(content: Content) -> list[Bars]:
    figures, language = content.categories, content.language
    bars = [Bars(tell("share_clients", language), tuple(each.count_share for each in figures), GREY)]
    if content.portfolio.total.revenue > 0:
        bars.append(Bars(tell("share_revenue", language), tuple(each.revenue_share for each in figures), ACCENT))
    if content.has_effort():
        bars.append(Bars(tell("share_effort", language), tuple(each.effort_share for each in figures), ORANGE))
    return bars


def _curves(content: Content) -> list[Line]:
    portfolio, language = content.portfolio, content.language
    curves = (("revenue", portfolio.revenue_curve, ACCENT), ("profit", portfolio.profit_curve, ORANGE))
    return [
        Line(tell(key, language), curve.clients, curve.cumulative, colour)
        for key, curve, colour in curves
        if curve is not None
    ]


def _matrix(content: Content) -> str:
    language, matrix = content.language, content.portfolio.matrix
    if matrix is None:
        return _figure(content.matrix_title(), _missing("no_chart_matrix", language))
    title = content.matrix_title()
    groups = [
        Dots(
            content.label(category),
            tuple((each.x, each.y, each.size, each.name) for each in matrix.bubbles if each.category == category),
            content.strong_colour(category),
        )
        for category in sorted({bubble.category for bubble in matrix.bubbles})
    ]
    return _figure(title, bubble_chart(title, groups, x_title=matrix.x_label, y_title=matrix.y_label))


def _short(value: float, language: str) -> str:
    """An amount as an axis shows it: 67.8M, 250k."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return write_number(value / size, language) + letter
    return write_number(value, language)


def _one_line(text: str, kind: str) -> str:
    """A cell whose text stays on one line, however long it is."""
    return f'<td class="{kind}" title="{escape(text)}">{escape(text)}</td>'


def _candidates(content: Content) -> str:
    language, candidates = content.language, content.portfolio.candidates
    title = f"<h2>{escape(tell('develop', language, count=len(candidates) or 20))}</h2>"
    if not candidates:
        return f'<section>{title}<p class="note">{escape(tell("develop_none", language))}</p></section>'
    estimated = any(candidate.low is not None for candidate in candidates)
    keys = ("client", "category", "revenue", "dormant", "interval" if estimated else "score_now", "potential")
    rows = []
    for each in candidates:
        fill, ink = content.colours(each.category)
        fifth = (
            f'<td class="n">{escape(content.interval(each))}</td>'
            if estimated
            else _number(each.score, language, decimals=1)
        )
        rows.append(
            f'<tr>{_one_line(each.name, "name")}<td style="background:#{escape(fill)};color:#{escape(ink)}">'
            f"{escape(content.label(each.category))}</td>{_number(each.revenue, language)}"
            f"{_dormant(each.dormant, language, is_estimated=each.low is not None)}{fifth}"
            f"{_number(each.potential, language, decimals=1)}</tr>"
        )
    headers = [(tell(key, language), number > 1) for number, key in enumerate(keys)]
    note = f'<p class="note">{escape(tell("estimate_note", language))}</p>' if estimated else ""
    return f"<section>{title}{_table(headers, rows)}{note}</section>"


def _movers(content: Content) -> str:
    language = content.language
    rows = []
    for mover in content.shown_movers():
        kind = "up" if mover.step > 0 else "down" if mover.step < 0 else ""
        change = mover.score_change
        sign = "+" if change is not None and change > 0 else ""
        shown = "–" if change is None else sign + _fixed(change, language, 1)
        rows.append(
            f"<tr>{_one_line(mover.client, 'name')}<td>{escape(mover.before)}</td>"
            f'<td class="{kind}">{escape(mover.after)}</td><td class="n">{escape(shown)}</td></tr>'
        )
    keys = ("client", "before", "after", "change")
    table = _table([(tell(key, language), key == "change") for key in keys], rows) if rows else ""
    note = f'<p class="note">{escape(content.movers_note)}</p>' if content.movers_note else ""
    return f"<section><h2>{escape(content.movers_title)}</h2>{table}{note}</section>"
