"""Numbers of things in words: one image, two images."""

from __future__ import annotations


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return "1 image" or "2,000 images".

    Args:
        count: how many.
        one: what one is called.
        many: what several are called; with an s at the end if not given.
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
