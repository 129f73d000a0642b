"""What a preset chooses of a run, besides comparator and search, where the user does not."""

from __future__ import annotations

from dataclasses import is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from cyclopts.config import Dict

from ctnas.comparator.presets import PresetName, comparator_preset
from ctnas.run.config import RunConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance
    from cyclopts import App
    from cyclopts.argument import ArgumentCollection

_Options = TypeVar("_Options", bound="DataclassInstance")

# A few images of digits, and networks as small as they work.
_MOBILENETV3 = {
    "width": 0.1,
    "stem_stride": 1,
    "unit_strides": (2, 1, 1, 1, 1),
    "epochs": (1, 1, 0, 1, 0, 1),
    "warmup_epochs": (0, 0, 0, 0, 0, 0),
    "learning_rates": (0.1, 0.05, 0.05, 0.05, 0.05, 0.05),
    "reference_batch": 48,
    "subnets": (1, 1, 1, 1, 1, 2),
}
_SUPERNET = {
    "epochs": 2,
    "channels": 2,
    "train_images": 240,
    "calibration_images": 16,
    "mobilenetv3": _MOBILENETV3,
}
_OPTIONS: dict[str, dict[str, Any]] = {
    "smoke": {"queries": 20, "confirm": 3, "finalists": 1, "top": 10, "supernet": _SUPERNET}
}


def preset_options(name: str) -> dict[str, Any]:
    """Return the options of a run that differ from the defaults; groups of options are nested.

    Raises:
        ConfigurationError: if there is no such preset.
    """
    return _OPTIONS.get(comparator_preset(name).name, {})


def preset_config(name: PresetName, **options: Any) -> RunConfig:
    """Return the settings of a run with a preset.

    Args:
        name: of the preset.
        options: what stands in place of the preset's; a group, such as `supernet`, may be a mapping
            of those of its options that do.

    Raises:
        ConfigurationError: if there is no such preset, or an option is not allowed.
    """
    chosen = _merged(preset_options(name), options)
    return _replaced(RunConfig(), {**chosen, "preset": name})


def preset_layer(app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Take what `--preset` chooses for every option that neither command line nor file gives."""
    given = [token for each in arguments if "--preset" in each.names for token in each.tokens]
    if given and given[-1].value in get_args(PresetName):
        name = given[-1].value
        Dict(preset_options(name), source=f"preset {name}")(app, commands, arguments)


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested options; the second ones win."""
    merged = {**first, **second}
    for name in first.keys() & second.keys():
        if isinstance(first[name], dict) and isinstance(second[name], dict):
            merged[name] = _merged(first[name], second[name])
    return merged


def _replaced(config: _Options, options: Mapping[str, Any]) -> _Options:
    """Return a dataclass with options in place of its own."""
    whole: dict[str, Any] = {
        name: _replaced(getattr(config, name), value)
        if isinstance(value, dict) and is_dataclass(getattr(config, name))
        else value
        for name, value in options.items()
    }
    return replace(config, **whole)
