"""Progressive shrinking: train the largest network, then ever smaller subnets within it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import nn
from torch.nn import functional

from ctnas.spaces.mobilenetv3.importance import sort_channels
from ctnas.spaces.mobilenetv3.network import MobileNetV3Supernet
from ctnas.spaces.mobilenetv3.schedule import Schedule, draw_subnets
from ctnas.spaces.mobilenetv3.space import MobileNetV3Space
from ctnas.supernet.training import SupernetTraining
from ctnas.training.dry_run import Trial
from ctnas.training.seeds import Stream, numpy_stream, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from ctnas.architecture import ArchitectureBatch
    from ctnas.spaces.mobilenetv3.config import MobileNetV3Config
    from ctnas.supernet.network import AnyPath
    from ctnas.training.descent import Loss
    from ctnas.training.image_set import Batch


class ProgressiveShrinking(SupernetTraining):
    """Stages of training in which kernels, depths and widths become elastic, one after another.

    Every step draws subnets and adds up their gradients. They learn from the labels and from what
    the trained largest network, which is kept aside, says of the same images. Every stage begins
    without momentum, and the stages of width by sorting channels by importance.

    Source: Cai et al., "Once for All", ICLR 2020, section 3.3.
    """

    network: MobileNetV3Supernet
    own_settings: ClassVar = True

    def _prepare(self) -> None:
        settings: MobileNetV3Config = self.config.own_settings(self.space.name)
        self._settings = settings
        self.network.dropout = settings.dropout
        size = self.config.batch_size
        self._schedule = Schedule(settings.stages(size), len(self.batches))
        self._stage = self._schedule.stages[0]
        self._teacher: MobileNetV3Supernet | None = None
        (self._largest,) = self.network.paths(MobileNetV3Space().largest())

    def _epochs(self) -> int:
        return self._schedule.epochs

    def _optimizer(self) -> torch.optim.Optimizer:
        """Return Nesterov's descent; normalization and biases do not decay."""
        kept: list[nn.Parameter] = []
        decayed: list[nn.Parameter] = []
        for name, weight in self.network.named_parameters():
            free = "norm" in name or name.endswith("bias")
            (kept if free else decayed).append(weight)
        groups = [
            {"params": decayed, "weight_decay": self.config.weight_decay},
            {"params": kept, "weight_decay": 0.0},
        ]
        momentum = self.config.momentum
        return torch.optim.SGD(
            groups, lr=self.config.learning_rate, momentum=momentum, nesterov=momentum > 0
        )

    def _rate(self) -> Callable[[int], float]:
        return self._schedule.learning_rate

    def _begin_epoch(self, epoch: int) -> None:
        number, past = self._schedule.place(epoch)
        self._stage = self._schedule.stages[number]
        if number and not past:
            self._begin_stage(number)
        if number and self._settings.distillation and self._teacher is None:
            self._teacher = self._kept_teacher()

    def _begin_stage(self, number: int) -> None:
        if number == 1 and self._settings.distillation:
            weights = self.network.state_dict()
            self.state.kept = {name: weight.clone() for name, weight in weights.items()}
        before = self._schedule.stages[number - 1].expansions
        if self._stage.expansions != before:
            sort_channels(self.network, before)
        self.optimizer.state.clear()

    def _kept_teacher(self) -> MobileNetV3Supernet:
        """Return the largest network as its own stage left it."""
        layout = self.network.mobilenetv3_layout
        channels = layout.image_channels
        with seeded(0):
            teacher = MobileNetV3Supernet(layout, [0.0] * channels, [1.0] * channels)
        teacher.load_state_dict(self.state.kept)
        return teacher.requires_grad_(requires_grad=False).to(self.network.mean.device)

    def _draw(self, epoch: int) -> Iterator[ArchitectureBatch]:
        generator = numpy_stream(self.seed, Stream.PATHS, epoch)
        for _ in range(len(self.batches)):
            yield draw_subnets(self._stage, self._stage.subnets, generator)

    def _losses(self, parts: list[Batch], drawn: ArchitectureBatch) -> list[Loss]:
        soft_labels: list[Tensor | None] = [None] * len(parts)
        return [
            partial(self._distilled, parts, place, soft_labels, path)
            for path in self.network.paths(drawn)
            for place in range(len(parts))
        ]

    def _distilled(
        self, parts: list[Batch], place: int, soft_labels: list[Tensor | None], path: AnyPath
    ) -> Tensor:
        """Return the loss on one part of a batch; what the teacher expects of it is kept."""
        images, labels = parts[place]
        logits = self.descent.network(images, path)
        smoothing = self._settings.label_smoothing
        loss = functional.cross_entropy(logits, labels, label_smoothing=smoothing)
        if self._teacher is None:
            return loss
        expected = soft_labels[place]
        if expected is None:
            expected = soft_labels[place] = self._soft_labels(images)
        return loss + self._settings.distillation * functional.cross_entropy(logits, expected)

    def _soft_labels(self, images: Tensor) -> Tensor:
        """Return the probabilities [B, classes] that the teacher gives to classes."""
        assert self._teacher is not None
        # Normalized by the batch, as the subnets are.
        with torch.no_grad(), self.fabric.autocast():
            logits = self._teacher(images, self._largest)
        probabilities: Tensor = logits.float().softmax(dim=1)
        return probabilities

    def trials(self) -> list[Trial]:
        """Return what takes a step of each stage; the second of two phases stands for both."""
        batches = len(self.batches)
        trials: dict[str, Trial] = {}
        for number, stage in enumerate(self._schedule.stages):
            kind = stage.name.split()[0]
            steps = stage.epochs * batches + (trials[kind].steps if kind in trials else 0)
            first = self._schedule.first_epoch(number)
            trials[kind] = Trial(kind, steps, partial(self._try_stage, first))
        return list(trials.values())

    def _try_stage(self, epoch: int) -> Callable[[], None]:
        # Whatever came before has been trained in a real run.
        weights = self.network.state_dict()
        self.state.kept = {name: weight.clone() for name, weight in weights.items()}
        self._begin_epoch(epoch)
        return self.first_steps(epoch)
