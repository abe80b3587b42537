"""Process files: read with every fault at its place, and laid over the categories of a rule set."""

from __future__ import annotations

from pathlib import Path

from kamxl.language.model import RuleSet
from kamxl.language.reader import load_rules, read_rules_text
from kamxl.problems import Problem, Severity
from kamxl.process import ProcessBook, coverage, read_processes, read_processes_text, told_by

ROOT = Path(__file__).resolve().parents[1]

RULES = """
kamxl: 1
name: R
columns: {client: {role: id, kind: text}, revenue: {kind: money}}
families: {size: {weight: 1, criteria: {revenue: {weight: 1, curve: {0: 0, 100: 10}}}}}
categories:
  rules:
    loyal: {when: size >= 60, process: loyalty}
    small: {otherwise: true, process: optimisation}
"""
BOOK = """\
kamxl: 1
name: {en: Processes, fr: Processus}
stages:
  quoting: {en: Quoting, fr: Soumission}
  invoicing: {en: Invoicing, fr: Facturation}
departments:
  sales: {label: {en: Sales, fr: Ventes}, see: [client, revenue, size, score, category]}
  finance: {}
processes:
  loyalty:
    label: {en: Loyalty, fr: Fidélisation}
    aim: {en: Keep them, fr: Les garder}
    instructions:
      sales:
        quoting: {do: Visit, how: {en: Face to face, fr: En personne}, within: 2 days, checklist: [a, {en: b}]}
        invoicing: none
      finance:
        quoting: none
        invoicing: {do: Send it}
  optimisation:
    instructions:
      sales:
        quoting: {do: Mail it}
        invoicing: none
      finance:
        quoting: none
        invoicing: {do: Send it}
"""


def _rules() -> RuleSet:
    rules, problems = read_rules_text(RULES)
    assert rules is not None, problems
    return rules


def _book(text: str = BOOK) -> ProcessBook:
    book, problems = read_processes_text(text, "processes.yml")
    assert book is not None, problems
    return book


def _faults(text: str) -> tuple[Problem, ...]:
    book, problems = read_processes_text(text, "processes.yml")
    assert book is None
    return problems


def test_a_book_is_read() -> None:
    """Stages, departments, processes and instructions arrive with labels, defaults and places."""
    book = _book()
    assert [stage.label.text("fr") for stage in book.stages] == ["Soumission", "Facturation"]
    sales, finance = book.departments
    assert (sales.label.text("fr"), sales.template, finance.label.text("fr")) == (
        "Ventes",
        "department.md.j2",
        "Finance",
    )
    assert sales.see == ("client", "revenue", "size", "score", "category")
    loyalty = book.process("loyalty")
    assert loyalty is not None and loyalty.aim.text("fr") == "Les garder"
    visit = book.by_place()["loyalty", "sales", "quoting"]
    assert (visit.do.text("fr"), visit.how.text("fr"), visit.within.text("en")) == ("Visit", "En personne", "2 days")
    assert [item.text("fr") for item in visit.checklist] == ["a", "b"]
    assert visit.place.line == 15
    assert book.by_place()["loyalty", "sales", "invoicing"].is_none


def test_full_coverage_has_no_problem() -> None:
    """Every category x department x stage is given or declared none."""
    grid = coverage(_book(), _rules())
    assert grid.problems == ()
    assert len(grid.states) == 2 * 2 * 2
    assert (grid.count("given"), grid.count("none"), grid.count("missing")) == (4, 4, 0)
    assert grid.states["loyal", "sales", "invoicing"] == "none"


def test_missing_instructions_are_one_warning_per_department() -> None:
    """The stages without an instruction are listed together, at the process."""
    text = BOOK.replace("        invoicing: none\n      finance:\n        quoting: none\n", "      finance:\n", 1)
    grid = coverage(_book(text), _rules())
    assert [(problem.code, problem.severity, problem.message) for problem in grid.problems] == [
        ("KX219", Severity.WARNING, "process `loyalty` says nothing for `finance` at `quoting`"),
        ("KX219", Severity.WARNING, "process `loyalty` says nothing for `sales` at `invoicing`"),
    ]
    assert grid.problems[0].place.line == 10
    assert grid.states["loyal", "sales", "invoicing"] == "missing"


