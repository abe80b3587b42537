"""What every lint gets: the rule set, its cases, its lines; and how a finding becomes a problem at its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from kamxl.digests import digest_of
from kamxl.language.expression import Node, names_in
from kamxl.language.lint.cases import Cases
from kamxl.language.model import CategoryRule, Expression, RuleSet
from kamxl.problems import Place, Problem, Severity
from kamxl.records import dataclass, field

UNSURE = "; whether such a client exists cannot be told: these numbers depend on each other"


class Subject:
    """One rule set under lint. State: what was reported already, so that no finding causes another."""

    def __init__(
        self, rules: RuleSet, lines: Sequence[str] | None, used: Collection[str] | None, *, is_draft: bool = False
    ) -> None:
        self.rules = rules
        self.is_draft = is_draft
        """Whether parts of the rules could not be read, so that nothing is known of families and the score."""
        self._given_lines = lines
        self.used = frozenset(used) if used is not None else None
        self.settled: set[int] = set()
        """Ids of condition nodes about which something was said; nothing more is said about what holds them."""
        self.dead: set[str] = set()
        """Categories of which it was said that they never match, or that they take everybody."""

    @cached_property
    def lines(self) -> Sequence[str]:
        """The lines of the rule file; read when something is found."""
        return lines_of(self.rules) if self._given_lines is None else self._given_lines

    @cached_property
    def cases(self) -> Cases:
        """Conditions as boxes; built when the first lint asks."""
        return Cases(self.rules)

    def line(self, line_1based: int) -> str:
        """One line of the rule file."""
        return self.lines[line_1based - 1] if 0 < line_1based <= len(self.lines) else ""

    def problem(self, code: str, message: str, place: Place, finding: Finding | None = None) -> Problem:
        """A problem that shows the manager's own line."""
        more = finding or Finding()
        return Problem(code, message, place, more.severity, more.help, more.notes, source_line=self.line(place.line))

    def inside(self, expression: Expression, node: Node) -> Place:
        """The place of a part of an expression; the place of the expression where it is folded over lines."""
        return self._place(expression.place, expression.text, bare_span(expression.text, node.span))

    def of_text(self, place: Place, text: str) -> Place:
        """The first place at or below `place` where a text of the rule file stands."""
        for number in range(place.line, min(place.line + 6_000, len(self.lines) + 1)):
            at = self.line(number).find(text, place.column - 1 if number == place.line else 0)
            if at >= 0:
                return Place(place.file, number, at + 1, len(text), f"{place.path}.{text}")
        return place

    def _place(self, place: Place, text: str, span: tuple[int, int]) -> Place:
        at = self.line(place.line).find(text, place.column - 1)
        if at < 0:
            return place
        return Place(place.file, place.line, at + 1 + span[0], max(1, span[1] - span[0]), place.path)

    def conditions(self) -> Iterator[Expression]:
        """Every expression of the rule set that could hold a condition, in file order."""
        yield from (derived.expression for derived in self.rules.derived)
        for family in self.rules.families:
            if family.applies is not None:
                yield family.applies
            yield from (criterion.of for criterion in family.criteria)
        yield from (rule.when for rule in self.rules.categories.rules if rule.when is not None)

    def rules_with_conditions(self) -> tuple[tuple[CategoryRule, Expression], ...]:
        """Category rules other than `otherwise`, with their conditions."""
        return tuple((rule, rule.when) for rule in self.rules.categories.rules if rule.when is not None)


def bare_span(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """A span without the parentheses around it, and without blanks inside them."""
    start, end = span
    while text[start : start + 1] == "(" and text[end - 1 : end] == ")" and _is_pair(text[start:end]):
        start, end = start + 1, end - 1
        start += len(text[start:end]) - len(text[start:end].lstrip())
        end -= len(text[start:end]) - len(text[start:end].rstrip())
    return start, end


def _is_pair(text: str) -> bool:
    """Whether the parenthesis that opens at the start closes at the end."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


@dataclass(frozen=True, slots=True)
class Finding:
    """What goes with the message of a finding."""

    severity: Severity = Severity.WARNING
    help: str = ""
    notes: tuple[tuple[str, Place], ...] = field(default=())


def lines_of(rules: RuleSet) -> tuple[str, ...]:
    """The lines of the rule file, if it still holds the text that was read; none otherwise."""
    path = Path(rules.file)
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ()
    text = text.replace("\r\n", "\n")
    return tuple(text.splitlines()) if digest_of(text.encode("utf-8")) == rules.digest else ()


def names_used(rules: RuleSet) -> frozenset[str]:
    """Names that some expression of the rule set reads."""
    nodes = [derived.expression.node for derived in rules.derived]
    nodes += [family.applies.node for family in rules.families if family.applies is not None]
    nodes += [criterion.of.node for _, criterion in rules.criteria]
    nodes += [rule.when.node for rule in rules.categories.rules if rule.when is not None]
    return frozenset(name for node in nodes for name in names_in(node))
