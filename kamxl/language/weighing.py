"""Weights as they are written: relative numbers, or percents that must add up to 100 %."""

from __future__ import annotations

from kamxl.language.fields import Fields, plain_number
from kamxl.language.source import Mapping, Scalar


def check_weights(fields: Fields, key: str, what: str) -> None:
    """Weights are relative numbers; written as percents they must add up to 100 %."""
    node = fields.node(key)
    if not isinstance(node, Mapping):
        return
    weights: list[tuple[float, bool, Scalar]] = []
    for entry in node.entries:
        scalar = entry.value.get("weight") if isinstance(entry.value, Mapping) else None
        found = plain_number(scalar.text) if isinstance(scalar, Scalar) else None
        if isinstance(scalar, Scalar) and found is not None:
            weights.append((*found, scalar))
    for weight, _, scalar in weights:
        if weight < 0:
            fields.report("KX103", "a weight cannot be negative", scalar.place, hint="use a scale that falls instead")
    percents = [weight for weight, percent, _ in weights if percent]
    if percents and len(percents) < len(weights):
        plain = next(scalar for _, percent, scalar in weights if not percent)
        hint = "write all of them as percents, or none"
        fields.report("KX201", f"some weights of {what} are percents and this is not", plain.place, hint=hint)
    elif percents and len(weights) == len(node.entries) and min(percents) >= 0 and abs(sum(percents) - 1) > 1e-9:
        total = f"{sum(percents) * 100:.10g}"
        fields.report(
            "KX201",
            f"the weights of {what} add up to {total} %, not 100 %",
            weights[-1][2].place,
            hint="change a weight, or write plain numbers: they are relative to each other",
        )
    if weights and len(weights) == len(node.entries) and not any(weight > 0 for weight, _, _ in weights):
        fields.report("KX221", f"the weights of {what} are all zero", weights[0][2].place)
