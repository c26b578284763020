# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`dataclasses` of the standard library, as far as it is used here, for programs that start again at each task.

The library writes the methods of each class as text and compiles it, at every start, and imports `inspect` and `ast` for it:
with 80 classes that was half of what a host spent on a run without a change. Here all classes share their methods.
For type checkers it is the library's own, and its documentation counts: https://docs.python.org/3/library/dataclasses.html.
Whatever is not here (order, slots, InitVar, kw_only, __post_init__, matching by position) is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

if TYPE_CHECKING:
    from dataclasses import MISSING, Field, asdict, dataclass, field, fields, replace

    __all__ = ["MISSING", "Field", "asdict", "dataclass", "field", "fields", "replace"]
else:
    _FIELDS = "__daemonic_fields__"
    _OPEN = "__daemonic_open__"  # those that have no default in the class
    _METHODS = ("__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__")
    MISSING = object()

    class Field:
        """default or default_factory: MISSING where there is none. is_shown: whether `repr` may tell its value."""

        __slots__ = ("default", "default_factory", "is_shown", "metadata", "name")

        def __init__(self, default: Any, default_factory: Any, is_shown: bool, metadata: Mapping[str, Any]) -> None:
            self.name = ""
            self.default = default
            self.default_factory = default_factory
            self.is_shown = is_shown
            self.metadata = metadata

    def field(*, default=MISSING, default_factory=MISSING, repr=True, metadata=None):  # noqa: A002
        return Field(default, default_factory, repr, metadata or {})

    def dataclass(cls: type | None = None, *, frozen: bool = False) -> Any:
        if cls is None:
            return lambda cls: dataclass(cls, frozen=frozen)
        own = dict(vars(cls))
        found = dict(getattr(cls, _FIELDS, {}))
        for name, annotation in own.get("__annotations__", {}).items():
            if not annotation.startswith("ClassVar"):
                found[name] = _declared(cls, name, own.get(name, MISSING))
        setattr(cls, _FIELDS, found)
        setattr(cls, _OPEN, tuple(each for each in found.values() if each.default is MISSING))
        for method in _METHODS:
            if method not in own:
                setattr(cls, method, getattr(_Frozen if frozen else _Shared, method))
        return cls

    def _declared(cls: type, name: str, given: Any) -> Field:
        """As in the library, the attribute of the class is the default, if there is one."""
        found = given if isinstance(given, Field) else field(default=given)
        found.name = name
        if found.default is not MISSING:
            setattr(cls, name, found.default)
        elif given is not MISSING:
            delattr(cls, name)
        return found

    def fields(kind: Any) -> tuple[Field, ...]:
        return tuple(getattr(kind, _FIELDS).values())

    def replace(instance: Any, **changes: Any) -> Any:
        return type(instance)(**{**_values(instance), **changes})

    def asdict(value: Any) -> Any:
        if hasattr(value, _FIELDS):
            return {name: asdict(each) for name, each in _values(value).items()}
        if isinstance(value, dict):
            return {key: asdict(each) for key, each in value.items()}
        return type(value)(map(asdict, value)) if isinstance(value, (list, tuple)) else value

    def _values(instance: Any) -> dict[str, Any]:
        """Without what a cached_property has added."""
        return {name: getattr(instance, name) for name in getattr(instance, _FIELDS)}

    def _default_of(instance: Any, missing: Field) -> Any:
        if missing.default_factory is MISSING:
            raise TypeError(f"{type(instance).__name__}: {missing.name} is missing")
        return missing.default_factory()

    class _Shared:
        """The methods of all classes. As in the library, what can be compared and changed cannot be hashed."""

        def __init__(self, *args: Any, **given: Any) -> None:
            """Called some thousand times in each run."""
            kind, values = type(self), self.__dict__
            found = getattr(kind, _FIELDS)
            values.update(zip(found, args))
            values.update(given)
            if len(values) != len(args) + len(given) or not found.keys() >= given.keys():
                told = f"{len(args)} by position, by name {', '.join(given) or 'none'}"  # not the values: they may be secret
                raise TypeError(f"{kind.__name__} has the fields {', '.join(found)}; given: {told}")
            if len(values) != len(found):
                for each in getattr(kind, _OPEN):
                    if each.name not in values:
                        values[each.name] = _default_of(self, each)

        def __repr__(self) -> str:
            found = getattr(self, _FIELDS)
            shown = ", ".join(f"{name}={value!r}" for name, value in _values(self).items() if found[name].is_shown)
            return f"{type(self).__qualname__}({shown})"

        def __eq__(self, other: object) -> bool:
            return _values(self) == _values(other) if type(other) is type(self) else NotImplemented

    class _Frozen(_Shared):
        def __hash__(self) -> int:
            return hash(tuple(_values(self).values()))

        def __setattr__(self, name: str, value: Any) -> None:
            raise AttributeError(f"{type(self).__name__}.{name} cannot be set: it is frozen")

        def __delattr__(self, name: str) -> None:
            raise AttributeError(f"{type(self).__name__}.{name} cannot be removed: it is frozen")