def test_unknown_process_and_column() -> None:
    """A category's unknown process is an error at the category; an unknown column is a warning at its word."""
    text = BOOK.replace("loyalty:", "loyality:").replace("revenue, size", "revenu, size")
    problems = coverage(_book(text), _rules()).problems
    assert [(problem.code, problem.severity, problem.help) for problem in problems] == [
        ("KX220", Severity.ERROR, "did you mean `loyality`?"),
        ("KX301", Severity.WARNING, "did you mean `revenue`?"),
    ]
    assert str(problems[1].place) == "processes.yml:7:57"


def test_category_without_process() -> None:
    """A category that names no process is a warning, and all its fields are missing."""
    rules, _ = read_rules_text(RULES.replace(", process: optimisation", ""))
    assert rules is not None
    grid = coverage(_book(), rules)
    assert [problem.message for problem in grid.problems] == ["category `small` names no process"]
    assert grid.count("missing") == 4


def test_all_faults_of_a_book_in_one_run() -> None:
    """Unknown keys, departments, stages and wrong shapes are told together, each with a way out."""
    text = BOOK
    for good, bad in (
        ("how:", "hwo:"),
        ("finance: {}", "finance: {templates: x}"),
        ("        invoicing: none\n      finance:\n        quoting: none",
         "        invoicing: later\n      finance:\n        quoting: {hwo: x}"),
        ("        invoicing: {do: Send it}\n  opt", "        invoicings: {do: Send it}\n  opt"),
        ("      sales:\n        quoting: {do: Mail it}", "      sale:\n        quoting: {do: Mail it}"),
    ):  # fmt: skip
        text = text.replace(good, bad, 1)
    problems = _faults(text)
    told = [(problem.code, problem.place.line, problem.message.split(" in ")[0]) for problem in problems]
    assert told == [
        ("KX102", 8, "unknown key `templates`"),
        ("KX102", 15, "unknown key `hwo`"),
        ("KX103", 16, "instruction `loyalty`, `sales`, `invoicing` must be keys and values, or `none`"),
        ("KX101", 18, "key `do` is missing"),
        ("KX102", 18, "unknown key `hwo`"),
        ("KX220", 19, "stage `invoicings` is not declared"),
        ("KX220", 22, "department `sale` is not declared"),
    ]
    assert [problem.help for problem in problems if problem.code == "KX220"] == [
        "did you mean `invoicing`?",
        "did you mean `sales`?",
    ]


def test_missing_parts_do_not_cascade() -> None:
    """A file without departments gets one message, not one per instruction."""
    start, end = BOOK.index("departments:"), BOOK.index("processes:")
    problems = _faults(BOOK[:start] + BOOK[end:])
    assert [problem.message for problem in problems] == ["key `departments` is missing in the process file"]


def test_other_files(tmp_path: Path) -> None:
    """An absent file, a list and another version are problems, never tracebacks."""
    assert read_processes(tmp_path / "none.yml")[1][0].code == "KX001"
    assert _faults("- a\n- b\n")[0].code == "KX103"
    assert _faults("")[0].code == "KX101"
    assert [problem.code for problem in _faults(BOOK.replace("kamxl: 1", "kamxl: 2"))] == ["KX107"]
    path = tmp_path / "processes.yml"
    path.write_text(BOOK, encoding="utf-8")
    book, problems = read_processes(path)
    assert book is not None and problems == () and book.file == str(path)


def test_next_steps_tell_the_columns_behind_a_computed_answer() -> None:
    """Who sees a rate but not the margin behind it may read why, but not the next step: that one names the margin."""
    rules = load_rules(ROOT / "rules" / "kam.yml")
    book = read_processes(ROOT / "rules" / "processes.yml")[0]
    assert book is not None
    see = next(department.see for department in book.departments if department.key == "sales")
    assert told_by("next", rules, see) == told_by("why", rules, see) == ()
    fewer = [name for name in see if name != "margin"]
    assert told_by("next", rules, fewer) == ("margin",)
    assert told_by("why", rules, fewer) == ()
