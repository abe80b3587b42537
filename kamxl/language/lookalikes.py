"""Names that look alike and are spelled with other letters: Cyrillic `а` in place of Latin `a`, and the like."""

from __future__ import annotations

import unicodedata

from kamxl.values import fold

# Letters of other alphabets that most fonts draw like a Latin one (a selection of Unicode's confusables, by eye).
_TWINS = dict(
    zip(
        "аеорсухіјѕԁԛԝһӏԍΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІЈЅοανρτυιкмтвɡɑıǀ０１",
        "aeopcyxijsdqwhlgABEZHIKMNOPTYXABEKMHOPCTYXIJSoavptuikmtbgail01",
        strict=True,
    )
)


def skeleton(name: str) -> str:
    """What a person sees of a name: case, width, accents' encoding and borrowed letters left out."""
    if name.isascii():
        return name.casefold()
    plain = unicodedata.normalize("NFKC", name)
    visible = (letter for letter in plain if unicodedata.category(letter) not in ("Cf", "Mn"))
    return unicodedata.normalize("NFKC", "".join(_TWINS.get(letter, letter) for letter in visible)).casefold()


def plain_name(name: str) -> str:
    """The name without letters that cannot be seen, and with accents as one letter each."""
    seen = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cf", "Cc"))
    return unicodedata.normalize("NFC", seen)


def hidden_letter(name: str) -> str:
    """Words for the first letter that cannot be seen, or that is an accent of its own; empty where there is none."""
    for position, letter in enumerate(name, start=1):
        if unicodedata.category(letter) in ("Cf", "Cc", "Mn"):
            return f"character {position} is {unicodedata.name(letter, 'a control character')}"
    return ""


def strange_letter(name: str) -> str:
    """Words for the first letter of a name that is not a Latin one: ``letter 4 is CYRILLIC SMALL LETTER IE``."""
    for position, letter in enumerate(name, start=1):
        if ord(letter) > 0x24F and unicodedata.category(letter) != "Mn":
            return f"letter {position} is {unicodedata.name(letter, 'not a letter')}"
    return ""


def with_both_apostrophes(headers: tuple[str, ...]) -> tuple[str, ...]:
    """Headers as given, and then with the other apostrophe: a Mac or a word processor types `d’affaires`."""
    known = {fold(header) for header in headers}
    twins = (header.replace("'", "’") if "'" in header else header.replace("’", "'") for header in headers)
    return (*headers, *(twin for twin in dict.fromkeys(twins) if fold(twin) not in known))
