"""What a template may cost: steps, seconds, characters. Jinja's sandbox stops escapes, not expensive work.

Measured on plain Jinja: `'a' * 10 ** 9` takes 22 s, 3000 x 3000 loops 5 s (facts/lossless.md, section 6).
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from jinja2 import nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, Undefined, markup_join
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

MOST_STEPS = 200_000
MOST_SECONDS = 1.2
MOST_CHARACTERS = 1_000_000
MOST_RANGE = 10_000
MOST_DEPTH = 4
LARGEST_NUMBER = 1e300
# The clock is asked once in so many steps.
_CLOCK_EVERY = 64


class LimitError(SecurityError):
    """A template went beyond one of its limits."""


class Budget:
    """What one rendering has used; the state is the count and the deadline."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """A fresh budget for the next rendering."""
        self._steps = 0
        self._deadline = time.thread_time() + MOST_SECONDS

    def step(self) -> None:
        """One more step of a loop, a call, or an include. Errors: LimitError beyond the limits."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise LimitError(f"the template takes more than {MOST_STEPS:,} steps; a loop is too long")
        if self._steps % _CLOCK_EVERY == 0 and time.thread_time() > self._deadline:
            raise LimitError(f"the template takes more than {MOST_SECONDS} seconds")

    def counted(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items, each of which is a step."""
        for item in items:
            self.step()
            yield item


def join_capped(pieces: Iterable[str]) -> str:
    """Texts in one. Errors: LimitError when it is too long."""
    total, kept = 0, []
    for piece in pieces:
        total += len(piece)
        if total > MOST_CHARACTERS:
            raise LimitError(f"the text is longer than {MOST_CHARACTERS:,} characters")
        kept.append(piece)
    return "".join(kept)


def single(value: Any) -> Any:
    """The value, if it is one value: comparing and writing nested lists can take exponential time."""
    if isinstance(value, (list, tuple, dict, set)):
        raise LimitError("a list stands where a single value is expected")
    return value


def nested(value: Any) -> Any:
    """The list or mapping, if it is not nested too deep."""
    _check_depth(value, MOST_DEPTH)
    return value


def _check_depth(value: Any, left: int) -> None:
    if not isinstance(value, (list, tuple, dict)):
        return
    if left == 0:
        raise LimitError(f"lists are nested more than {MOST_DEPTH} deep")
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (list, tuple, dict)):
            _check_depth(item, left - 1)


@pass_context
def counted(context: Context, items: Any) -> Iterator[Any]:
    """The items of a loop, counted. `pass_context` also keeps Jinja from carrying the loop out while compiling."""
    if isinstance(items, Undefined):
        return iter(items)
    budget: Budget = context.environment.budget  # type: ignore[attr-defined]
    return budget.counted(items)


def joined(items: Sequence[Any]) -> str:
    """What `~` makes of its operands."""
    for item in items:
        single(item)
    text = markup_join(items)
    return Markup(join_capped([text])) if isinstance(text, Markup) else join_capped([text])


def limited_range(*bounds: int) -> range:
    """A range of whole numbers. Errors: LimitError when it is too long."""
    numbers = range(*bounds)
    if len(numbers) > MOST_RANGE:
        raise LimitError(f"range() gives more than {MOST_RANGE:,} numbers")
    return numbers


def limited_binop(sign: str, left: Any, right: Any) -> Any:
    """`+`, `*`, `**`, `%` on numbers of ordinary size; `+` on texts and lists of ordinary length."""
    if sign == "+" and isinstance(left, (str, list, tuple)) and isinstance(right, (str, list, tuple)):
        if len(left) + len(right) > (MOST_CHARACTERS if isinstance(left, str) else MOST_RANGE):
            raise LimitError("the sum of the two texts or lists is too long")
        return operator.add(left, right)
    if isinstance(left, Undefined) or isinstance(right, Undefined):
        return _OPERATORS[sign](left, right)
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        raise LimitError(f"`{sign}` works on numbers only; join texts with `~`")
    if sign == "**" and (abs(right) > 64 or abs(left) > 1e9):
        raise LimitError("`**` takes numbers up to a billion and exponents up to 64")
    if abs(left) > LARGEST_NUMBER or abs(right) > LARGEST_NUMBER:
        raise LimitError("the number is too large")
    return _OPERATORS[sign](left, right)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "*": operator.mul,
    "**": operator.pow,
    "%": operator.mod,
}


class LimitLoops(NodeTransformer):
    """Puts the limits into the tree of a template: loops counted, joins capped, only single values compared."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's visitor asks for this name
        """A loop over counted items."""
        self.generic_visit(node)
        if node.recursive:
            raise LimitError(f"line {node.lineno}: recursive loops are not allowed")
        node.iter = _call("_counted", node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        """`a ~ b` with a limit on its length."""
        self.generic_visit(node)
        return _call("_joined", nodes.List(node.nodes, lineno=node.lineno))

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        """A comparison of single values; the list behind `in` may be one."""
        self.generic_visit(node)
        node.expr = _call("_single", node.expr)
        for operand in node.ops:
            if operand.op not in ("in", "notin"):
                operand.expr = _call("_single", operand.expr)
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        """A list that is not too deep."""
        self.generic_visit(node)
        return _call("_nested", node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802
        """A mapping that is not too deep."""
        self.generic_visit(node)
        return _call("_nested", node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        """A tuple that is not too deep; the names of a loop are a tuple too, and stay."""
        self.generic_visit(node)
        return _call("_nested", node) if node.ctx == "load" else node


def _call(filter_name: str, node: Any) -> nodes.Filter:
    return nodes.Filter(node, filter_name, [], [], None, None, lineno=node.lineno)


LIMIT_FILTERS: dict[str, Callable[..., Any]] = {
    "_counted": counted,
    "_joined": joined,
    "_single": single,
    "_nested": nested,
}
