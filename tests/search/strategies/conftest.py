"""What the tests of several strategies need."""

import pytest


@pytest.fixture
def small_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw few candidates from a large space."""
    for name, value in (("DRAWN", 200), ("PARENTS", 5), ("CHILDREN", 4)):
        monkeypatch.setattr(f"ctnas.search.candidates.{name}", value)
