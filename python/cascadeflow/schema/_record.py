"""Configuration classes with the methods that users of the published ones know from pydantic."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from .exceptions import ValidationError

T = TypeVar("T", bound="Record")


class Field:
    """A field of a [`Record`]: how its value is made and whether it must be given."""

    __slots__ = ("default", "factory", "kind", "optional", "required")

    def __init__(
        self,
        kind: type,
        default: Any = None,
        *,
        factory: Callable[[], Any] | None = None,
        required: bool = False,
        optional: bool = False,
    ) -> None:
        self.kind = kind
        self.default = default
        self.factory = factory
        self.required = required
        self.optional = optional

    def make_default(self) -> Any:
        """The value of a field that was not given."""
        return self.factory() if self.factory is not None else self.default

    def coerce(self, owner: str, name: str, value: Any) -> Any:
        """`value` as the field's type."""
        if isinstance(value, self.kind) and not (self.kind is int and isinstance(value, bool)):
            return value
        if value is None and self.optional:
            return value
        if self.kind is object:
            return value
        if self.kind in (int, float):
            try:
                number = float(str(value))
                if self.kind is float:
                    return number
                if number == int(number):
                    return int(number)
            except (TypeError, ValueError, OverflowError):
                pass
        expected = {int: "a whole number", float: "a number", str: "a text"}.get(
            self.kind, f"a {self.kind.__name__}"
        )
        raise invalid(owner, name, value, f"give {expected}")


def invalid(owner: str, name: str, value: object, hint: str) -> ValidationError:
    """The error of a field that does not hold what it must."""
    error = ValidationError(f"{name} of `{owner}` is not valid: `{value!r}` (hint: {hint})")
    error.field = name
    error.hint = hint
    return error


class Record:
    """A mutable set of named values with checks at construction."""

    _fields: ClassVar[dict[str, Field]] = {}
    _extra_allowed: ClassVar[bool] = False

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, **values: Any) -> None:
        owner = type(self).__name__
        stored = self.__dict__
        given: set[str] = set()
        for name, field in self._fields.items():
            if name in values:
                value = values.pop(name)
                stored[name] = field.coerce(owner, name, value)
                given.add(name)
            elif field.required:
                error = ValidationError(f"{name} of `{owner}` is missing (hint: give `{name}=…`)")
                error.field = name
                error.hint = f"give `{name}=…`"
                raise error
            else:
                stored[name] = field.make_default()
        if values and self._extra_allowed:
            stored.update(values)
        object.__setattr__(self, "_given", given | set(values) if self._extra_allowed else given)
        self._check()

    def _check(self) -> None:
        """Checks what depends on more than a type."""

    @property
    def model_fields_set(self) -> set[str]:
        """Names of the fields that were given."""
        given: set[str] = self.__dict__["_given"]
        return set(given)

    @property
    def model_extra(self) -> dict[str, Any]:
        """What was given beyond the fields."""
        return {n: v for n, v in self._items() if n not in self._fields}

    def _items(self) -> Iterator[tuple[str, Any]]:
        return ((n, v) for n, v in self.__dict__.items() if not n.startswith("_"))

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value
        self.__dict__["_given"].add(name)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(list(self._items()))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return dict(self._items()) == dict(other._items())

    def __repr__(self) -> str:
        shown = ", ".join(f"{n}={_shown(n, v)}" for n, v in self._items())
        return f"{type(self).__name__}({shown})"

    def __str__(self) -> str:
        return " ".join(f"{n}={_shown(n, v)}" for n, v in self._items())

    def model_dump(
        self,
        *,
        include: set[str] | None = None,
        exclude: set[str] | None = None,
        exclude_none: bool = False,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        **_: Any,
    ) -> dict[str, Any]:
        """The values as a dict."""
        given = self.model_fields_set
        return {
            name: _plain(value)
            for name, value in self._items()
            if (include is None or name in include)
            and (exclude is None or name not in exclude)
            and not (exclude_none and value is None)
            and not (exclude_unset and name not in given)
            and not (
                exclude_defaults
                and name in self._fields
                and value == self._fields[name].make_default()
            )
        }

    def dict(self, **options: Any) -> dict[str, Any]:
        """See `model_dump`."""
        return self.model_dump(**options)

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """The values as JSON text."""
        import json

        return json.dumps(self.model_dump(**options), indent=indent, ensure_ascii=False)

    def model_copy(self: T, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> T:
        """A copy, changed where `update` says."""
        made = copy.deepcopy(self) if deep else copy.copy(self)
        for name, value in (update or {}).items():
            setattr(made, name, value)
        return made

    def __copy__(self: T) -> T:
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.__dict__["_given"] = set(self.__dict__["_given"])
        return made

    @classmethod
    def model_validate(cls: type[T], values: Any, **_: Any) -> T:
        """An instance of a mapping; an instance as it is."""
        if isinstance(values, cls):
            return values
        if not isinstance(values, Mapping):
            raise invalid(cls.__name__, "values", values, "give a dict")
        return cls(**values)


def _shown(name: str, value: object) -> str:
    return "'***'" if name == "api_key" and value else repr(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.model_dump()
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
