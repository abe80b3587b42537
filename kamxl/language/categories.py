"""The `categories:` part of a rule file read into Categories."""

from __future__ import annotations

import re

from kamxl.language import keys
from kamxl.language.condition import ExpressionError
from kamxl.language.expression import kind_of
from kamxl.language.fields import Fields
from kamxl.language.model import Categories, CategoryRule, Expression, Need, tidy
from kamxl.language.resolve import Scope, resolve
from kamxl.language.source import Mapping, SourceNode, mapping_with
from kamxl.problems import Place

_COLOUR = r"#?([0-9A-Fa-f]{6})"


def read_categories(fields: Fields, scope: Scope) -> Categories:
    """The category rules; conditions may read columns, derived columns, families, score and completeness."""
    node = fields.node("categories") or mapping_with((), fields.place)
    known = isinstance(fields.node("categories"), Mapping)
    inner = Fields(node, fields.document, keys.CATEGORIES if known else (), what="`categories`")

    def read_one(key: str, rule: SourceNode, place: Place) -> CategoryRule:
        return _category(key, rule, place, inner, scope)

    rules = inner.mapping_of("rules", read_one)
    if known and rules:
        _check_otherwise(inner)
    hold = inner.number("hold", 0.0) or 0.0
    if hold < 0:
        inner.report("KX103", "`hold` cannot be negative", inner.place)
    policy = inner.choice("policy", ("first", "unique"), "first")
    return Categories("unique" if policy == "unique" else "first", rules, _need(inner, rules), hold)


def _check_otherwise(fields: Fields) -> None:
    node = fields.node("rules")
    entries = node.entries if isinstance(node, Mapping) else ()
    written = [entry for entry in entries if isinstance(entry.value, Mapping) and entry.value.get("otherwise")]
    if not written and all(isinstance(e.value, Mapping) and e.value.get("when") for e in entries):
        # Where a category has neither key, that is said at the category.
        fields.report(
            "KX101",
            "no category has `otherwise: true`",
            node.place if node is not None else fields.place,
            hint="end the rules with a category for all other clients: `small: {otherwise: true}`",
        )
    elif not written:
        return
    elif len(written) > 1:
        fields.report("KX106", "two categories have `otherwise`", written[1].place, hint="keep the last one")
    elif written[0] is not entries[-1]:
        behind = entries[entries.index(written[0]) + 1].place
        fields.report("KX206", "rules behind `otherwise` can never match", behind, hint="put it last")


def _category(key: str, node: SourceNode, place: Place, outer: Fields, scope: Scope) -> CategoryRule:
    fields = Fields(node, outer.document, keys.CATEGORY, what=f"category `{key}`")
    otherwise = fields.yes_no("otherwise")
    when = _condition(fields, scope)
    if isinstance(node, Mapping):
        has_when, has_otherwise = fields.node("when") is not None, fields.node("otherwise") is not None
        known = {one.name for one in keys.CATEGORY}
        if has_when and otherwise:
            message = f"category `{key}` has both `when` and `otherwise`"
            fields.report("KX101", message, place, hint="give it one of them")
        elif not has_when and not has_otherwise and known.issuperset(node.keys()):
            # An unknown key has been reported, and may well be the one that is missing.
            message = f"category `{key}` has neither `when` nor `otherwise`"
            fields.report("KX101", message, place, hint="give it one of them")
    at_most = fields.number("at_most")
    if at_most is not None and (at_most < 0 or at_most != int(at_most)):
        fields.report("KX103", f"`at_most` must be a whole number of clients, not {at_most:g}", fields.place)
        at_most = None
    if at_most is not None and otherwise:
        fields.report("KX103", "`otherwise` cannot have a capacity: nobody is left to take the rest", fields.place)
    return CategoryRule(
        key=key,
        label=fields.label("label", tidy(key)),
        when=when,
        process=fields.text("process"),
        at_most=int(at_most) if at_most is not None else None,
        colour=read_colour(fields),
        place=place,
    )


def read_colour(fields: Fields) -> str:
    """A colour written RRGGBB; empty when none is given."""
    scalar = fields.scalar("colour")
    if scalar is None:
        return ""
    found = re.fullmatch(_COLOUR, scalar.text)
    if found is None:
        fields.report("KX103", f"`{scalar.text}` is not a colour", scalar.place, hint='write six hex digits: "DDEFE0"')
        return ""
    return found[1].upper()


def _condition(fields: Fields, scope: Scope) -> Expression | None:
    scalar = fields.scalar("when")
    node = fields.expression(scalar) if scalar is not None else None
    if scalar is None or node is None:
        return None
    try:
        tree = resolve(node, scope)
        if kind_of(tree) != "condition":
            raise ExpressionError(
                "a condition is expected here", 0, len(scalar.text), "compare it: `history >= 60`", "KX205"
            )
    except ExpressionError as error:
        fields.report_expression(error, scalar)
        return None
    return Expression(scalar.text, tree, scalar.place)


def _need(fields: Fields, rules: tuple[CategoryRule, ...]) -> Need | None:
    node = fields.node("need")
    if node is None:
        return None
    inner = Fields(node, fields.document, keys.NEED, what="`need`")
    completeness = inner.number("completeness", 0.0) or 0.0
    if not 0 <= completeness <= 1:
        inner.report("KX103", "`completeness` runs from 0% to 100%", inner.place, hint="write `completeness: 50%`")
    key = inner.text("else")
    if any(rule.key == key for rule in rules):
        inner.report("KX106", f"`else: {key}` is already a category", inner.place, hint="choose another name")
    category = CategoryRule(
        key=key,
        label=inner.label("label", tidy(key)),
        when=None,
        process=inner.text("process"),
        colour=read_colour(inner),
        place=inner.place,
    )
    return Need(completeness, category)
