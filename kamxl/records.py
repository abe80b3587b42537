"""Frozen records with slots: what `dataclasses` makes of a class, in a tenth of the time, and made anew twice as fast.

Starting kamxl makes two hundred classes of records, and each of them takes the standard library six compilations; here
a method is compiled once it is called often, and nothing else is imported. To type checkers they are the standard
dataclasses; to `dataclasses.replace`, `asdict` and `fields` as well. Only what kamxl uses is here: frozen or not,
equality or not, defaults and factories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

# As `dataclasses` does: it tells a default that was not given from one that is None.
_MISSING: Any = object()
# So many records take as long to fill one by one as it takes to compile a method that fills them.
_FEW = 40


class _Default:
    """What `field` says of a field."""

    __slots__ = ("factory", "init", "value")

    def __init__(self, value: Any, factory: Any, *, init: bool) -> None:
        self.value = value
        self.factory = factory
        self.init = init


_REQUIRED = _Default(_MISSING, _MISSING, init=True)


def _field(*, default: Any = _MISSING, default_factory: Any = _MISSING, init: bool = True) -> Any:
    return _Default(default, default_factory, init=init)


def _dataclass(cls: Any = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True) -> Any:
    if not slots:
        raise TypeError("records have slots: slots=True")
    return _record(cls, frozen, eq) if cls is not None else lambda given: _record(given, frozen, eq)


def _replace(record: Any, /, **changes: Any) -> Any:
    if not hasattr(record, "__record_fields__"):
        import dataclasses

        return dataclasses.replace(record, **changes)
    for name, default in record.__record_fields__.items():
        if default.init and name not in changes:
            changes[name] = getattr(record, name)
    return record.__class__(**changes)


def _record(cls: type[Any], frozen: bool, eq: bool) -> type[Any]:
    fields: dict[str, _Default] = {}
    for base in cls.__mro__[:0:-1]:
        fields |= base.__dict__.get("__record_fields__", {})
    inherited = set(fields)
    space = dict(cls.__dict__)
    for name, kind in space.get("__annotations__", {}).items():
        if "ClassVar" in str(kind):
            continue
        given = space.pop(name, _REQUIRED)
        fields[name] = given if isinstance(given, _Default) else _Default(given, _MISSING, init=True)
    space.pop("__dict__", None)
    space.pop("__weakref__", None)
    space["__slots__"] = tuple(name for name in fields if name not in inherited)
    space["__record_fields__"] = fields
    space["__dataclass_fields__"] = _StandardFields()
    space["__qualname__"] = cls.__qualname__
    space.setdefault("__match_args__", tuple(name for name, default in fields.items() if default.init))

    # All methods are given before the class is made: one of Python's own names costs far more when it is added later.
    made_class: list[type[Any]] = []
    methods: dict[str, Any] = {"__init__": _filler(made_class, fields), "__repr__": _repr}
    if frozen:
        methods |= {"__setattr__": _refuse, "__delattr__": _refuse}
    if eq and "__eq__" not in space:
        methods["__eq__"], hash_of = _comparers(tuple(fields))
        if not frozen or space.get("__hash__") is None:
            space["__hash__"] = hash_of if frozen else None
    methods |= {"__getstate__": _get_state, "__setstate__": _set_state}
    for name, method in methods.items():
        space.setdefault(name, method)
    maker: Any = type(cls)
    made_class.append(maker(cls.__name__, cls.__bases__, space))
    return made_class[0]


def _filler(made_class: list[type[Any]], fields: dict[str, _Default]) -> Any:
    """The method that fills the slots: compiled where it pays, since a run makes a few records of most classes."""
    made_so_far = 0
    slots: tuple[tuple[str, Any, _Default], ...] = ()

    def __init__(self: Any, /, *given: Any, **named: Any) -> None:  # noqa: N807
        nonlocal made_so_far, slots
        made_so_far += 1
        made = made_class[0]
        # Set at once: records are made in several threads.
        slots = slots or tuple((name, getattr(made, name).__set__, default) for name, default in fields.items())
        if made_so_far > _FEW or not _fill(self, slots, given, named):
            compiled = _initialiser(made, fields)
            setattr(made, "__init__", compiled)  # noqa: B010
            compiled(self, *given, **named)
        elif hasattr(made, "__post_init__"):
            self.__post_init__()

    return __init__


def _fill(
    self: Any, slots: Sequence[tuple[str, Any, _Default]], given: Sequence[Any], named: Mapping[str, Any]
) -> bool:
    """Fills the slots one by one; False where arguments are not as declared, so that Python's own method says why."""
    count, used = len(given), 0
    for position, (name, put, default) in enumerate(slots):
        if not default.init:
            return False
        if position < count:
            put(self, given[position])
        elif name in named:
            put(self, named[name])
            used += 1
        elif default.value is not _MISSING:
            put(self, default.value)
        elif default.factory is not _MISSING:
            put(self, default.factory())
        else:
            return False
    return count <= len(slots) and used == len(named)


