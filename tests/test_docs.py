"""The docs are generated or executed; a stale page fails."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from kamxl.commands import COMMANDS
from kamxl.insight_phrases import INSIGHT_PHRASES
from kamxl.language.lint import lint_rules
from kamxl.language.reader import read_rules_text
from kamxl.phrases import PHRASES

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def maker():  # type: ignore[no-untyped-def]
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs" / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["command_line.md", "functions.md", "problems.md"])
def test_generated_pages_are_fresh(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `python docs/make.py` would write is what stands there."""
    monkeypatch.setenv("COLUMNS", "100")
    page = ROOT / "docs" / name
    assert page.read_text(encoding="utf-8") == maker().PAGES[name]().rstrip() + "\n", "run python docs/make.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_yaml_rule_files_in_docs_are_right(page: Path) -> None:
    """Every whole rule file on a page is read without a problem, its tests included."""
    blocks = re.findall(r"```yaml\n(kamxl: 1\n.*?)```", page.read_text(encoding="utf-8"), re.S)
    for block in blocks:
        if "families:" not in block:
            continue
        rules, problems = read_rules_text(block, page.name)
        assert rules is not None, problems
        assert not problems
        assert not [problem for problem in lint_rules(rules) if problem.code != "KX210"]
        from kamxl.expectations import run_expectations

        assert not run_expectations(rules)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_commands_in_docs_exist(page: Path) -> None:
    """Links between pages lead somewhere, and every kamxl command that a page names exists."""
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (page.parent / target).exists(), target
    for line in re.findall(r"`(kamxl [a-z][^`]*)`", text):
        word = shlex.split(line.replace("…", ""), posix=False)[1]
        assert word in COMMANDS, line


def test_readme_names_both_commands() -> None:
    """The two commands of the README are the targets of the Makefile."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:", makefile, re.M)


def test_dormant_revenue_has_one_name_in_french() -> None:
    """The dashboard, the column and the help of the functions say `revenu dormant`, and nothing else."""
    texts = [french for _, french in {**PHRASES, **INSIGHT_PHRASES}.values()]
    texts += [(ROOT / "rules/processes.yml").read_text(encoding="utf-8")]
    texts += [(ROOT / "docs/functions.md").read_text(encoding="utf-8")]
    named = [found for text in texts for found in re.findall(r"\b(revenu|ca|affaires) dormant\b", text.casefold())]
    assert set(named) == {"revenu"} and len(named) > 3, named


def test_every_phrase_has_both_languages() -> None:
    """Every text that a spreadsheet user sees exists in English and French, with the same parts."""
    for key, (english, french) in PHRASES.items():
        assert english and french, key
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", french)), key


def test_the_readme_commands_of_a_manager_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied one after the other into a shell in an empty folder, each command answers without a problem."""
    from kamxl.cli import run_command

    part = (ROOT / "README.md").read_text(encoding="utf-8").partition("## For a finance or sales manager")[2]
    lines = re.findall(r"^\d\. `kamxl ([^`]*)`", part.partition("\n## ")[0], re.M)
    assert [shlex.split(line)[0] for line in lines] == ["init", "check", "run", "explain"]
    monkeypatch.chdir(tmp_path)
    assert [(line, run_command(shlex.split(line))) for line in lines] == [(line, 0) for line in lines]
