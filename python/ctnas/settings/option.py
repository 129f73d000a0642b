"""What an option is: help, bounds, what resuming allows, and what depends on it."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, get_args, get_origin
from typing import get_type_hints as resolved_hints

from cyclopts import Group, Parameter

from ctnas.app.text_file import expanded
from ctnas.checked import number, whole
from ctnas.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

Resumed: TypeAlias = Literal["fixed", "total", "free"]
"""What may become of an option when a run is resumed: nothing, a larger value, any value."""

Outcome: TypeAlias = Literal["weights", "labels", "search"]
"""What depends on options, in the order of a run: each depends on what stands before it too."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class Option(Parameter):
    """The meaning of one option, as metadata of its field: `Annotated[int, Option("...")]`.

    The command line reads the same object: it is a parameter of cyclopts.

    Args:
        description: what the option does; the text of `--help`.
        group: heading of the help under which it stands.
        least: smallest value.
        above: what the value must be larger than.
        most: largest value.
        below: what the value must be smaller than.
        resumed: what may become of it when a run is resumed.
        decides: the first outcome that depends on it; None if nothing does.
        unset: what holds where no value is given, as said when a run is resumed.
        stored: whether the settings that a run writes have it.
        cyclopts: further parameters of cyclopts.
    """

    least: float | None
    above: float | None
    most: float | None
    below: float | None
    resumed: Resumed
    decides: Outcome | None
    unset: str
    stored: bool

    def __init__(
        self,
        description: str,
        *,
        group: Group | None = None,
        least: float | None = None,
        above: float | None = None,
        most: float | None = None,
        below: float | None = None,
        resumed: Resumed = "fixed",
        decides: Outcome | None = None,
        unset: str = "not given",
        stored: bool = True,
        **cyclopts: Any,
    ) -> None:
        if group is not None:
            cyclopts["group"] = group
        super().__init__(help=description, **cyclopts)
        meaning = {
            "least": least,
            "above": above,
            "most": most,
            "below": below,
            "resumed": resumed,
            "decides": decides,
            "unset": unset,
            "stored": stored,
        }
        for name, value in meaning.items():
            # A parameter of cyclopts is frozen.
            object.__setattr__(self, name, value)

    # Each is one of its kind: typing keeps one object for equal metadata.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def bounds(self) -> str:
        """The bounds in words: "at least 0 and below 1"; empty where there are none."""
        named = {"at least": self.least, "above": self.above}
        named |= {"at most": self.most, "below": self.below}
        return " and ".join(
            f"{word} {bound if isinstance(bound, int) else f'{bound:g}'}"
            for word, bound in named.items()
            if bound is not None
        )

    def holds(self, value: float) -> bool:
        """Return whether a number is within the bounds; no bound holds what is not finite."""
        return not self.bounds or (
            isfinite(value)
            and (self.least is None or value >= self.least)
            and (self.above is None or value > self.above)
            and (self.most is None or value <= self.most)
            and (self.below is None or value < self.below)
        )


@dataclass(frozen=True, slots=True)
class Declared:
    """An option as a class of settings declares it.

    Attributes:
        name: of the field; dotted where it is one of nested settings.
        kind: type of a value that is given, without the metadata.
        option: its meaning.
    """

    name: str
    kind: Any
    option: Option

    @property
    def flag(self) -> str:
        """The name on the command line, without the two hyphens."""
        return self.name.replace("_", "-")


def declared_options(settings: type) -> tuple[Declared, ...]:
    """Return the options of a class of settings, nested settings not looked into.

    Raises:
        TypeError: if a field does not say what it means.
    """
    return _declared_options(settings)


@cache
def _declared_options(settings: Any) -> tuple[Declared, ...]:
    if not is_dataclass(settings):
        raise TypeError(f"{settings.__name__} is no dataclass")
    hints = resolved_hints(settings, include_extras=True)
    return tuple(_declared(settings, field.name, hints[field.name]) for field in fields(settings))


def _declared(settings: Any, name: str, hint: Any) -> Declared:
    found = [part for part in getattr(hint, "__metadata__", ()) if isinstance(part, Option)]
    if len(found) != 1:
        raise TypeError(f"field {name!r} of {settings.__name__} needs one Option")
    return Declared(name, _kind(hint), found[0])


def _kind(hint: Any) -> Any:
    """Return a type without metadata, and without None as an alternative."""
    if get_origin(hint) is Annotated:
        return _kind(get_args(hint)[0])
    parts = get_args(hint)
    if NoneType in parts:
        return _kind(next(part for part in parts if part is not NoneType))
    return hint


def option_values(config: object, prefix: str = "") -> Iterator[tuple[Declared, Any]]:
    """Yield every option of settings with its value; those of nested settings by dotted names."""
    for each in declared_options(type(config)):
        value = getattr(config, each.name)
        if is_dataclass(value):
            yield from option_values(value, f"{prefix}{each.name}.")
        else:
            yield Declared(prefix + each.name, each.kind, each.option), value


def check_options(config: object) -> None:
    """Check every value of settings against its type and bounds, and convert other numbers.

    Raises:
        ConfigurationError: naming the first option that is not allowed, what is, and its value.
    """
    for each in declared_options(type(config)):
        value = getattr(config, each.name)
        if value is None or is_dataclass(value):
            continue
        if isinstance(value, Path):
            # A path that Python is given; those of command lines and files are expanded.
            value = Path(expanded(str(value)))
            object.__setattr__(config, each.name, value)
        if each.kind in (int, float) and not isinstance(value, each.kind):
            # NumPy's numbers, and whole numbers where any are meant, are as good as Python's.
            value = (whole if each.kind is int else number)(each.name, value)
            object.__setattr__(config, each.name, value)
        allowed = _allowed(each, value)
        if allowed is not None:
            raise ConfigurationError(f"{each.name} must be {allowed}")


def _allowed(each: Declared, value: Any) -> str | None:
    """Return what an option must be, and what it is; None if the value is allowed."""
    if get_origin(each.kind) is not tuple:
        return _allowed_value(each.kind, each.option, value)
    kinds = get_args(each.kind)
    if kinds[-1] is Ellipsis:
        refusals = (_allowed_value(kinds[0], each.option, entry) for entry in value)
        return next((refusal for refusal in refusals if refusal is not None), None)
    entries = zip(kinds, value, strict=False)
    if len(value) == len(kinds) and not any(_allowed_value(k, each.option, v) for k, v in entries):
        return None
    return f"{len(kinds)} {_plural(kinds[0], each.option)}, not {value}"


def _allowed_value(kind: Any, option: Option, value: Any) -> str | None:
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    if choices and value not in choices:
        return f"one of {', '.join(map(str, choices))}, not {value!r}"
    if kind not in (int, float):
        return None
    whole = isinstance(value, int) and not isinstance(value, bool)
    if kind is int and not whole:
        return f"a whole number, not {value!r}"
    if not whole and not isinstance(value, float):
        return f"a number, not {value!r}"
    return None if option.holds(value) else f"{option.bounds}, not {value}"


def _plural(kind: Any, option: Option) -> str:
    word = "whole numbers" if kind is int else "numbers"
    bounds = option.bounds
    return f"{word} {'of ' if bounds.startswith('at') else ''}{bounds}".rstrip()
