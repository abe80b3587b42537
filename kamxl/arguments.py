"""Command lines that are written exactly as their command declares, read without argparse.

argparse and the translations that it loads take as long as reading a rule file. It still has the word wherever
something is to be told: help, a mistake, an abbreviation, any spelling that is not plain. What a command declares is
written once, in argparse's own terms, and `tests/test_arguments.py` holds both readings to be the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

_ONE, _ANY, _SOME, _PERHAPS = None, "*", "+", "?"


class Declared:
    """The arguments of a command. Declared as with argparse's parser, of which it has what commands use."""

    def __init__(self) -> None:
        self.description = ""
        self.positional: list[_Argument] = []
        self.options: dict[str, _Argument] = {}

    def add_argument(self, *names: str, **terms: Any) -> None:
        """Declares one argument; `terms` are argparse's."""
        argument = _Argument(names, terms)
        if names[0].startswith("-"):
            self.options.update(dict.fromkeys(names, argument))
        else:
            self.positional.append(argument)


class _Argument:
    """One declared argument."""

    def __init__(self, names: Sequence[str], terms: dict[str, Any]) -> None:
        longest = next((name for name in names if name.startswith("--")), names[0])
        self.name: str = terms.get("dest", longest.lstrip("-").replace("-", "_"))
        self.is_flag = terms.get("action") == "store_true"
        self.is_repeatable = terms.get("action") == "append"
        self.count = terms.get("nargs", _ONE)
        self.default = terms.get("default", False if self.is_flag else None)
        self.is_required = terms.get("required", False)
        self._convert = terms.get("type", str)
        self._choices = terms.get("choices")

    def value_of(self, word: str) -> Any:
        """What a word says. Errors: _NotPlainError for a word that argparse would refuse."""
        try:
            value = self._convert(word)
        except Exception as error:  # argparse tells what is wrong with it
            raise _NotPlainError from error
        if self._choices is not None and value not in self._choices:
            raise _NotPlainError
        return value


class _NotPlainError(Exception):
    """What argparse is to read, or to refuse."""


def read_plainly(declared: Declared, words: Sequence[str]) -> SimpleNamespace | None:
    """The arguments as argparse gives them; None where it is to read the words itself."""
    found = {one.name: one.default for one in (*declared.positional, *declared.options.values())}
    try:
        positional = _read_options(declared, list(words), found)
        _read_positional(declared.positional, positional, found)
    except _NotPlainError:
        return None
    return SimpleNamespace(**found)


def _read_options(declared: Declared, words: list[str], found: dict[str, Any]) -> list[str]:
    """Puts the values of options into `found`; the other words."""
    positional: list[str] = []
    given = set()
    at, last_positional = 0, 0
    while at < len(words):
        word = words[at]
        at += 1
        if not word.startswith("-"):
            # Apart from each other, it is argparse's to say which is which.
            if positional and last_positional != at - 1:
                raise _NotPlainError
            positional.append(word)
            last_positional = at
            continue
        option = declared.options.get(word)
        if option is None:
            raise _NotPlainError
        given.add(option.name)
        if option.is_flag:
            found[option.name] = True
            continue
        if option.count is not _ONE or at == len(words) or words[at].startswith("-"):
            raise _NotPlainError
        value = option.value_of(words[at])
        found[option.name] = [*found[option.name], value] if option.is_repeatable else value
        at += 1
    if any(option.is_required and option.name not in given for option in declared.options.values()):
        raise _NotPlainError
    return positional


def _read_positional(arguments: Sequence[_Argument], words: list[str], found: dict[str, Any]) -> None:
    """Puts the words without an option into `found`."""
    fixed = sum(1 for argument in arguments if argument.count is _ONE)
    if len(arguments) - fixed > 1:
        raise _NotPlainError
    left = len(words) - fixed
    for argument in arguments:
        count = 1 if argument.count is _ONE else left
        mine, words = words[:count], words[count:]
        if len(mine) != count or count < (argument.count is _SOME) or (argument.count is _PERHAPS and count > 1):
            raise _NotPlainError
        values = [argument.value_of(word) for word in mine]
        if argument.count in (_ANY, _SOME):
            found[argument.name] = values or found[argument.name] or []
        elif values:
            found[argument.name] = values[0]
    if words:
        raise _NotPlainError
