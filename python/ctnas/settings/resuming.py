"""What a resumed run may change, and what its results depend on."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ctnas.errors import ConfigurationError
from ctnas.settings.option import OUTCOMES, option_values

if TYPE_CHECKING:
    from ctnas.settings.option import Declared, Outcome


def check_resumable(before: object, now: object) -> None:
    """Refuse settings that would mix what cannot be compared.

    Options that are totals may be raised, free ones may change, all others must stay.

    Args:
        before: settings of the run so far.
        now: settings to resume it with, of the same class.

    Raises:
        ConfigurationError: naming the first option that differs, with both values.
    """
    for (each, was), (_, value) in zip(option_values(before), option_values(now), strict=True):
        if value == was or each.option.resumed == "free":
            continue
        if each.option.resumed == "fixed":
            raise ConfigurationError(
                f"a resumed run keeps its settings: {each.flag} was {_shown(each, was)} and "
                f"cannot become {_shown(each, value)}"
            )
        if was is not None and (value is None or value < was):
            raise ConfigurationError(
                f"{each.flag} is a total and may only be raised: it was {was}, "
                f"not {_shown(each, value)}"
            )


def deciding_options(config: object, outcome: Outcome) -> dict[str, Any]:
    """Return the options that an outcome depends on, by dotted name, with their values."""
    earlier = OUTCOMES[: OUTCOMES.index(outcome) + 1]
    return {
        each.name: value
        for each, value in option_values(config)
        if each.option.decides in earlier and each.option.resumed != "total"
    }


def identity(config: object, outcome: Outcome) -> str:
    """Return a SHA-256 of the options that an outcome depends on."""
    kept = {name: str(value) for name, value in deciding_options(config, outcome).items()}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _shown(each: Declared, value: object) -> str:
    return each.option.unset if value is None else repr(str(value))
