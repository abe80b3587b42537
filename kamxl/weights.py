"""Weights by comparison (AHP): pairwise answers of managers to weights, and how far the answers agree with themselves.

A matrix holds how many times more important row is than column, 1/9 to 9. Weights are its principal eigenvector; the
consistency ratio compares the matrix with random ones; several managers are joined by geometric mean. Pure Python:
matrices have at most 15 items.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from kamxl.language.lint.wording import show_edge
from kamxl.problems import Place, Problem, Severity
from kamxl.records import dataclass, field
from kamxl.values import round_half_away

Matrix = tuple[tuple[float, ...], ...]

# Mean consistency index of random matrices by size. Source: Saaty, The Analytic Hierarchy Process (1980).
_RANDOM_INDEX = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
MOST_ITEMS = len(_RANDOM_INDEX) - 1
# Saaty's limit: above it the answers are to be looked at again.
ACCEPTABLE_RATIO = 0.1
STRONGEST = 9.0


@dataclass(frozen=True, slots=True)
class Answers:
    """What one manager answered. `times` holds (row, column) -> how many times more important row is, as given."""

    manager: str
    items: tuple[str, ...]
    times: Mapping[tuple[str, str], float]
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Doubt:
    """The answer that agrees least with the others. Units: given and implied are times, `first` over `second`.

    `implied` is what the other answers say of the pair, each way round by a third item; their geometric mean.
    """

    first: str
    second: str
    given: float
    implied: float


@dataclass(frozen=True, slots=True)
class Weighing:
    """Weights of one matrix. Shapes: items and weights (n,); weights add up to 1."""

    items: tuple[str, ...]
    weights: tuple[float, ...]
    ratio: float
    doubt: Doubt | None

    @property
    def is_consistent(self) -> bool:
        """Whether the answers may be used as they are."""
        return self.ratio <= ACCEPTABLE_RATIO


def build_matrix(answers: Answers, *, holes: bool = True) -> tuple[Matrix | None, tuple[Problem, ...]]:
    """The whole reciprocal matrix of a manager's answers; None with a problem for each fault.

    Without `holes` a pair without an answer is no fault: some answers could not be read.
    """
    problems: list[Problem] = []
    items = answers.items
    if not 2 <= len(items) <= MOST_ITEMS:
        message = f"{len(items)} items cannot be compared: 2 to {MOST_ITEMS} can"
        return None, (_fault(answers, message, "group them into families first"),)
    rows = []
    for row in items:
        cells = []
        for column in items:
            cell, found = _cell(answers, row, column, holes=holes)
            problems += found
            cells.append(cell)
        rows.append(tuple(cells))
    return (None if problems else tuple(rows)), tuple(dict.fromkeys(problems))


def _cell(answers: Answers, row: str, column: str, *, holes: bool) -> tuple[float, list[Problem]]:
    """One cell, from the answer itself or from the opposite one; faults are told once, for the pair in item order."""
    given, opposite = answers.times.get((row, column)), answers.times.get((column, row))
    in_order = answers.items.index(row) < answers.items.index(column)
    if row == column:
        if given is not None and given != 1:
            message = f"`{row}` compared with itself is 1, not {show_edge(given)}"
            return 1.0, [_fault(answers, message, "write 1 on the diagonal")]
        return 1.0, []
    for value, one, two in ((given, row, column), (opposite, column, row)):
        if value is not None and not 1 / STRONGEST - 1e-9 <= value <= STRONGEST + 1e-9:
            message = f"`{one}` against `{two}` is {show_edge(value)}: an answer lies between 1/9 and 9"
            return 1.0, [_fault(answers, message, "1 is equally important, 9 is extremely more important")]
    if given is None and opposite is None:
        message = f"`{row}` is not compared with `{column}`"
        return 1.0, [_fault(answers, message, "answer every pair once")] if in_order and holes else []
    if given is None:
        assert opposite is not None
        return 1 / opposite, []
    # Thirds and sevenths are typed with a few decimals.
    if opposite is not None and abs(given * opposite - 1) > 0.02 and in_order:
        message = (
            f"`{row}` against `{column}` is {show_times(given)} and the other way round {show_times(opposite)}: "
            "one must be 1 over the other"
        )
        return given, [_fault(answers, message, "correct one of the two")]
    return given, []


def _fault(answers: Answers, message: str, hint: str) -> Problem:
    whose = f"{answers.manager}: " if answers.manager else ""
    return Problem("KX224", f"{whose}{message}", answers.place, help=hint)


def weigh(items: Sequence[str], matrix: Matrix) -> Weighing:
    """Weights, consistency ratio and the least consistent answer of a reciprocal matrix."""
    weights, largest = _eigenvector(matrix)
    size = len(items)
    index = (largest - size) / (size - 1) if size > 1 else 0.0
    expected = _RANDOM_INDEX[size]
    ratio = max(0.0, index / expected) if expected else 0.0
    return Weighing(tuple(items), weights, ratio, _doubt(items, matrix))


def _eigenvector(matrix: Matrix) -> tuple[tuple[float, ...], float]:
    """Principal eigenvector (sum 1) and eigenvalue, by power iteration: it converges, the matrix being positive."""
    size = len(matrix)
    vector = [1.0 / size] * size
    largest = float(size)
    for _ in range(1_000):
        image = [math.fsum(cell * part for cell, part in zip(row, vector, strict=True)) for row in matrix]
        largest = math.fsum(image)
        following = [part / largest for part in image]
        moved = max(abs(one - two) for one, two in zip(vector, following, strict=True))
        vector = following
        if moved < 1e-15:
            break
    return tuple(vector), largest


def _doubt(items: Sequence[str], matrix: Matrix) -> Doubt | None:
    """The pair whose answer is farthest, as a factor, from what the others say of it; None where all agree."""
    worst: tuple[float, Doubt] | None = None
    for row in range(len(items)):
        for column in range(row + 1, len(items)):
            given, ways = matrix[row][column], [k for k in range(len(items)) if k not in (row, column)]
            if not ways:
                return None
            logs = math.fsum(math.log(matrix[row][k] * matrix[k][column]) for k in ways)
            implied = math.exp(logs / len(ways))
            apart = abs(math.log(given / implied))
            if apart > 1e-9 and (worst is None or apart > worst[0] + 1e-12):
                pair = (items[row], items[column], given, implied)
                if given < 1:
                    pair = (items[column], items[row], 1 / given, 1 / implied)
                worst = (apart, Doubt(*pair))
    return worst[1] if worst is not None else None


def combine(matrices: Sequence[Matrix]) -> Matrix:
    """One matrix for several managers: the geometric mean of each cell, which alone stays reciprocal."""
    size, count = len(matrices[0]), len(matrices)
    return tuple(
        tuple(math.exp(math.fsum(math.log(matrix[i][j]) for matrix in matrices) / count) for j in range(size))
        for i in range(size)
    )


def doubt_problem(weighing: Weighing, manager: str, place: Place) -> Problem | None:
    """The warning (KX225) of answers that contradict each other, with the one to think over; None below the limit."""
    if weighing.is_consistent or weighing.doubt is None:
        return None
    doubt = weighing.doubt
    whose = f"{manager}: " if manager else ""
    message = (
        f"{whose}the answers contradict each other (consistency ratio {weighing.ratio:.2f}, at most "
        f"{ACCEPTABLE_RATIO:g}); the least consistent says that {_comparison(doubt, doubt.given)}"
    )
    hint = f"the other answers together say that {_comparison(doubt, nearest_answer(doubt.implied))}"
    return Problem("KX225", message, place, Severity.WARNING, help=hint)


def _comparison(doubt: Doubt, times: float) -> str:
    if times == 1:
        return f"`{doubt.first}` and `{doubt.second}` are equally important"
    if times < 1:
        return f"`{doubt.second}` is {show_times(1 / times)} times as important as `{doubt.first}`"
    return f"`{doubt.first}` is {show_times(times)} times as important as `{doubt.second}`"


def nearest_answer(times: float) -> float:
    """The answer of the scale 1/9 to 9 nearest to a factor."""
    scale = [1 / n for n in range(9, 1, -1)] + [float(n) for n in range(1, 10)]
    return min(scale, key=lambda answer: abs(math.log(answer / times)))


def show_times(times: float) -> str:
    """A factor as managers write it: 3, 1/3, 2.5."""
    if times < 1 and abs(1 / times - round(1 / times)) < 0.02:
        return f"1/{round(1 / times)}"
    return show_edge(round_half_away(times, 2))


def percents(weights: Sequence[float], *, decimals: int = 1) -> tuple[str, ...]:
    """Weights as percents that add up to 100 % exactly: largest remainders are rounded up."""
    unit = 10**decimals
    shares = [weight / math.fsum(weights) * 100 * unit for weight in weights]
    floors = [math.floor(share + 1e-9) for share in shares]
    order = sorted(range(len(shares)), key=lambda at: floors[at] - shares[at])
    for at in order[: 100 * unit - sum(floors)]:
        floors[at] += 1
    return tuple(f"{show_edge(floor / unit)}%" for floor in floors)
