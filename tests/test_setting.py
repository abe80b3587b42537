"""One value of a rule file set to another, everything else kept."""

from __future__ import annotations

from kamxl.language.setting import set_value, set_weight

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
