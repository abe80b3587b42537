"""Names in expressions resolved: bare words become texts, kinds are checked, unknown names get a did-you-mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kamxl.language.condition import ExpressionError
from kamxl.language.expression import (
    SINCE_FUNCTIONS,
    Arithmetic,
    Between,
    Call,
    Compare,
    Constant,
    In,
    IsMissing,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    ValueKind,
    kind_of,
)
from kamxl.language.lookalikes import skeleton, strange_letter
from kamxl.problems import suggest
from kamxl.records import dataclass, replace
from kamxl.values import fold, text_of

_WORDS: dict[str, str] = {"number": "a number", "text": "a text", "date": "a date", "condition": "a condition"}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a name: its kind, and its choices where it has some."""

    kind: ValueKind
    choices: tuple[str, ...] = ()


class Scope(Mapping[str, Known]):
    """The names that an expression may read; a header of the workbook is none, and tells which key was meant."""

    keys_by_header: dict[str, str]


def resolve(node: Node, scope: Scope) -> Node:
    """The expression with names checked and typed.

    Errors: ExpressionError with the place of the name or of the part whose kind does not fit.
    """
    return _Resolver(scope).resolve(node)


class _Resolver:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def resolve(self, node: Node) -> Node:
        match node:
            case Constant():
                return node
            case Name():
                return self._name(node)
            case Arithmetic():
                first, *others = self._each((node.first, *(term for _, term in node.rest)), "number")
                rest = tuple((operator, term) for (operator, _), term in zip(node.rest, others, strict=True))
                return replace(node, first=first, rest=rest)
            case Negative():
                return replace(node, operand=self._of_kind(node.operand, "number"))
            case Compare():
                return self._compare(node)
            case Logic():
                return replace(node, terms=self._each(node.terms, "condition"))
            case Not():
                return replace(node, operand=self._of_kind(node.operand, "condition"))
            case In():
                return self._in(node)
            case Between():
                return self._between(node)
            case IsMissing():
                return replace(node, operand=self.resolve(node.operand))
            case Call():
                return self._call(node)

    def _name(self, node: Name) -> Name:
        known = self._scope.get(node.name)
        if known is None:
            self._refuse_lookalike(node)
            name = self._meant(node.name)
            hint = f"did you mean `{name}`?" if name else suggest(node.name, sorted(self._scope))
            raise ExpressionError(
                f"`{node.name}` is not a column, a derived column or a family",
                node.span[0],
                len(node.name),
                hint,
                "KX105",
            )
        return replace(node, kind=known.kind)

    def _meant(self, word: str) -> str | None:
        """The name that differs in capitals only, or the key of the column with this header."""
        folded = {name.casefold(): name for name in self._scope}
        return folded.get(word.casefold()) or self._scope.keys_by_header.get(fold(word))

    def _refuse_lookalike(self, node: Name) -> None:
        seen = skeleton(node.name)
        twin = next((name for name in self._scope if skeleton(name) == seen and strange_letter(node.name + name)), None)
        if twin is not None:
            letter = strange_letter(node.name) or f"in the known name, {strange_letter(twin)}"
            raise ExpressionError(
                f"`{node.name}` looks like `{twin}` and is spelled with other letters",
                node.span[0],
                len(node.name),
                f"{letter}; type the name anew",
                "KX223",
            )

    def _each(self, nodes: Sequence[Node], wanted: ValueKind) -> tuple[Node, ...]:
        """Every node resolved. Errors: the first ExpressionError, with those of the others behind it."""
        resolved: list[Node] = []
        errors: list[ExpressionError] = []
        for node in nodes:
            try:
                resolved.append(self._of_kind(node, wanted))
            except ExpressionError as error:
                errors += (error, *error.more)
        if errors:
            # A cycle belongs to all of its columns, and a fault without words was told where it stands.
            cycle = [error for error in errors if error.code == "KX204"]
            first, *others = cycle[:1] or [error for error in errors if error.message] or errors[:1]
            first.more = tuple(others)
            raise first
        return tuple(resolved)

    def _of_kind(self, node: Node, wanted: ValueKind) -> Node:
        resolved = self.resolve(node)
        kind = kind_of(resolved)
        if kind != wanted:
            start, end = resolved.span
            raise ExpressionError(
                f"{_WORDS[wanted]} is expected here, and this is {_WORDS[kind]}", start, end - start, code="KX205"
            )
        return resolved

    def _text_side(self, node: Node, other: Node) -> Node:
        """A bare word beside a text or choice column is a text: one of its choices first, then a known name."""
        if not isinstance(node, Name):
            return self.resolve(node)
        known = self._known(other)
        if known is None or known.kind != "text":
            return self.resolve(node)
        by_fold = {fold(choice): choice for choice in known.choices}
        word = fold(node.name)
        if word in by_fold:
            return Constant(by_fold[word], "text", node.span)
        if node.name in self._scope:
            return self.resolve(node)
        if known.choices:
            self._unknown_choice(node.name, known.choices, node.span)
        return Constant(node.name, "text", node.span)

    def _known(self, node: Node) -> Known | None:
        return self._scope.get(node.name) if isinstance(node, Name) else None

    def _unknown_choice(self, word: str, choices: tuple[str, ...], span: tuple[int, int]) -> None:
        twin = next((choice for choice in choices if skeleton(choice) == skeleton(word)), None)
        if twin is not None and (letter := strange_letter(word) or strange_letter(twin)):
            where = letter if strange_letter(word) else f"in the list of choices, {letter}"
            message = f"`{word}` looks like the choice `{twin}` and is spelled with other letters"
            raise ExpressionError(message, span[0], span[1] - span[0], f"{where}; type it anew", "KX223")
        raise ExpressionError(
            f"`{word}` is not one of the choices of the column",
            span[0],
            span[1] - span[0],
            suggest(word, choices),
            "KX105",
        )

    def _check_text(self, constant: Node, other: Node) -> None:
        known = self._known(other)
        if not isinstance(constant, Constant) or constant.kind != "text":
            return
        text, start = str(constant.value), constant.span[0]
        if not text.strip():
            hint = f"write `{other.name} is missing`" if isinstance(other, Name) else "write `... is missing`"
            message = "a blank answer is missing and equals no text"
            raise ExpressionError(message, start, constant.span[1] - start, hint, "KX205")
        if known is not None and known.choices and fold(text) not in {fold(choice) for choice in known.choices}:
            self._unknown_choice(text, known.choices, constant.span)

    def _compare(self, node: Compare) -> Compare:
        # The left side first: in `status = prospect` the word may also be the name that is just being defined.
        left_known = self._known(node.left)
        if left_known is not None and left_known.kind == "text":
            left, right = self.resolve(node.left), self._text_side(node.right, node.left)
        else:
            left, right = self._text_side(node.left, node.right), self.resolve(node.right)
        self._check_text(right, left)
        self._check_text(left, right)
        self._same_kind(left, right, node.span)
        if kind_of(left) in ("text", "condition") and node.operator not in ("=", "<>"):
            raise ExpressionError(
                f"{_WORDS[kind_of(left)]} cannot be compared with `{node.operator}`",
                node.span[0],
                node.span[1] - node.span[0],
                "write `=` or `<>`",
                "KX205",
            )
        return replace(node, left=left, right=right)

    def _same_kind(self, left: Node, right: Node, span: tuple[int, int]) -> None:
        kinds = {kind_of(left), kind_of(right)}
        if len(kinds) > 1 and kinds != {"date", "number"}:
            raise ExpressionError(
                f"{_WORDS[kind_of(left)]} cannot be compared with {_WORDS[kind_of(right)]}",
                span[0],
                span[1] - span[0],
                code="KX205",
            )

    def _in(self, node: In) -> In:
        operand = self.resolve(node.operand)
        kind = kind_of(operand)
        choices = []
        for choice in node.choices:
            constant = choice
            if kind == "text" and choice.kind != "text":
                constant = replace(choice, value=text_of(choice.value), kind="text")
            self._same_kind(operand, constant, choice.span)
            self._check_text(constant, node.operand)
            choices.append(constant)
        return replace(node, operand=operand, choices=tuple(choices))

    def _between(self, node: Between) -> Between:
        operand, low, high = (self.resolve(part) for part in (node.operand, node.low, node.high))
        for part in (low, high):
            self._same_kind(operand, part, part.span)
        if kind_of(operand) in ("text", "condition"):
            raise ExpressionError("`between` needs numbers or dates", node.span[0], 1, code="KX205")
        return replace(node, operand=operand, low=low, high=high)

    def _call(self, node: Call) -> Call:
        if node.function in SINCE_FUNCTIONS:
            return replace(node, arguments=(self._of_kind(node.arguments[0], "date"),), kind="number")
        if node.function == "if":
            condition = self._of_kind(node.arguments[0], "condition")
            branches = [self._text_side(node.arguments[1], node.arguments[2]), self.resolve(node.arguments[2])]
            self._same_kind(branches[0], branches[1], node.span)
            return replace(node, arguments=(condition, *branches), kind=kind_of(branches[0]))
        if node.function == "coalesce":
            parts = tuple(self.resolve(argument) for argument in node.arguments)
            for part in parts[1:]:
                self._same_kind(parts[0], part, part.span)
            return replace(node, arguments=parts, kind=kind_of(parts[0]))
        numbers = self._each(node.arguments, "number")
        return replace(node, arguments=numbers, kind="number")
