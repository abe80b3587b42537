"""The small expression language: text to a tree with places.

`parse_expression` knows the grammar only; whether names exist and kinds fit is decided in `resolve.py`. No Python is
evaluated, no attribute reached, and the work is bounded by the limits below.

    or          a or b
    and         a and b
    not         not a
    comparison  a >= b, a in [x, y], a between b and c, a is missing, a is not missing
    sum         a + b - c
    product     a * b / c
    sign        -a
    atom        12, 12.5, 15%, 2026-01-31, "text", name, function(a, b), (a)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import cast

from kamxl.language.expression import (
    FUNCTIONS,
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
)
from kamxl.problems import nearest, suggest
from kamxl.records import dataclass, replace
from kamxl.values import parse_date

# Generous for people, small for machines: a condition of a page has some 200 tokens.
MOST_TOKENS = 5_000
MOST_DEPTH = 60

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<date>\d{4}-\d{2}-\d{2})(?![\w-])
    | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)(?P<percent>\s*%)?
    | (?P<text>"(?:[^"\\]|\\.)*"|'[^']*')
    | (?P<name>[^\W\d]\w*)
    | (?P<operator><=|>=|=>|=<|<>|!=|==|=|<|>|\+|-|\*|/|\(|\)|\[|\]|,)
    )""",
    re.VERBOSE,
)
_KEYWORDS = frozenset({"and", "or", "not", "in", "between", "is", "missing"})
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_FOREIGN = {"==": "=", "!=": "<>", "=>": ">=", "=<": "<="}
# What word processors, other languages and habits put in place of the signs and words of this one.
_FOREIGN_SIGNS = {
    "≥": ">=",
    "≤": "<=",
    "≠": "<>",
    "−": "-",
    "–": "-",
    "×": "*",
    "÷": "/",
    "&": "and",
    "|": "or",
    "!": "not",
}
_FOREIGN_QUOTES = "“”„«»‘’"
_FOREIGN_WORDS = {
    "et": "and", "ou": "or", "non": "not", "pas": "not", "entre": "between", "dans": "in", "est": "is",
}  # fmt: skip
_BLANK_WORDS = frozenset({"blank", "empty", "null", "none", "vide", "manquant", "absent"})


