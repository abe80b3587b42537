"""`Why` and `Next step` of all clients at once: the texts of `explain.why_line` and `next_step.next_step`, in bulk.

Why of rows with overrides, unusable cells or no score is told by the definition itself; all others are decided on
whole blocks, and text is made once for each distinct value. Equal to the definitions letter by letter.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamxl.backends import Scored
from kamxl.evidence import Explainer
from kamxl.explain import why_line
from kamxl.next_step import next_step
from kamxl.trial import Trials


def reason_texts(scored: Scored, empty: Sequence[bool], language: str) -> tuple[list[str], list[str]]:
    """(why, next step) of every row, empty for a row without a client. Shapes: empty (n,)."""
    clients = [row for row, skip in enumerate(empty) if not skip]
    why, rest = [""] * len(empty), clients
    # Who scores row by row may have no NumPy.
    if hasattr(scored.values, "block"):
        from kamxl.reasons.bulk import tell_blocks

        why, rest = tell_blocks(scored, empty, language)
    explainer = Explainer(scored, language, rows=None if len(clients) == len(empty) else clients)
    for row in rest:
        why[row] = why_line(explainer, row)
    trials, following = Trials(explainer), [""] * len(empty)
    for row in clients:
        following[row] = next_step(trials, row, explainer.row_values(row))
    return why, following
