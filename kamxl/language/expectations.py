"""The `expect:` part of a rule file: tests that travel with the rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kamxl.language import keys
from kamxl.language.fields import Fields, plain_number
from kamxl.language.model import Categories, ColumnRule, Expectation
from kamxl.language.source import Entry, Items, Mapping, Scalar, SourceNode
from kamxl.problems import suggest
from kamxl.values import NUMBER_KINDS, Value, read_cell


def read_expectations(
    fields: Fields,
    columns: tuple[ColumnRule, ...],
    categories: Categories,
    families: Sequence[str],
    *,
    refused: Collection[str] = (),
) -> tuple[Expectation, ...]:
    """The expectations of a rule file, inputs already read as values of their columns.

    `refused` are names that were declared wrongly: what stands under them is not judged.
    """
    node = fields.node("expect")
    if node is None:
        return ()
    if not isinstance(node, Items):
        fields.report("KX103", "`expect` must be a list", node.place, hint="start each test with `- {client: …`")
        return ()
    return tuple(
        _expectation(item, fields, columns, categories, families, refused=frozenset(refused)) for item in node.items
    )


def _expectation(
    node: SourceNode,
    outer: Fields,
    columns: tuple[ColumnRule, ...],
    categories: Categories,
    families: Sequence[str],
    *,
    refused: frozenset[str],
) -> Expectation:
    fields = Fields(node, outer.document, keys.EXPECTATION, what="the expectation")
    given = fields.node("given")
    entries = given.entries if isinstance(given, Mapping) else ()
    by_key = {column.key: column for column in columns}
    values = tuple(
        pair for entry in entries if entry.name not in refused and (pair := _given(entry, fields, by_key)) is not None
    )
    category = fields.text("category") or None
    known = [rule.key for rule in categories.all_rules]
    if category is not None and category not in known:
        scalar = fields.scalar("category")
        place = scalar.place if scalar is not None else fields.place
        fields.report("KX105", f"`{category}` is not a category", place, hint=suggest(category, known))
    return Expectation(
        client=fields.text("client"),
        given=values,
        score=fields.number("score"),
        category=category,
        families=_family_scores(fields, families, refused),
        completeness=fields.number("completeness"),
        place=fields.place,
    )


def _given(entry: Entry, fields: Fields, columns: dict[str, ColumnRule]) -> tuple[str, Value] | None:
    key, node = entry.name, entry.value
    column = columns.get(key)
    if column is None:
        fields.report("KX105", f"`{key}` is not a column", entry.place, hint=suggest(key, list(columns)))
        return None
    if not isinstance(node, Scalar):
        fields.report("KX103", f"`{key}` must be a single value", node.place)
        return None
    if not node.quoted and node.text.casefold() in ("", "null", "~", "missing"):
        return key, None
    number = plain_number(node.text) if column.kind in NUMBER_KINDS else None
    if number is not None:
        return key, number[0]
    reading = read_cell(node.text, column.kind)
    if reading.code:
        fields.report("KX103", f"`{key}`: {reading.message}", node.place)
        return None
    return key, reading.value


def _family_scores(fields: Fields, families: Sequence[str], refused: frozenset[str]) -> tuple[tuple[str, float], ...]:
    node = fields.node("families")
    entries = node.entries if isinstance(node, Mapping) else ()
    found = []
    for entry in entries:
        if entry.name in refused:
            continue
        if entry.name not in families:
            hint = suggest(entry.name, list(families))
            fields.report("KX105", f"`{entry.name}` is not a family", entry.place, hint=hint)
            continue
        number = fields.number_of(entry.value, f"`{entry.name}`")
        if number is not None:
            found.append((entry.name, number))
    return tuple(found)