def _initialiser(made: type[Any], fields: dict[str, _Default]) -> Any:
    """The method that fills the slots."""
    given, body = ["self"], []
    names: dict[str, Any] = {"_MISSING": _MISSING}
    for name, default in fields.items():
        # A slot is filled directly: that is not stopped in frozen records, and quicker than an assignment.
        names[f"_set_{name}"] = getattr(made, name).__set__
        value = name
        if default.factory is not _MISSING:
            names[f"_make_{name}"] = default.factory
            value = f"_make_{name}() if {name} is _MISSING else {name}" if default.init else f"_make_{name}()"
        elif default.value is not _MISSING:
            names[f"_default_{name}"] = default.value
            value = name if default.init else f"_default_{name}"
        if default.init:
            without = default.value is _MISSING and default.factory is _MISSING
            named = "_MISSING" if default.factory is not _MISSING else f"_default_{name}"
            given.append(name if without else f"{name}={named}")
        if default.init or value != name:
            body.append(f" _set_{name}(self, {value})")
    if hasattr(made, "__post_init__"):
        body.append(" self.__post_init__()")
    # Names of fields alone, as `dataclasses` does it.
    text = f"def __init__({', '.join(given)}):\n" + ("\n".join(body) or " pass")
    exec(text, names)
    method = names["__init__"]
    method.__qualname__ = f"{made.__qualname__}.__init__"
    return method


def _comparers(names: tuple[str, ...]) -> tuple[Any, Any]:
    """Equality and hash by the values of the fields."""
    get: Any = attrgetter(*names) if names else lambda _record: ()
    values: Any = get if len(names) != 1 else lambda record: (get(record),)

    def __eq__(self: Any, other: Any) -> Any:  # noqa: N807
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__, lambda self: hash(values(self))


def _repr(self: Any) -> str:
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__record_fields__)
    return f"{self.__class__.__qualname__}({values})"


def _refuse(_record: Any, name: str, *value: Any) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot {'assign to' if value else 'delete'} field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__record_fields__]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__record_fields__, state, strict=True):
        object.__setattr__(self, name, value)


class _StandardFields:
    """The fields as `dataclasses` describes them, made when somebody asks."""

    def __get__(self, _record: Any, cls: Any) -> dict[str, Any]:
        import dataclasses

        space: dict[str, Any] = {"__annotations__": {}}
        for name, default in cls.__record_fields__.items():
            space["__annotations__"][name] = Any
            more = {"default": default.value, "default_factory": default.factory}
            told = {key: value for key, value in more.items() if value is not _MISSING}
            space[name] = dataclasses.field(init=default.init, **told)
        plain: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(type("Fields", (), space))
        found: dict[str, Any] = plain.__dataclass_fields__
        return found


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    dataclass, field, replace = _dataclass, _field, _replace
