"""One decision: its name and its choices, which are names, or numbers in an order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

import numpy as np

from ctnas.checked import check_type
from ctnas.errors import ArchitectureError, SpaceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import Float64Array

Choice: TypeAlias = str | int | float
"""What a decision may say: a name, or a number."""

_RESERVED = frozenset(",=\n\r\t")
_MOST_CHOICES = np.iinfo(np.int16).max


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: its name and the choices, in the order of their indices.

    Choices are names, or numbers. Numbers have distances: a comparator learns of 16 what holds for
    24. They may stand in any order; their values say which is larger.

    Raises:
        SpaceError: if choices are not all names or all finite numbers, or one stands twice.
    """

    name: str
    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if all(isinstance(choice, str) for choice in self.choices):
            _check_repetition(self.name, self.choices)
            return
        numbers = tuple(_as_number(self.name, choice) for choice in self.choices)
        _check_repetition(self.name, numbers)
        object.__setattr__(self, "choices", numbers)

    def __len__(self) -> int:
        return len(self.choices)

    @property
    def numbers(self) -> Float64Array | None:
        """The values of the choices, float64 [K], or None where they are names."""
        if not self.choices or isinstance(self.choices[0], str):
            return None
        return np.array(self.choices, dtype=np.float64)

    @property
    def texts(self) -> tuple[str, ...]:
        """The choices as text."""
        return tuple(map(str, self.choices))

    def index(self, choice: object) -> int:
        """Return the index of a choice; a number may also come as its text.

        Raises:
            ArchitectureError: if there is no such choice; of numbers, the message names the
                nearest.
        """
        value: object = choice if self.numbers is None else _number_of_text(choice)
        if value in self.choices:
            return self.choices.index(value)
        raise ArchitectureError(
            f"decision {self.name!r} has no choice {_shown(choice)}{self._nearest(choice)}; "
            f"allowed are {', '.join(self.texts)}"
        )

    def _nearest(self, choice: object) -> str:
        numbers, value = self.numbers, _number_of_text(choice)
        if numbers is None or value is None or not isfinite(value):
            return ""
        return f" (the nearest is {self.texts[int(np.abs(numbers - value).argmin())]})"


def checked_decisions(
    space: str, decisions: Mapping[str, Sequence[Choice]]
) -> tuple[Decision, ...]:
    """Return the decisions, after checking that they can be written as text and read again.

    Raises:
        SpaceError: naming the decision and what is wrong with it.
    """
    check_type("name", space, str)
    check_type("decisions", decisions, Mapping, "the choices of every decision, by its name")
    if not space or space != space.strip():
        raise SpaceError(f"a space needs a name without blanks around it, not {space!r}")
    if not decisions:
        raise SpaceError(f"space {space!r} has no decisions")
    return tuple(_checked(name, choices) for name, choices in decisions.items())


def _checked(name: str, choices: Sequence[Choice]) -> Decision:
    # The order of a set is another one in every process.
    if isinstance(choices, str | Set) or not isinstance(choices, Collection) or not len(choices):
        raise SpaceError(f"decision {name!r} needs a list of choices, not {choices!r}")
    if len(choices) > _MOST_CHOICES:
        raise SpaceError(
            f"decision {name!r} has {len(choices):,} choices, more than {_MOST_CHOICES:,}"
        )
    _check_word(name, name)
    for choice in choices:
        if isinstance(choice, str):
            _check_word(choice, name)
    return Decision(name, tuple(choices))


def _check_word(word: object, decision: str) -> None:
    if not isinstance(word, str) or not word or word != word.strip() or _RESERVED & set(word):
        raise SpaceError(
            f"decision {decision!r}: {word!r} must be text without ',', '=' and blanks around it"
        )


def _check_repetition(decision: str, choices: Sequence[Choice]) -> None:
    if len(set(choices)) != len(choices):
        listed = ", ".join(map(str, choices))
        raise SpaceError(f"decision {decision!r} has a choice twice: {listed}")


def _as_number(decision: str, choice: object) -> int | float:
    """Return a number as Python's own, whatever library it comes from."""
    if _is_number(choice):
        value = int(choice) if isinstance(choice, Integral) else float(choice)
        if isfinite(value):
            return value
    raise SpaceError(
        f"decision {decision!r}: choices must be all names or all finite numbers; "
        f"{choice!r} does not fit"
    )


def _is_number(value: object) -> TypeGuard[Real]:
    return isinstance(value, Real) and type(value).__name__ not in ("bool", "bool_")


def _number_of_text(choice: object) -> float | None:
    """Return the number that a text or a number stands for, or None."""
    if _is_number(choice):
        return float(choice)
    try:
        return float(choice) if isinstance(choice, str) else None
    except ValueError:
        return None


def _shown(choice: object) -> str:
    return repr(choice) if isinstance(choice, str) else str(choice)