class ExpressionError(Exception):
    """An expression that is not in the language. Units: start and length in characters of its text.

    `more` are faults of other parts of the same expression, which do not follow from this one.
    """

    def __init__(self, message: str, start: int, length: int = 1, hint: str = "", code: str = "KX104") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.length = max(1, length)
        self.help = hint
        self.code = code
        self.more: tuple[ExpressionError, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def parse_expression(text: str) -> Node:
    """The tree of an expression, names not yet resolved.

    Errors: ExpressionError with the place of the smallest wrong thing.
    """
    tokens = _split(text)
    reader = _Reader(tokens)
    node = reader.read_or()
    rest = reader.peek()
    if rest.kind != "end":
        raise reader.unexpected()
    return node


def _split(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if not found or found.end() == at:
            raise _foreign_letter(text, at + len(text[at:]) - len(text[at:].lstrip()))
        kind = str(found.lastgroup if found.lastgroup != "percent" else "percent")
        start = found.start("number" if kind == "percent" else kind)
        word = text[start : found.end()]
        if word in _FOREIGN:
            raise ExpressionError(f"`{word}` is not an operator here", start, 2, f"write `{_FOREIGN[word]}`")
        if kind == "name" and word.casefold() in _KEYWORDS:
            kind, word = "keyword", word.casefold()
        tokens.append(_Token(kind, word, start, found.end()))
        if len(tokens) > MOST_TOKENS:
            raise ExpressionError(
                f"the expression has more than {MOST_TOKENS} words", start, 1, "split it into derived columns", "KX005"
            )
        at = found.end()
    tokens.append(_Token("end", "the end", end, end + 1))
    return tokens


def _foreign_letter(text: str, at: int) -> ExpressionError:
    letter = text[at]
    if unicodedata.category(letter) in ("Cf", "Cc", "Mn"):
        message = f"a character that cannot be seen stands here: {unicodedata.name(letter, 'a control character')}"
        return ExpressionError(message, at, 1, "delete it, or type the word anew")
    hint = f"write `{_FOREIGN_SIGNS[letter]}`" if letter in _FOREIGN_SIGNS else ""
    if letter in _FOREIGN_QUOTES:
        hint = 'write straight quotes: `"`'
    length = 2 if text[at : at + 2] in ("&&", "||") else 1
    return ExpressionError(f"`{text[at : at + length]}` is not part of the expression language", at, length, hint)


def _hint_for(token: _Token, before: _Token) -> str:
    word = token.text.casefold()
    if word in _FOREIGN_WORDS:
        return f"write `{_FOREIGN_WORDS[word]}`"
    if word == ",":
        return "write decimals with a point, and lists as `in [a, b]`"
    guess = nearest(word, sorted(_KEYWORDS), cutoff=0.75)
    if guess:
        return f"did you mean `{guess}`?"
    if token.kind == before.kind == "name":
        return "a name is one word, the key of a column and not its header; conditions are joined with `and` or `or`"
    return "join conditions with `and` or `or`"


class _Reader:
    """Recursive descent over the tokens; the state is the position and the depth."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def peek(self) -> _Token:
        return self._tokens[self._at]

    def unexpected(self) -> ExpressionError:
        """The error of a token where the expression could have ended."""
        token, before = self._tokens[self._at], self._tokens[self._at - 1]
        hint = _hint_for(token, before)
        return ExpressionError(f"`{token.text}` is not expected here", token.start, token.end - token.start, hint)

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _takes(self, *words: str) -> bool:
        token = self.peek()
        if token.kind in ("keyword", "operator") and token.text in words:
            self._at += 1
            return True
        return False

    def _expect(self, word: str, why: str, hint: str = "") -> _Token:
        token = self.peek()
        if token.kind not in ("keyword", "operator") or token.text != word:
            raise ExpressionError(f"`{word}` is missing {why}", token.start, token.end - token.start, hint)
        return self._next()

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise ExpressionError(
                f"the expression is nested more than {MOST_DEPTH} deep",
                token.start,
                1,
                "split it into derived columns",
                "KX005",
            )

    def read_or(self) -> Node:
        first = self._read_and()
        terms = [first]
        while self._takes("or"):
            terms.append(self._read_and())
        return first if len(terms) == 1 else Logic("or", tuple(terms), (first.span[0], terms[-1].span[1]))

    def _read_and(self) -> Node:
        first = self._read_not()
        terms = [first]
        while self._takes("and"):
            terms.append(self._read_not())
        return first if len(terms) == 1 else Logic("and", tuple(terms), (first.span[0], terms[-1].span[1]))

    def _read_not(self) -> Node:
        token = self.peek()
        if self._takes("not"):
            self._deeper(token)
            operand = self._read_not()
            self._depth -= 1
            return Not(operand, (token.start, operand.span[1]))
        return self._read_comparison()

    def _read_comparison(self) -> Node:
        left = self._read_sum()
        token = self.peek()
        if token.kind == "operator" and token.text in _COMPARISONS:
            self._next()
            right = self._read_sum()
            again = self.peek()
            if again.kind == "operator" and again.text in _COMPARISONS:
                raise ExpressionError(
                    "comparisons cannot be chained", again.start, len(again.text), "write `x between low and high`"
                )
            return Compare(token.text, left, right, (left.span[0], right.span[1]))  # type: ignore[arg-type]
        if self._takes("in"):
            choices, end = self._read_list()
            return In(left, choices, (left.span[0], end))
        if self._takes("not"):
            self._expect("in", "after `not`")
            choices, end = self._read_list()
            return Not(In(left, choices, (left.span[0], end)), (left.span[0], end))
        if self._takes("between"):
            low = self._read_sum()
            self._expect("and", "between the two ends of `between`")
            high = self._read_sum()
            return Between(left, low, high, (left.span[0], high.span[1]))
        if self._takes("is"):
            negated = self._takes("not")
            blank = self.peek().text.casefold() in _BLANK_WORDS
            end = self._expect("missing", "after `is`", "write `is missing`" if blank else "").end
            test = IsMissing(left, (left.span[0], end))
            return Not(test, test.span) if negated else test
        return left

    def _read_list(self) -> tuple[tuple[Constant, ...], int]:
        self._expect("[", "before the list", "write `in [a, b]`; between braces, put the condition in quotes")
        choices: list[Constant] = []
        while True:
            choices.append(self._read_choice())
            if not self._takes(","):
                break
        return tuple(choices), self._expect("]", "after the list").end

    def _read_choice(self) -> Constant:
        token = self._next()
        if token.kind == "operator" and token.text == "-" and self.peek().kind in ("number", "percent"):
            number = self._read_constant(self._next())
            return Constant(-cast(float, number.value), "number", (token.start, number.span[1]))
        if token.kind in ("name", "keyword"):
            return Constant(token.text, "text", (token.start, token.end))
        return self._read_constant(token)

    def _read_constant(self, token: _Token) -> Constant:
        span = (token.start, token.end)
        if token.kind == "number":
            return Constant(float(token.text), "number", span)
        if token.kind == "percent":
            return Constant(float(token.text.rstrip("% \t")) / 100, "number", span)
        if token.kind == "date":
            serial = parse_date(token.text, day_first=False)
            if serial is None:
                raise ExpressionError(f"`{token.text}` is not a day of the calendar", token.start, len(token.text))
            return Constant(serial, "date", span)
        if token.kind == "text":
            return Constant(re.sub(r"\\(.)", r"\1", token.text[1:-1]), "text", span)
        raise ExpressionError(
            f"a value is missing before `{token.text}`" if token.kind != "end" else "the expression ends too early",
            token.start,
            token.end - token.start,
        )

    def _read_sum(self) -> Node:
        return self._read_chain(("+", "-"), self._read_product)

    def _read_product(self) -> Node:
        return self._read_chain(("*", "/"), self._read_sign)

    def _read_chain(self, operators: tuple[str, str], read: Callable[[], Node]) -> Node:
        first = read()
        rest: list[tuple[str, Node]] = []
        while self.peek().kind == "operator" and self.peek().text in operators:
            operator = self._next().text
            rest.append((operator, read()))
        if not rest:
            return first
        return Arithmetic(first, tuple(rest), (first.span[0], rest[-1][1].span[1]))  # type: ignore[arg-type]

    def _read_sign(self) -> Node:
        token = self.peek()
        if self._takes("-"):
            self._deeper(token)
            operand = self._read_sign()
            self._depth -= 1
            span = (token.start, operand.span[1])
            if isinstance(operand, Constant) and operand.kind == "number":
                return Constant(-cast(float, operand.value), "number", span)
            return Negative(operand, span)
        return self._read_atom()

    def _read_atom(self) -> Node:
        token = self._next()
        if token.kind == "operator" and token.text == "(":
            self._deeper(token)
            inner = self.read_or()
            end = self._expect(")", "to close the parenthesis").end
            self._depth -= 1
            # With its parentheses, so that what is cut out of the text around it has both or none of a pair.
            return replace(inner, span=(token.start, end))
        if token.kind == "name" or (token.kind == "keyword" and token.text == "missing"):
            if self.peek().kind == "operator" and self.peek().text == "(":
                return self._read_call(token)
            if token.kind == "name":
                return Name(token.text, span=(token.start, token.end))
        return self._read_constant(token)

    def _read_call(self, token: _Token) -> Call:
        name = token.text.casefold()
        if name not in FUNCTIONS:
            raise ExpressionError(
                f"`{token.text}` is not a function of the expression language",
                token.start,
                len(token.text),
                suggest(token.text, sorted(FUNCTIONS)),
                "KX105",
            )
        self._deeper(self._next())
        arguments = [self.read_or()]
        while self._takes(","):
            arguments.append(self.read_or())
        end = self._expect(")", f"to close `{name}(`").end
        self._depth -= 1
        fewest, most = FUNCTIONS[name]
        if not fewest <= len(arguments) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise ExpressionError(f"`{name}` takes {wanted} arguments, not {len(arguments)}", token.start, len(name))
        return Call(name, tuple(arguments), span=(token.start, end))
