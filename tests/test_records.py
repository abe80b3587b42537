"""Records are what the standard library makes of the same class, as far as kamxl uses it."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from kamxl import records
from kamxl.plan import Read
from kamxl.problems import Place, Problem


def make(module: Any) -> tuple[Any, Any, Any]:
    """A frozen record, one that changes, and one that compares by identity, of either maker."""

    @module.dataclass(frozen=True, slots=True)
    class Band:
        """A band."""

        low: float
        high: float = 10.0
        names: tuple[str, ...] = ()

        def width(self) -> float:
            """How wide."""
            return self.high - self.low

    @module.dataclass(slots=True)
    class Basket:
        """A basket."""

        name: str
        items: list[int] = module.field(default_factory=list)
        total: int = module.field(init=False, default=0)

        def __post_init__(self) -> None:
            self.total = len(self.items)

    @module.dataclass(frozen=True, slots=True, eq=False)
    class Cells(Sequence[int]):
        """Cells."""

        inside: tuple[int, ...]

        def __len__(self) -> int:
            return len(self.inside)

        def __getitem__(self, index: Any) -> Any:
            return self.inside[index]

    return Band, Basket, Cells


@pytest.fixture(params=[records._FEW, 0], ids=["first ones", "compiled"], autouse=True)
def way_of_filling(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first records of a class are filled one by one, later ones by a compiled method."""
    monkeypatch.setattr(records, "_FEW", request.param)


MAKERS = pytest.mark.parametrize("module", [records, dataclasses], ids=["records", "dataclasses"])


@MAKERS
def test_frozen(module: Any) -> None:
    """Defaults, equality, hash, text, pattern, refusal, and nothing but the slots."""
    band, _, _ = make(module)
    one = band(1.0, names=("a",))

    assert (one.low, one.high, one.names, one.width()) == (1.0, 10.0, ("a",), 9.0)
    assert one == band(1.0, 10.0, ("a",))
    assert one != band(2.0, 10.0, ("a",))
    assert one != (1.0, 10.0, ("a",))
    assert hash(one) == hash(band(1.0, 10.0, ("a",)))
    assert repr(one).endswith("Band(low=1.0, high=10.0, names=('a',))")
    assert band.__match_args__ == ("low", "high", "names")
    assert not hasattr(one, "__dict__")
    for change in (lambda: setattr(one, "low", 2.0), lambda: delattr(one, "low")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    with pytest.raises(TypeError):
        band()
    with pytest.raises(TypeError):
        band(1.0, hihg=2.0)


@MAKERS
def test_many(module: Any) -> None:
    """The hundredth record is like the first, whatever it was given."""
    band, basket, _ = make(module)

    assert len({band(low, high=20.0) for low in range(100)} | {band(5, 20.0), band(low=7, high=20.0)}) == 100
    baskets = [basket("a", [1] * count) for count in range(100)]
    assert [one.total for one in baskets] == list(range(100))
    assert all(one == basket("a", [1] * count) for count, one in enumerate(baskets))


@MAKERS
def test_changing(module: Any) -> None:
    """Each has a list of its own; fields that are not given are made; it cannot be a key."""
    _, basket, _ = make(module)
    one, other = basket("a", [1, 2]), basket("b")
    other.items.append(5)

    assert (one.total, basket("c").items, other.items) == (2, [], [5])
    one.name = "b"
    assert one == dataclasses.replace(one)
    assert one != other
    with pytest.raises(TypeError):
        hash(one)
    with pytest.raises(TypeError):
        basket("a", [], 3)


@MAKERS
def test_by_identity_and_abstract(module: Any) -> None:
    """A record that compares by identity keeps what its abstract base gives it."""
    _, _, cells = make(module)
    one, other = cells((1, 2)), cells((1, 2))

    assert one != other
    assert len({one, other}) == 2
    assert list(one) == [1, 2]
    assert 2 in one


@MAKERS
def test_replaced_and_described(module: Any) -> None:
    """`replace` of either maker, `fields` and `asdict` work; what is not a field is refused."""
    band, basket, _ = make(module)
    one = band(1.0)
    for replace in (records.replace, dataclasses.replace):
        assert replace(one, high=3.0) == band(1.0, 3.0)
        with pytest.raises(TypeError):
            replace(one, hihg=3.0)

    assert [field.name for field in dataclasses.fields(band)] == ["low", "high", "names"]
    assert dataclasses.is_dataclass(one)
    assert dataclasses.asdict(basket("a", [1])) == {"name": "a", "items": [1], "total": 1}
    assert tuple(band.__dataclass_fields__) == ("low", "high", "names")


def test_copies_and_pickles() -> None:
    """Plans travel to the workers of Spark."""
    problem = Problem("KX001", "gone", Place("a.yml", 1, 2))
    for record in (Read("a", "number", 0, counts=True), problem):
        assert pickle.loads(pickle.dumps(record)) == record
        assert copy.deepcopy(record) == record


def test_inherited() -> None:
    """Fields of the base come first."""

    @records.dataclass(slots=True)
    class Run:
        """A run."""

        rows: int = 1
        kinds: ClassVar[int] = 3

    @records.dataclass(slots=True)
    class Sharing(Run):
        """A run that shares."""

        shared: str = ""

    assert (Sharing(2, "x").rows, Sharing(2, "x").shared, Sharing().rows) == (2, "x", 1)
    assert Sharing(2, "x") != Run(2)
