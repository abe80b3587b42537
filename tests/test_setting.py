"""One value of a rule file set to another, everything else kept."""

from __future__ import annotations

import pytest

from kamxl.language.setting import set_value, set_weight
from kamxl.problems import KamxlError

TEXT = """\
families:
  history: {weight: 40%, label: x}   # kept
  potential: {weight: 60%}
"""


def test_a_plain_weight_makes_plain_numbers_of_percents() -> None:
    """A weight tried out without `%` makes the others of its group relative numbers too; comments stay."""
    changed = set_weight(TEXT, "families.history.weight", "50")
    assert "history: {weight: 50, label: x}   # kept" in changed
    assert "potential: {weight: 60}" in changed


def test_a_percent_stays_a_percent() -> None:
    """A weight given in percent changes only itself."""
    changed = set_weight(TEXT, "families.history.weight", "50%")
    assert changed == set_value(TEXT, "families.history.weight", "50%")
    assert "potential: {weight: 60%}" in changed


def test_a_key_that_is_not_there_yet_is_added() -> None:
    """A capacity tried out, in braces and in lines of its own; comments stay where they are."""
    changed = set_value(TEXT, "families.history.at_most", "60")
    assert "history: {at_most: 60, weight: 40%, label: x}   # kept" in changed
    block = "categories:\n  # best first\n  rules:\n    loyal:\n      when: score > 60   # kept\n"
    changed = set_value(block, "categories.rules.loyal.at_most", "10")
    assert changed.endswith("    loyal:\n      at_most: 10\n      when: score > 60   # kept\n")
    assert set_value(block, "categories.hold", "3").startswith("categories:\n  # best first\n  hold: 3\n  rules:\n")


@pytest.mark.parametrize(
    ("path", "hint"), [("families.history.wieght", "weight"), ("familys.history.weight", "families")]
)
def test_a_misspelt_key_is_not_added(path: str, hint: str) -> None:
    """It is refused with the key that is meant."""
    with pytest.raises(KamxlError) as caught:
        set_value(TEXT, path, "1")
    assert hint in caught.value.problems[0].help


def test_a_key_at_the_top_can_be_set() -> None:
    """A path of one word is a path, too."""
    assert set_weight("scale: 10\nname: x\n", "scale", "20") == "scale: 20\nname: x\n"
