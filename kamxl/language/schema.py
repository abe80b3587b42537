"""JSON Schemas of rule files and process files, made from the key tables that the readers use.

For editors: completion, and a red line under a typo while it is typed. What only the reader can know (names in
expressions, gaps, weights that do not add up) stays `kamxl check`'s. Descriptions are in English, then French.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kamxl.language import keys, process_keys
from kamxl.language.keys import SCALE_KEYS, Key
from kamxl.language.model import LANGUAGES

Schema = dict[str, Any]
FOLDER = "rules/schema"

_NUMBER_TEXT = r"^\s*[+-]?(\d[\d_ \u00a0\u202f\u2009]*)?(\.\d+)?([eE][+-]?\d+)?\s*%?\s*$"
_BAND_TEXT = r"^\s*([Uu][Nn][Dd][Ee][Rr]\s+\S.*|\S.*\s+[Tt][Oo]\s+\S.*|\S.*\s+[Aa][Nn][Dd]\s+[Oo][Vv][Ee][Rr])\s*$"
_NAME = r"^[^\W\d]\w*$"
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_NUMBER: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMBER_TEXT}]}
_AMOUNT: Schema = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": _NUMBER_TEXT}]}
_LABEL: Schema = {
    "anyOf": [
        _SCALAR,
        {
            "type": "object",
            "properties": dict.fromkeys(LANGUAGES, _SCALAR),
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}

# What a key holds, by the words of the key tables. YAML reads 50 as a number and 50% as a text: both are numbers here.
_SHAPES: dict[str, Schema] = {
    "version": {"enum": [1, "1"]},
    "label": _LABEL,
    "text": _SCALAR,
    "texts": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]},
    "number": _NUMBER,
    "weight": _AMOUNT,
    "points": _AMOUNT,
    "expression": _SCALAR,
    "derived": {"anyOf": [_SCALAR, {"$ref": "#/definitions/DERIVED"}]},
    "value": {"type": ["string", "number", "boolean", "null"]},
    "yes_no": {
        "anyOf": [
            {"type": "boolean"},
            {"type": "string", "pattern": "^(?:[Yy]es|[Nn]o|[Tt]rue|[Ff]alse|[Oo]n|[Oo]ff)$"},
        ]
    },
    "as_of": {"type": "string", "pattern": r"^(today|\d{4}-\d{2}-\d{2})$"},
    "missing": {"anyOf": [{"enum": ["skip", "zero", "error"]}, _AMOUNT]},
    "as_is": {"type": "string", "pattern": "^ *[Aa]s +[Ii]s *$"},
    "bands": {
        "type": "object",
        "patternProperties": {_BAND_TEXT: _AMOUNT},
        "additionalProperties": False,
        "minProperties": 1,
    },
    "curve": {
        "type": "object",
        "patternProperties": {_NUMBER_TEXT: _AMOUNT},
        "additionalProperties": False,
        "minProperties": 1,
    },
}


def rules_schema() -> Schema:
    """The schema of a rule file."""
    return _document("Rules of kamxl / Règles de kamxl", "RULE_FILE", keys.MAPPINGS)


def processes_schema() -> Schema:
    """The schema of a process file."""
    return _document("Processes of kamxl / Processus de kamxl", "PROCESS_FILE", process_keys.MAPPINGS)


def _document(title: str, root: str, mappings: Mapping[str, Sequence[Key]]) -> Schema:
    definitions = {name: _mapping(name, table) for name, table in mappings.items() if name != root}
    if "INSTRUCTION" in mappings:
        definitions["INSTRUCTIONS"] = _instructions()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        **_mapping(root, mappings[root]),
        "definitions": dict(sorted(definitions.items())),
    }


def _mapping(name: str, table: Sequence[Key]) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {key.name: _property(key) for key in table},
        "additionalProperties": False,
    }
    required = [key.name for key in table if key.required]
    if required:
        schema["required"] = required
    if name == "CRITERION":
        # One scale and no more; `yes` and `no` are one scale together.
        scales = [[key] for key in SCALE_KEYS if key != "yes"]
        schema["oneOf"] = [{"required": scale} for scale in scales]
        schema["oneOf"].append({"anyOf": [{"required": ["yes"]}, {"required": ["no"]}]})
    if name == "CATEGORY":
        schema["oneOf"] = [
            {"required": ["when"], "not": {"required": ["otherwise"]}},
            {"required": ["otherwise"], "not": {"required": ["when"]}},
        ]
    return schema


def _property(key: Key) -> Schema:
    return {"description": f"{key.en}\n{key.fr}", **_shape(key.holds, key)}


def _shape(holds: str, key: Key) -> Schema:
    kind, _, inner = holds.partition(":")
    if kind == "map":
        named = inner not in ("value", "points", "number")
        names: Schema = {"propertyNames": {"pattern": _NAME}} if named and inner != "label" else {}
        return {"type": "object", **names, "additionalProperties": _shape(inner, key), "minProperties": 1}
    if kind == "list":
        return {"type": "array", "items": _shape(inner, key)}
    if kind == "choice":
        return {"enum": list(key.choices)}
    if kind.isupper():
        return {"allOf": [{"$ref": f"#/definitions/{kind}"}]}
    return _SHAPES[kind]


def _instructions() -> Schema:
    step = {"anyOf": [{"$ref": "#/definitions/INSTRUCTION"}, {"const": process_keys.NONE_WORD}]}
    return {"type": "object", "additionalProperties": step}


def schema_files() -> dict[str, str]:
    """The text of each schema by file name."""
    schemas = {"rules.schema.json": rules_schema(), "processes.schema.json": processes_schema()}
    return {name: json.dumps(schema, ensure_ascii=False, indent=2) + "\n" for name, schema in schemas.items()}


def write_schemas(folder: Path) -> None:
    """The schema files written into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(FOLDER))
