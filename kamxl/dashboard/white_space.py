"""The sheet *KAM White space*: clients x products, what is bought and what peers suggest, marked as an estimate."""

from __future__ import annotations

import math

from kamxl.canvas import Canvas
from kamxl.dashboard.content import Content
from kamxl.insight_phrases import tell
from kamxl.looks import RULE, number_look
from kamxl.phrases import write_number, write_percent
from kamxl.portfolio.peers import WhiteSpace
from kamxl.table import Grid

WHITE_SPACE_SHEET = "KAM White space"
# More lines than this nobody reads; the largest estimates come first.
MOST_CLIENTS = 500
_LINE = f"border={RULE} valign=vcenter"
_BOUGHT = f"{number_look('money')} {_LINE}"
_ESTIMATE = f"{number_look('money', is_estimated=True)} fill=FFF1DE colour=8A4B08 italic {_LINE}"
_HEADER_ROW = 4


def white_space_grid(content: Content, *, stamp: str = "") -> Grid:
    """The grid of a portfolio with product columns.

    Errors: ValueError for a portfolio without white space - a bug of ours.
    """
    portfolio, language = content.portfolio, content.language
    found = portfolio.dormant.white_space
    if found is None:
        raise ValueError("a portfolio without product columns has no white space")
    products = found.purchases.products
    canvas = Canvas()
    canvas.put(0, 0, tell("white_space", language), "title")
    canvas.set_height(0, 28.0)
    last = 4 + len(products)
    canvas.spread(1, 0, tell("white_space_note", language), "note", to_column=max(last, 6))
    canvas.set_height(1, 38.0)
    order, count = _largest_first(found)
    canvas.put(2, 0, stamp, "label")
    if count > len(order):
        shown, whole = (write_number(number, language, decimals=0) for number in (len(order), count))
        cut = tell("white_space_cut", language, shown=shown, count=whole)
        canvas.put(2, 0, " · ".join(filter(None, (cut, stamp))), "label")
    headers = [tell("client", language), tell("category", language), tell("segment", language), *products]
    headers += [tell(key, language) for key in ("estimate", "interval", "peers")]
    canvas.put_row(_HEADER_ROW, 0, headers, "header")
    canvas.put_row(_HEADER_ROW, 3, headers[3 : 4 + len(products)], "header align=right format=@__")
    canvas.set_height(_HEADER_ROW, 32.0)
    for number, row in enumerate(order, start=_HEADER_ROW + 1):
        _put_client(canvas, content, found, number, row)
    widths = (30.0, 22.0, 20.0, *([13.0] * len(products)), 13.0, 20.0, 90.0)
    return canvas.grid(
        WHITE_SPACE_SHEET,
        widths=widths,
        freeze=(_HEADER_ROW + 1, 1),
        repeat_rows=(_HEADER_ROW, _HEADER_ROW),
        tab_colour="E08A1E",
    )


def _largest_first(found: WhiteSpace) -> tuple[list[int], int]:
    """(rows to show, number of clients that buy or could): largest estimates, then largest purchases."""
    import numpy as np

    estimate = np.nan_to_num(found.totals()[1])
    bought = np.nan_to_num(np.where(found.purchases.amounts > 0, found.purchases.amounts, 0.0)).sum(axis=1)
    rows = np.flatnonzero((bought > 0) & ((estimate > 0) | (bought > 0)))
    order = rows[np.lexsort((rows, -bought[rows], -estimate[rows]))]
    return order[:MOST_CLIENTS].tolist(), len(rows)


def _put_client(canvas: Canvas, content: Content, found: WhiteSpace, at: int, row: int) -> None:
    portfolio, language = content.portfolio, content.language
    clients, purchases = portfolio.clients, found.purchases
    category = int(clients.category[row])
    fill, ink = content.colours(category)
    canvas.put(at, 0, clients.names[row], f"text {_LINE}")
    canvas.put(at, 1, content.label(category), f"text size=9 fill={fill} colour={ink} {_LINE}")
    canvas.put(at, 2, purchases.segments[row] or "–", f"text {_LINE}")
    reasons = []
    for column in range(len(purchases.products)):
        amount, estimate = float(purchases.amounts[row, column]), float(found.middle[row, column])
        if amount > 0:
            canvas.put(at, 3 + column, amount, _BOUGHT)
        elif math.isfinite(estimate):
            canvas.put(at, 3 + column, estimate, _ESTIMATE)
            reasons.append((estimate, column))
        else:
            canvas.put(at, 3 + column, None, _BOUGHT)
    after = 3 + len(purchases.products)
    total = sum(estimate for estimate, _ in reasons)
    if reasons:
        canvas.put(at, after, total, f"{_ESTIMATE} bold")
    else:
        canvas.put(at, after, "–", _BOUGHT)
    canvas.put(at, after + 1, _interval(found, row, language) if reasons else "", f"text size=9 {_LINE}")
    why = "; ".join(_why(content, found, row, column) for _, column in sorted(reasons, reverse=True)[:2])
    canvas.put(at, after + 2, why, f"wrap size=9 {_LINE}")


def _interval(found: WhiteSpace, row: int, language: str) -> str:
    edges = []
    for amounts in (found.low, found.high):
        known = [float(amount) for amount in amounts[row] if math.isfinite(amount)]
        edges.append(write_number(sum(known), language, decimals=0))
    return tell("interval_text", language, low=edges[0], high=edges[1])


def _why(content: Content, found: WhiteSpace, row: int, column: int) -> str:
    group = int(found.group[row])
    return tell(
        "why_estimate",
        content.language,
        product=found.purchases.products[column],
        adoption=write_percent(float(found.adoption[row, column]), content.language),
        count=write_number(found.peer_count(row), content.language, decimals=0),
        group=found.group_names[group] or tell("peers_all", content.language),
        peers=", ".join(found.named_peers(row, column)),
    )
