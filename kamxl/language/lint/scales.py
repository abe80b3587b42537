"""Lints `never-full` and `listed-twice`: what the scale of one criterion gives. Decided exactly."""

from __future__ import annotations

from collections.abc import Iterator

from kamxl.language.expression import In, walk
from kamxl.language.lint.findings import Finding, Subject
from kamxl.language.lint.ranges import points_range
from kamxl.language.lint.wording import show_constant, show_edge
from kamxl.problems import Place, Problem
from kamxl.values import fold, quantise


def find_scales_below_full(subject: Subject) -> Iterator[Problem]:
    """Criteria whose best answer gives fewer points than the scale allows, or that give all answers the same."""
    full = subject.rules.scale
    for _, criterion in subject.rules.criteria:
        points = points_range(criterion.scale, full)
        if points.low == points.high:
            message = f"every answer to `{criterion.key}` gets {show_edge(points.high)} points"
            yield subject.problem(
                "KX214", message, criterion.scale_place, Finding(help="give different answers different points")
            )
        elif points.high < full:
            best = f"its best answer gets {show_edge(points.high)} of {show_edge(full)}"
            message = f"`{criterion.key}` never gives full points: {best}"
            hint = f"give the best answer {show_edge(full)} points, or lower the weight of the criterion instead"
            yield subject.problem("KX212", message, criterion.scale_place, Finding(help=hint))


def find_listed_twice(subject: Subject) -> Iterator[Problem]:
    """Values that stand twice in one `in [...]`, choices or headers that stand twice, in the same or two columns."""
    for expression in subject.conditions():
        for node in walk(expression.node):
            if not isinstance(node, In):
                continue
            seen: set[str | float] = set()
            for choice in node.choices:
                key = fold(choice.value) if isinstance(choice.value, str) else quantise(choice.value)
                if key in seen:
                    yield subject.problem(
                        "KX211",
                        f"{show_constant(choice)} is listed twice",
                        subject.inside(expression, choice),
                        Finding(help="keep one of them"),
                    )
                seen.add(key)
    yield from _repeated_choices(subject)
    yield from _repeated_headers(subject)


def _repeated_choices(subject: Subject) -> Iterator[Problem]:
    for column in subject.rules.columns:
        seen: set[str] = set()
        for choice in column.choices:
            if fold(choice) in seen:
                message = f"choice `{choice}` of `{column.key}` is listed twice"
                yield subject.problem("KX211", message, column.place, Finding(help="keep one of them"))
            seen.add(fold(choice))


def _repeated_headers(subject: Subject) -> Iterator[Problem]:
    first: dict[str, tuple[str, Place]] = {}
    for column in subject.rules.columns:
        for header in column.headers:
            known = first.get(fold(header))
            # The same header in other capitals costs nothing within one column.
            if known is not None and (known[0] != column.key or column.headers.count(header) > 1):
                message = f"header `{header}` is listed twice, for `{known[0]}` and `{column.key}`"
                if known[0] == column.key:
                    message = f"header `{header}` of `{column.key}` is listed twice"
                yield subject.problem(
                    "KX211",
                    message,
                    column.place,
                    Finding(help="keep one of them", notes=(("first listed here", known[1]),)),
                )
            first.setdefault(fold(header), (column.key, column.place))
