"""What may be changed when a run goes on."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from ctnas.errors import ConfigurationError

if TYPE_CHECKING:
    from ctnas.run.config import RunConfig

FREE = frozenset(
    {
        *("quiet", "threads", "provider", "out", "data", "confirm", "finalists", "top"),
        *("objective", "workers", "heartbeat", "engine", "address", "gpus_per_task"),
        *("supernet.device", "supernet.devices", "supernet.nodes", "supernet.workers"),
    }
)
"""How a run is shown, where it computes, and what is made of its result."""

_OF_PRESET = frozenset({"iterations", "baseline", "pseudo_label_ratio"})
"""What the preset gives where it is not set."""

_TOTALS = frozenset({"queries", "iterations"})


def check_resumable(before: RunConfig, now: RunConfig) -> None:
    """Refuse settings that would mix what cannot be compared.

    Totals (queries, iterations) may be raised; how a run is shown, where it computes and what is
    made of its result may change; anything else must stay.

    Raises:
        ConfigurationError: naming the first setting that differs, with both values.
    """
    old, new = (flat_options(each.without_password()) for each in (before, now))
    for name, value in new.items():
        was = old[name]
        if value == was or name in FREE:
            continue
        option = name.replace("_", "-")
        if name not in _TOTALS:
            raise ConfigurationError(
                f"a run that goes on keeps its settings: {option} was {_shown(name, was)} and "
                f"cannot become {_shown(name, value)}"
            )
        if was is not None and (value is None or value < was):
            raise ConfigurationError(
                f"{option} is a total and may only be raised: it was {was}, "
                f"not {_shown(name, value)}"
            )


def flat_options(config: object, prefix: str = "") -> dict[str, Any]:
    """Return every option by its dotted name."""
    options: dict[str, Any] = {}
    for field in fields(config) if is_dataclass(config) else ():
        value = getattr(config, field.name)
        if is_dataclass(value):
            options |= flat_options(value, f"{prefix}{field.name}.")
        else:
            options[f"{prefix}{field.name}"] = value
    return options


def _shown(name: str, value: object) -> str:
    if value is None:
        return "the preset's" if name in _OF_PRESET else "not given"
    return repr(str(value))
