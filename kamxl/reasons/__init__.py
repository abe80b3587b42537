"""`Why` and `Next step` of all clients at once: the texts of `explain.why_line` and `next_step.next_step`, in bulk.

Rows with overrides, unusable cells or no score are told by those definitions themselves, and so are next steps that few
rows have; all others are decided on whole blocks, and text is made once for each distinct value. Equal to the
definitions letter by letter.
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
    # Who scores row by row may have no NumPy.
    if hasattr(scored.values, "block"):
        from kamxl.reasons.bulk import tell_blocks

        told = tell_blocks(scored, empty, language)
        why, following, single, untried = told.why, told.following, told.rest_of_why, told.rest_of_following
    else:
        why, following = [""] * len(empty), [""] * len(empty)
        single = untried = [row for row, skip in enumerate(empty) if not skip]
    if untried:
        explainer = Explainer(scored, language, rows=untried)
        trials = Trials(explainer)
        for row in single:
            why[row] = why_line(explainer, row)
        for row in untried:
            following[row] = next_step(trials, row, explainer.row_values(row))
    return why, following
