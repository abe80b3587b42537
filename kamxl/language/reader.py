"""Nodes to a RuleSet: all faults of a rule file collected in one reading, each at its place.

`read_rules` is the one entry; the parts of a rule file are read top down, expressions are resolved last, when every
name is known. Problems of meaning (gaps, unreachable rules) are `lint`'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from kamxl.language import keys
from kamxl.language.categories import read_categories
from kamxl.language.condition import ExpressionError
from kamxl.language.expectations import read_expectations
from kamxl.language.expression import Name, Node, kind_of
from kamxl.language.fields import Fields, plain_number
from kamxl.language.lookalikes import hidden_letter, plain_name, with_both_apostrophes
from kamxl.language.model import (
    LANGUAGE_VERSION,
    TOTAL_NAMES,
    ColumnRule,
    Criterion,
    Derived,
    Expression,
    Family,
    Label,
    Listed,
    MissingPolicy,
    RuleSet,
    YesNo,
    tidy,
)
from kamxl.language.resolve import resolve
from kamxl.language.scales import read_scale, scale_place
from kamxl.language.scope import NameScope
from kamxl.language.sections import restore_sections
from kamxl.language.source import Document, Mapping, Scalar, SourceNode, mapping_with, parse_text, read_document
from kamxl.language.weighing import check_weights
from kamxl.problems import KamxlError, Place, Problem, has_errors, merge_twins, sort_problems, suggest
from kamxl.values import Kind, fold

_NAME = re.compile(r"[^\W\d]\w*")


def read_rules(path: Path) -> tuple[RuleSet | None, tuple[Problem, ...]]:
    """The rule set of a YAML file, and every problem found in it; None when one of them is an error."""
    try:
        return read_rules_document(read_document(path))
    except KamxlError as error:
        return None, error.problems


def read_rules_text(text: str, file: str = "<text>") -> tuple[RuleSet | None, tuple[Problem, ...]]:
    """The rule set of YAML text; `file` is the name that places show."""
    try:
        return read_rules_document(parse_text(text, file))
    except KamxlError as error:
        return None, error.problems


def read_draft(path: Path) -> tuple[RuleSet | None, tuple[Problem, ...]]:
    """What could be read of a rule file although parts of it are wrong, and every problem; None when it is no YAML.

    Not for a run: what is wrong is left out or stands at its default.
    """
    try:
        document = read_document(path)
        return _read(document), merge_twins(sort_problems(document.problems))
    except KamxlError as error:
        return None, error.problems


def load_rules(path: Path) -> RuleSet:
    """The rule set of a file that must be right. Errors: KamxlError with every problem."""
    rules, problems = read_rules(path)
    if rules is None:
        raise KamxlError(problems)
    return rules


def read_rules_document(document: Document) -> tuple[RuleSet | None, tuple[Problem, ...]]:
    """The rule set of a composed document."""
    rules = _read(document)
    problems = merge_twins(sort_problems(document.problems))
    return (None if has_errors(problems) else rules), problems


def _read(document: Document) -> RuleSet:
    root = document.root or mapping_with((), Place(document.file, 1, 1))
    if isinstance(root, Mapping) and root.get("families") is None and {"stages", "processes"} <= set(root.keys()):
        place = next(entry.place for entry in root.entries if entry.name == "processes")
        hint = "name the rule file, and this one with -p: `kamxl check kam.yml -p processes.yml`"
        raise KamxlError(document.problem("KX103", "this is a process file, not a rule file", place, help=hint))
    if isinstance(root, Mapping):
        root = restore_sections(root, document)
    return _Reader(Fields(root, document, keys.RULE_FILE, what="the rule file")).read()


def missing_policy(fields: Fields, key: str, default: MissingPolicy, scale: float) -> MissingPolicy:
    """What a blank answer does: skip, zero, a number of points, or error."""
    scalar = fields.scalar(key)
    if scalar is None:
        return default
    match scalar.text.casefold():
        case "skip":
            return MissingPolicy("skip")
        case "zero":
            return MissingPolicy("points", 0.0)
        case "error":
            return MissingPolicy("error")
    number = plain_number(scalar.text)
    if number is None:
        fields.report(
            "KX103", f"`{key}` cannot be `{scalar.text}`", scalar.place, hint="write skip, zero, error or points"
        )
        return default
    if not 0 <= number[0] <= scale:
        fields.report("KX222", f"points run from 0 to {scale:g}, not {number[0]:g}", scalar.place)
    return MissingPolicy("points", number[0])


def _is_percent(fields: Fields, key: str) -> bool:
    scalar = fields.node(key)
    found = plain_number(scalar.text) if isinstance(scalar, Scalar) else None
    return found is not None and found[1]


class _Reader:
    """Reads one rule file; the state is what is known so far of names."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.document = fields.document
        self.scale = 10.0
        self.missing = MissingPolicy()
        self.names: dict[str, Place] = {}
        self.refused: set[str] = set()
        self.scope: NameScope = NameScope((), {})
        self.columns: tuple[ColumnRule, ...] = ()

    def read(self) -> RuleSet:
        fields = self.fields
        self._check_version()
        language = fields.choice("language", ("en", "fr"), "en")
        self.scale = self._scale()
        self.missing = missing_policy(fields, "missing", MissingPolicy(), self.scale)
        self.columns = fields.mapping_of("columns", self._column)
        self._check_roles()
        derived = self._derived()
        families = fields.mapping_of("families", self._family)
        check_weights(fields, "families", "the families")
        self.scope.add_numbers([*(family.key for family in families), *TOTAL_NAMES])
        categories = read_categories(fields, self.scope)
        as_of = fields.text("as_of", "today")
        return RuleSet(
            name=fields.label("name", "Rules"),
            version=fields.text("version"),
            language=language,
            as_of=None if as_of == "today" else fields.date("as_of"),
            scale=self.scale,
            missing=self.missing,
            decimal_comma=fields.choice("decimal", ("point", "comma"), "comma" if language == "fr" else "point")
            == "comma",
            columns=self.columns,
            derived=derived,
            families=families,
            categories=categories,
            expect=read_expectations(
                fields, self.columns, categories, [family.key for family in families], refused=self.refused
            ),
            file=self.document.file,
            digest=self.document.digest,
        )

    def _check_version(self) -> None:
        scalar = self.fields.scalar("kamxl")
        if scalar is not None and scalar.text != str(LANGUAGE_VERSION):
            self.fields.report(
                "KX107",
                f"this kamxl reads rule files of version {LANGUAGE_VERSION}, not `{scalar.text}`",
                scalar.place,
                hint=f"write `kamxl: {LANGUAGE_VERSION}`, or update kamxl",
            )

    def _scale(self) -> float:
        scale = self.fields.number("scale", 10.0) or 0.0
        if scale <= 0:
            node = self.fields.node("scale") or self.fields.mapping
            self.fields.report("KX103", "`scale` must be a number above 0", node.place)
            return 10.0
        return scale

    def _claim(self, name: str, place: Place) -> bool:
        """Columns, derived columns and families share one name space, so that an expression is never ambiguous."""
        if not _NAME.fullmatch(name):
            hidden = hidden_letter(name)
            hint = f"{hidden}; type the name anew" if hidden else "use letters, digits and _"
            self.fields.report("KX103", f"`{name}` cannot be a name", place, hint=hint)
            self.refused |= {name, plain_name(name)}
            return False
        first = self.names.get(name)
        if name in TOTAL_NAMES or first is not None:
            what = "is a name that kamxl uses" if first is None else "is used twice"
            self.document.problems.append(
                self.document.problem(
                    "KX106",
                    f"name `{name}` {what}",
                    place,
                    help="choose another name",
                    notes=(("first used here", first),) if first is not None else (),
                )
            )
            return False
        self.names[name] = place
        return True

    def _column(self, key: str, node: SourceNode, place: Place) -> ColumnRule | None:
        fields = Fields(node, self.document, keys.COLUMN, what=f"column `{key}`")
        claimed = self._claim(key, place)
        kind: Kind = fields.choice("kind", keys.COLUMN[1].choices, "number")  # type: ignore[assignment]
        choices = tuple(scalar.text for scalar in fields.texts("choices"))
        if "kind" in fields.doubts:
            # What the cells hold is not known: nothing that reads the column can be judged.
            self.refused.add(key)
        elif choices and kind != "choice":
            message = f"column `{key}` lists choices, and its kind is `{kind}`"
            node_of_choices = fields.node("choices")
            at = node_of_choices.place if node_of_choices is not None else place
            fields.report("KX103", message, at, hint="write `kind: choice`, or take the choices out")
            kind = "choice"
        if kind == "choice" and not choices:
            fields.report(
                "KX101", f"key `choices` is missing in column `{key}`", node.place, hint="list the allowed values"
            )
        given = tuple(scalar.text for scalar in fields.texts("headers"))
        # A key cannot hold a blank, the header that it stands for often does.
        headers = with_both_apostrophes(given) or tuple(dict.fromkeys((key.replace("_", " "), key)))
        column = ColumnRule(
            key=key,
            headers=headers,
            kind=kind,
            unit=fields.text("unit"),
            choices=choices,
            role=fields.choice("role", keys.COLUMN[4].choices, ""),
            optional=fields.yes_no("optional"),
            label=fields.label("label", headers[0]),
            place=place,
        )
        return column if claimed else None

    def _check_roles(self) -> None:
        for role in ("id", "name"):
            holders = [column for column in self.columns if column.role == role]
            for extra in holders[1:]:
                self.fields.report(
                    "KX106", f"role `{role}` is given to two columns", extra.place, hint="keep one of them"
                )

    def _derived(self) -> tuple[Derived, ...]:
        written: dict[str, tuple[Scalar, Node | None, Place]] = {}
        labels: dict[str, Label] = {}

        def read_one(key: str, node: SourceNode, place: Place) -> None:
            scalar = node if isinstance(node, Scalar) else None
            if isinstance(node, Mapping):
                fields = Fields(node, self.document, keys.DERIVED, what=f"derived column `{key}`")
                scalar, labels[key] = fields.scalar("of"), fields.label("label")
            elif scalar is None:
                self.fields.report("KX103", f"derived column `{key}` must be an expression", node.place)
            if scalar is not None and self._claim(key, place):
                written[key] = (scalar, self.fields.expression(scalar), place)

        self.fields.mapping_of("derived", read_one)
        self.scope = NameScope(self.columns, {key: node for key, (_, node, _) in written.items()}, self.refused)
        for key, (scalar, _, _) in written.items():
            try:
                self.scope.settle(key)
            except ExpressionError as error:
                self.fields.report_expression(error, scalar)
        for key, fault in self.scope.faults:
            self.fields.report_expression(fault, written[key][0])
        return tuple(
            Derived(
                key,
                Expression(written[key][0].text, node, written[key][0].place),
                labels.get(key, Label(())),
                written[key][2],
            )
            for key, node in self.scope.resolved.items()
        )

    def _resolved(self, fields: Fields, key: str, wanted: Sequence[str]) -> Expression | None:
        scalar = fields.scalar(key)
        node = fields.expression(scalar) if scalar is not None else None
        if scalar is None or node is None:
            return None
        return self._expression(fields, node, scalar, wanted)

    def _expression(self, fields: Fields, node: Node, scalar: Scalar, wanted: Sequence[str]) -> Expression | None:
        try:
            tree = resolve(node, self.scope)
            if kind_of(tree) not in wanted:
                names = " or ".join(f"a {kind}" for kind in wanted)
                start, end = node.span
                raise ExpressionError(
                    f"{names} is expected here, and this is a {kind_of(tree)}", start, end - start, "", "KX205"
                )
        except ExpressionError as error:
            fields.report_expression(error, scalar)
            return None
        return Expression(scalar.text, tree, scalar.place)

    def _family(self, key: str, node: SourceNode, place: Place) -> Family | None:
        fields = Fields(node, self.document, keys.FAMILY, what=f"family `{key}`")
        claimed = self._claim(key, place)
        criteria = fields.mapping_of("criteria", self._criterion)
        check_weights(fields, "criteria", f"family `{key}`")
        at_most = fields.number("at_most")
        if at_most is not None and not 0 < at_most <= 100:
            fields.report("KX103", f"`at_most` caps a family score from 0 to 100, not {at_most:g}", fields.place)
        family = Family(
            key=key,
            label=fields.label("label", tidy(key)),
            weight=fields.number("weight", 0.0) or 0.0,
            weight_is_percent=_is_percent(fields, "weight"),
            applies=self._resolved(fields, "applies", ("condition",)),
            criteria=criteria,
            at_most=at_most,
            place=place,
        )
        return family if claimed else None

    def _criterion(self, key: str, node: SourceNode, place: Place) -> Criterion | None:
        fields = Fields(node, self.document, keys.CRITERION, what=f"criterion `{key}`")
        if not isinstance(node, Mapping):
            return None
        first = self.names.setdefault(f"criterion {key}", place)
        if first is not place:
            self.fields.report("KX106", f"criterion `{key}` is used twice", place, hint="choose another name")
        scale = read_scale(fields, self.scale)
        wanted = ["number"]
        if isinstance(scale, YesNo):
            wanted = ["condition"]
        elif isinstance(scale, Listed):
            wanted = ["text", "number"]
        scalar = fields.scalar("of")
        if scalar is None and fields.node("of") is None:
            of = self._expression(fields, Name(key, span=(0, len(key))), Scalar(key, place), wanted)
        else:
            of = self._resolved(fields, "of", wanted)
        if isinstance(scale, Listed) and of is not None:
            self._check_listed(fields, of)
        if scale is None or of is None:
            return None
        scale_node = scale_place(fields)
        return Criterion(
            key=key,
            of=of,
            scale=scale,
            weight=fields.number("weight", 0.0) or 0.0,
            weight_is_percent=_is_percent(fields, "weight"),
            missing=missing_policy(fields, "missing", self.missing, self.scale),
            label=fields.label("label", tidy(key)),
            unit=fields.text("unit") or self._unit_of(of.node),
            place=place,
            scale_place=scale_node.place if scale_node is not None else place,
        )

    def _unit_of(self, node: Node) -> str:
        if isinstance(node, Name):
            return next((column.unit for column in self.columns if column.key == node.name), "")
        return ""

    def _check_listed(self, fields: Fields, of: Expression) -> None:
        node = fields.node("values")
        entries = node.entries if isinstance(node, Mapping) else ()
        known = self.scope.get(of.node.name) if isinstance(of.node, Name) else None
        choices = {fold(choice): choice for choice in known.choices} if known is not None else {}
        if kind_of(of.node) == "number":
            words = [entry for entry in entries if plain_number(entry.name) is None]
            if words:
                message = f"`{of.text}` is a number, and `{words[0].name}` is not"
                if len(words) > 1:
                    rest = len(words) - 1
                    message = f"`{of.text}` is a number, and `{words[0].name}` and {rest} more of its values are not"
                fields.report("KX205", message, words[0].place, hint="correct the values, or `kind:` of the column")
            return
        for entry in entries:
            text = entry.name
            if choices and fold(text) not in choices:
                fields.report(
                    "KX105",
                    f"`{text}` is not one of the choices of the column",
                    entry.place,
                    hint=suggest(text, list(choices.values())),
                )
