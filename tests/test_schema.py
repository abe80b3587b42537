"""The JSON Schemas that editors use say of good and bad files what the reader says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kamxl.language.keys import MAPPINGS
from kamxl.language.reader import read_rules_document
from kamxl.language.schema import FOLDER, schema_files
from kamxl.language.source import read_document
from kamxl.problems import KamxlError, has_errors
from kamxl.process import read_processes

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "rules").rglob("*.yml"))
# Faults of shape, which an editor can see; those of meaning are the reader's and lint's.
BAD_SHAPES = (
    "band_not_a_band",
    "key_missing",
    "key_typo",
    "key_unknown",
    "kind_unknown",
    "no_scale",
    "number_expected",
    "two_scales",
    "version_unknown",
    "weight_negative",
    "when_and_otherwise",
    "yaml_list",
    "name_impossible",
    "value_left_empty",
    "decimal_comma",
    "decimal_comma_in_braces",
    "number_with_currency",
    "bands_in_other_words",
    "section_misspelt",
    "otherwise_in_french",
)


class Plain(yaml.SafeLoader):
    """Values as editors see them: YAML 1.2, in which a date and `yes` are texts and keys are texts."""


for first in "yYnNoO0123456789-+.":
    kept = [
        (tag, pattern)
        for tag, pattern in Plain.yaml_implicit_resolvers.get(first, [])
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    ]
    Plain.yaml_implicit_resolvers = {**Plain.yaml_implicit_resolvers, first: kept}


def with_text_keys(value: Any) -> Any:
    """JSON knows text keys only."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(inner) for key, inner in value.items()}
    return [with_text_keys(inner) for inner in value] if isinstance(value, list) else value


def validator(name: str) -> jsonschema.Draft7Validator:
    schema = json.loads(schema_files()[name])
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def load(path: Path) -> Any:
    return with_text_keys(yaml.load(path.read_text(encoding="utf-8"), Loader=Plain))


@pytest.mark.parametrize("name", list(schema_files()))
def test_committed_schema_is_the_one_that_the_key_tables_give(name: str) -> None:
    """`python -m kamxl.language.schema` writes them anew."""
    assert (ROOT / FOLDER / name).read_text(encoding="utf-8") == schema_files()[name]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_files_name_their_schema_and_are_valid(path: Path) -> None:
    """The first line leads editors to the schema, and the schema agrees with the file."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    schema = (path.parent / first.partition("=")[2]).resolve()
    assert schema.is_file()
    errors = [f"{list(error.path)}: {error.message}" for error in validator(schema.name).iter_errors(load(path))]
    assert errors == []


@pytest.mark.parametrize("name", BAD_SHAPES)
def test_faults_of_shape_are_seen_by_the_editor_too(name: str) -> None:
    """A file of the error catalogue that has the wrong shape is invalid for a JSON-Schema validator."""
    path = ROOT / "tests" / "bad_rules" / f"{name}.yml"
    assert not validator("rules.schema.json").is_valid(load(path))


PROCESSES = """\
kamxl: 1
name: Book
stages: {quoting: Quoting}
departments: {sales: {label: Sales, see: [client]}}
processes:
  loyalty: {label: Loyalty, instructions: {sales: {quoting: {do: Call first, checklist: [price, delay]}}}}
  other: {label: Other, instructions: {sales: {quoting: none}}}
"""


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("kamxl: 1", "kamxl: 9"),
        ("stages:", "stage:"),
        ("departments: {sales: {label: Sales, see: [client]}}", ""),
        ("do: Call first", "doo: Call first"),
        ("do: Call first, ", ""),
        ("checklist: [price, delay]", "checklist: {price: delay}"),
        ("see: [client]", "see: {client: yes}"),
        ("instructions: {sales: {quoting: none}}", "instructions: none"),
        ("quoting: none", "quoting: 5"),
        ("{label: Other,", "{label: {en: Other, de: Andere},"),
    ],
)
def test_faults_of_a_process_file_are_seen_by_the_editor_and_by_the_reader(
    written: str, instead: str, tmp_path: Path
) -> None:
    """A misspelt or missing key and a wrong kind; the file without the fault is fine for both."""
    check, path = validator("processes.schema.json"), tmp_path / "processes.yml"
    path.write_text(PROCESSES, encoding="utf-8")
    assert check.is_valid(load(path))
    assert read_processes(path)[1] == ()
    assert written in PROCESSES
    path.write_text(PROCESSES.replace(written, instead), encoding="utf-8")
    assert not check.is_valid(load(path))
    assert has_errors(read_processes(path)[1])


def test_files_that_are_wrong_in_meaning_only_are_valid_for_the_editor() -> None:
    """The schema does not refuse what the reader accepts: no red line under a file that only lint comments on."""
    check = validator("rules.schema.json")
    for path in sorted((ROOT / "tests" / "bad_rules").glob("*.yml")):
        try:
            rules, _ = read_rules_document(read_document(path))
        except KamxlError:
            continue  # faults of YAML itself never reach a schema
        if rules is not None:
            assert check.is_valid(load(path)), path.name


def test_every_key_is_described_in_both_languages() -> None:
    """Completion shows what a key means, in English and then in French."""
    schema = json.loads(schema_files()["rules.schema.json"])
    for name, table in MAPPINGS.items():
        properties = schema["properties"] if name == "RULE_FILE" else schema["definitions"][name]["properties"]
        assert list(properties) == [key.name for key in table]
        for key in table:
            assert properties[key.name]["description"] == f"{key.en}\n{key.fr}"
            assert key.en and key.fr and key.en != key.fr
