"""Where training computes. Importing this never imports PyTorch.

Annotations are evaluated here, so that dataclasses of other modules can inherit the options.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from ctnas.errors import ConfigurationError

Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Precision: TypeAlias = Literal["32-true", "bf16-mixed", "16-mixed"]


@dataclass(frozen=True, slots=True)
class Placement:
    """On which devices training computes, and in which number format.

    Attributes:
        device: kind of device; auto takes a GPU where there is one.
        devices: number of devices of each machine; they share every batch.
        nodes: number of machines, started together by torchrun or a cluster's scheduler.
        precision: number format of training, as Lightning Fabric names it; 16-mixed needs a GPU.
        accumulate: parts that a device takes its share of a batch in, one after another, where
            memory does not hold the whole; the result is that of the whole batch but for rounding
            and batch normalization.
        workers: processes that prepare images for each device, at most one for each processor;
            0 prepares them in training itself. It does not change the result.
    """

    device: Device = "auto"
    devices: int = 1
    nodes: int = 1
    precision: Precision = "32-true"
    accumulate: int = 1
    workers: int = 0

    def __post_init__(self) -> None:
        check_least(self, {"devices": 1, "nodes": 1, "accumulate": 1, "workers": 0})
        for name, choices in (("device", get_args(Device)), ("precision", get_args(Precision))):
            if getattr(self, name) not in choices:
                raise ConfigurationError(
                    f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}"
                )

    @property
    def parts(self) -> int:
        """Parts that a batch is divided into over all devices."""
        return self.devices * self.nodes * self.accumulate


def check_least(settings: object, least: Mapping[str, int]) -> None:
    """Check that settings are whole numbers that are large enough, or not given.

    Args:
        settings: has an attribute for each name.
        least: the smallest allowed value by name.

    Raises:
        ConfigurationError: naming the first that is not.
    """
    for name, minimum in least.items():
        value = getattr(settings, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise ConfigurationError(f"{name} must be a whole number, not {value!r}")
        if value is not None and value < minimum:
            raise ConfigurationError(f"{name} must be at least {minimum}, not {value}")
