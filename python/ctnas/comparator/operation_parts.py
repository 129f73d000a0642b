"""What the names of operations say: parts that several share, and numbers in them."""

from __future__ import annotations

import re
from typing import NamedTuple

SEPARATOR = "."
"""Between the parts of an operation's name."""
CHOICE = "="
"""Between a decision and its choice in an operation's name."""

_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_ENDS_IN_NUMBER = re.compile(rf"(?P<stem>.*?)(?P<number>{_NUMBER})", re.DOTALL)
# After a dot, `b.1.16` ends in 16, and `rate.0.01` in 0.01.
_LAST_NUMBER = tuple(
    re.compile(rf"(?P<before>.*)[{mark}](?P<number>{number})", re.DOTALL)
    for mark, number in (
        (CHOICE, _NUMBER),
        (SEPARATOR, r"-?0\.\d+(?:[eE][-+]?\d+)?"),
        (SEPARATOR, r"-?\d+(?:[eE][-+]?\d+)?"),
    )
)


class Part(NamedTuple):
    """A part of a name.

    Attributes:
        text: as it stands.
        stem: what its number is a number of, or None if it has none: `k` in `k3`; what stands
            before it where it is a number alone.
        number: its number, or None.
        alone: whether it is a number and nothing else.
    """

    text: str
    stem: str | None = None
    number: float | None = None
    alone: bool = False


def parts_of(name: str) -> list[Part]:
    """Return the parts of an operation's name; none if it is of one piece.

    `unit1.layer2.k3` says where an operation is and what it does; `width=16` and `width.16` say
    which number was chosen.
    """
    for form in _LAST_NUMBER:
        last = form.fullmatch(name)
        if last is not None:
            before, text = last["before"], last["number"]
            return [*map(_part, _pieces(before)), Part(text, before, float(text), alone=True)]
    pieces = _pieces(name)
    return [_part(piece) for piece in pieces] if len(pieces) > 1 else []


def _pieces(name: str) -> list[str]:
    return [piece for piece in re.split(rf"[{SEPARATOR}{CHOICE}]", name) if piece]


def _part(text: str) -> Part:
    found = _ENDS_IN_NUMBER.fullmatch(text)
    if found is None or not found["stem"]:
        return Part(text)
    return Part(text, found["stem"], float(found["number"]))
