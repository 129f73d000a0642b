"""Train one network from scratch and judge it, epoch after epoch."""

from __future__ import annotations

from functools import partial
from itertools import repeat
from math import nan
from time import perf_counter
from typing import TYPE_CHECKING

from torch.nn import functional

from ctnas.retraining.network import RetrainedNetwork, build_network
from ctnas.settings.resuming import deciding_options
from ctnas.training.augmentation import cropped_and_colored, shifted_and_flipped
from ctnas.training.descent import cosine, exponential
from ctnas.training.evaluation import Score, evaluate
from ctnas.training.loop import EpochLoop
from ctnas.training.seeds import Stream, seeded, torch_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from lightning_fabric import Fabric
    from torch import Tensor

    from ctnas.architecture import ArchitectureBatch
    from ctnas.retraining.config import TrainConfig
    from ctnas.training.augmentation import Augmentation
    from ctnas.training.checkpoint import Identity
    from ctnas.training.descent import Loss
    from ctnas.training.image_set import Batch, ImageSplits, Progress

_SCHEDULES = {"cosine": cosine, "exponential": exponential}


class ScratchTraining(EpochLoop[RetrainedNetwork, None]):
    """Stochastic gradient descent on one architecture.

    Args:
        architecture: a batch of one.
        splits: the images; validation images, if there are any, judge in place of test images.
        config: settings.
        fabric: the devices.

    Attributes:
        network: the weights.

    Raises:
        ConfigurationError: if the settings fit neither the space nor the images.
    """

    config: TrainConfig

    def __init__(
        self,
        architecture: ArchitectureBatch,
        splits: ImageSplits,
        config: TrainConfig,
        fabric: Fabric,
    ) -> None:
        self._architecture, self._splits = architecture, splits
        self._judges = splits.validation if len(splits.validation) else splits.test
        statistics = splits.channel_statistics()
        seed = _seed(config)
        with seeded(torch_seed(seed, Stream.WEIGHTS)):
            network = build_network(
                config, architecture, splits.shape, len(splits.classes), statistics
            )
        augmentation = _augmentation(config, splits.shape, statistics[0])
        super().__init__(network, splits.train, augmentation, config, seed, fabric)

    def run(self, checkpoint: Path, progress: Progress | None = None) -> Score:
        """Train every epoch that is not finished; see `EpochLoop.train`.

        Returns:
            The score after the last epoch.
        """
        self.train(checkpoint, progress)
        last = self.state.history[-1]
        return Score(last["accuracy"], last["top5"])

    def evaluate(self) -> Score:
        """Return the score on validation images, or on test images where there are none."""
        network, size = self.network.eval(), self.config.batch_size
        return evaluate(lambda pixels: network(pixels)[0], network.mean.device, self._judges, size)

    def _rate(self) -> Callable[[int], float]:
        schedule = _SCHEDULES[self.config.schedule]
        return schedule(self.config.learning_rate, self.config.final_learning_rate, self.steps)

    def _begin_epoch(self, epoch: int) -> None:
        self.network.path_dropout = self.config.path_dropout * epoch / self.config.epochs

    def _end_epoch(self, epoch: int, loss: float, start: float) -> None:
        """Add a row to the history."""
        finished, score = epoch + 1, Score(nan, nan)
        if finished % self.config.evaluate_every == 0 or finished == self.config.epochs:
            score = self.evaluate()
        self.state.history.append(
            {
                "epoch": float(finished),
                "learning_rate": self.rate(epoch * len(self.batches)),
                "loss": loss,
                "accuracy": score.accuracy,
                "top5": score.top5,
                "seconds": perf_counter() - start,
            }
        )

    def _draw(self, epoch: int) -> Iterable[None]:  # noqa: ARG002
        return repeat(None)

    def _losses(self, parts: list[Batch], drawn: None) -> list[Loss]:  # noqa: ARG002
        return [partial(self._loss, part) for part in parts]

    def _loss(self, part: Batch) -> Tensor:
        images, labels = part
        logits, *auxiliary = self.descent.network(images)
        smoothing = self.config.label_smoothing
        loss = functional.cross_entropy(logits, labels, label_smoothing=smoothing)
        for more in auxiliary:
            loss = loss + self.config.auxiliary_weight * functional.cross_entropy(
                more, labels, label_smoothing=smoothing
            )
        return loss

    def _identity(self, images: int) -> Identity:
        return {
            "space": self._architecture.space,
            "architecture": str(self._architecture.decisions[0].tolist()),
            **deciding_options(self.config, "weights"),
            "images": images,
            "shape": str(self._splits.shape),
            "classes": len(self._splits.classes),
        }


def _seed(config: TrainConfig) -> int:
    """Return what weights and order are drawn with; images are divided by the seed itself."""
    if not config.repetition:
        return config.seed
    return torch_seed(config.seed, Stream.REPETITION, config.repetition)


def _augmentation(
    config: TrainConfig, shape: tuple[int, int, int], mean: list[float]
) -> Augmentation:
    if config.stem == "imagenet":
        return cropped_and_colored(shape[1])
    return shifted_and_flipped(shape, config.cutout, mean)
