"""Where training computes. Importing this never imports PyTorch.

Annotations are evaluated here, so that dataclasses of other modules can inherit the options.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from ctnas.settings.option import Option, check_options

Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Precision: TypeAlias = Literal["32-true", "bf16-mixed", "16-mixed"]


@dataclass(frozen=True, slots=True)
class Placement:
    """On which devices training computes, and in which number format."""

    device: Annotated[
        Device, Option("kind of device; auto takes a GPU where there is one.", resumed="free")
    ] = "auto"
    devices: Annotated[
        int,
        Option(
            "number of devices of each machine; they share every batch.", least=1, resumed="free"
        ),
    ] = 1
    nodes: Annotated[
        int,
        Option(
            "number of machines, started together by torchrun or a cluster's scheduler.",
            least=1,
            resumed="free",
        ),
    ] = 1
    precision: Annotated[
        Precision,
        Option(
            "number format of training, as Lightning Fabric names it; 16-mixed needs a GPU.",
            decides="weights",
        ),
    ] = "32-true"
    accumulate: Annotated[
        int,
        Option(
            "parts that a device takes its share of a batch in, one after another, where memory "
            "does not hold the whole; the result is that of the whole batch but for rounding "
            "and batch normalization.",
            least=1,
            decides="weights",
        ),
    ] = 1
    workers: Annotated[
        int,
        Option(
            "processes that prepare images for each device, at most one for each processor; 0 "
            "prepares them in training itself. It does not change the result.",
            least=0,
            resumed="free",
        ),
    ] = 0

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def parts(self) -> int:
        """Parts that a batch is divided into over all devices."""
        return self.devices * self.nodes * self.accumulate
