"""Labels by the weights that architectures inherit from a supernet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.labels.label import Label
from ctnas.supernet.evaluation import Evaluator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.labels.label import Attribute
    from ctnas.spaces import SearchSpace
    from ctnas.supernet.config import SupernetConfig
    from ctnas.supernet.evaluation import Measurement, Split
    from ctnas.supernet.network import Supernet
    from ctnas.training.image_set import ImageSplits


class SupernetLabels:
    """Gives labels with the weights that architectures inherit.

    Args:
        space: the search space.
        supernets: trained weights; of several, a measurement is the mean.
        splits: the images.
        settings: of the supernet.
        metric: what the labels are: log_likelihood, if None, or accuracy.
        seed: of the choice of calibration images.

    Attributes:
        space: the search space.
        metric: what the labels measure.
        classes: number of classes of the images.
    """

    def __init__(
        self,
        space: SearchSpace,
        supernets: Sequence[Supernet],
        splits: ImageSplits,
        settings: SupernetConfig,
        metric: str | None,
        seed: int,
    ) -> None:
        self.space = space
        self.metric = metric or "log_likelihood"
        self.classes = len(splits.classes)
        count = settings.calibration_images
        self._evaluator = Evaluator(supernets, splits, calibration_images=count, seed=seed)

    def labels(self, texts: Sequence[str]) -> Iterator[Label]:
        """Yield the label of each architecture, measured on validation images, once it is known."""
        for measured in self.measurements(self.space.parse(texts), "validation"):
            attributes: dict[str, Attribute] = {
                "accuracy": measured.accuracy,
                "log_likelihood": measured.log_likelihood,
            }
            if measured.top5 is not None:
                attributes["top5"] = measured.top5
            yield Label(getattr(measured, self.metric), attributes)

    def label(self, text: str) -> Label:
        """Return the label of one architecture."""
        return next(self.labels([text]))

    def measurements(self, batch: ArchitectureBatch, split: Split) -> Iterator[Measurement]:
        """Yield what each architecture achieves, once it is known."""
        return self._evaluator.measure(batch, split)
