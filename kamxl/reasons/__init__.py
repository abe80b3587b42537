"""`Why` and `Next step` of all clients at once: the texts of `explain.why_line` and `next_step.next_step`, in bulk.

Rows with overrides, unusable cells or no score are told by those definitions themselves; all others are decided on
whole blocks, and text is made once for each distinct value. Equal to the definitions letter by letter.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamxl.backends import Scored
from kamxl.evidence import Explainer
from kamxl.explain import why_line
from kamxl.next_step import next_step


def reason_texts(scored: Scored, empty: Sequence[bool], language: str) -> tuple[list[str], list[str]]:
    """(why, next step) of every row, empty for a row without a client. Shapes: empty (n,)."""
    # Who scores row by row may have no NumPy.
    if hasattr(scored.values, "block"):
        from kamxl.reasons.bulk import tell_blocks

        why, following, rest = tell_blocks(scored, empty, language)
    else:
        why, following = [""] * len(empty), [""] * len(empty)
        rest = [row for row, skip in enumerate(empty) if not skip]
    if rest:
        explainer = Explainer(scored, language, rows=rest)
        for row in rest:
            values = explainer.row_values(row)
            why[row] = why_line(explainer, row, values)
            following[row] = next_step(explainer, row, values)
    return why, following
