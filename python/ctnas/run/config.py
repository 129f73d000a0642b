"""The options of a run. Command line, TOML file and Python take them from here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from ctnas.checked import MOST_SEED
from ctnas.comparator.presets import PresetName, comparator_preset
from ctnas.errors import ConfigurationError
from ctnas.labels.passwords import without_password
from ctnas.networks.latency import LatencyConfig
from ctnas.retraining.architecture import retrained_spaces
from ctnas.retraining.config import TrainingOptions
from ctnas.run.where import MeasuringOptions
from ctnas.searching.config import search_preset
from ctnas.settings.headings import LABEL, LEAVE, SEARCH, SUPERNET, TRAINING, WHERE
from ctnas.settings.headings import LATENCY as LATENCY_GROUP
from ctnas.settings.objectives import (
    Limit,
    Objective,
    latency_limit,
    parse_limits,
    parse_objectives,
)
from ctnas.settings.option import Option
from ctnas.settings.presets import with_options
from ctnas.settings.quantity import Quantity
from ctnas.spaces import space_names
from ctnas.supernet.config import SupernetConfig, settings_of_spaces
from ctnas.supernet.layouts import supernet_spaces

MADDS_FRONT = "accuracy,madds"
"""The objective of a front that the comparator expects."""


@dataclass(frozen=True, slots=True)
class RunConfig(MeasuringOptions):
    """What a run does."""

    preset: Annotated[
        PresetName,
        Option(
            "default is the most accurate; paper is section 4 and appendix C; smoke tries every "
            "part in seconds, with numbers that mean nothing: its supernet and its numbers of "
            "queries, candidates and finalists are small as well, unless they are given.",
            group=SEARCH,
            decides="search",
        ),
    ] = "default"
    prior: Annotated[
        tuple[str, ...],
        Option(
            "what is known besides labels, right or wrong: the directory of another comparator or "
            "run of this space, or TABLE:COLUMN with a number for many architectures; may be given "
            "more than once. How much it is believed is learned from the labels.",
            group=SEARCH,
            decides="search",
            negative=(),
        ),
    ] = ()
    iterations: Annotated[
        int | None,
        Option(
            "iterations of Algorithm 1; the preset's if not given.",
            group=SEARCH,
            least=1,
            resumed="total",
            unset="the preset's",
        ),
    ] = None
    baseline: Annotated[
        Literal["curriculum", "fixed", "random"] | None,
        Option(
            "how the baseline is updated; the preset's if not given.",
            group=SEARCH,
            decides="search",
            unset="the preset's",
        ),
    ] = None
    pseudo_label_ratio: Annotated[
        float | None,
        Option(
            "share of pseudo-labels in a batch; the preset's if not given.",
            group=SEARCH,
            least=0,
            below=1,
            decides="search",
            unset="the preset's",
        ),
    ] = None
    objective: Annotated[
        str,
        Option(
            "what is looked for: one metric or up to three, a minus before those to minimize, "
            "such as accuracy,-latency. The first is what the labels measure; the others are "
            "columns of the table, madds, parameters, or latency, which is measured here. More "
            "than one leave a Pareto front; accuracy,madds is the front that the comparator "
            "expects without further measurements.",
            group=SEARCH,
            resumed="free",
        ),
    ] = "accuracy"
    max: Annotated[
        tuple[str, ...],
        Option(
            "hard limits, COLUMN=VALUE each: the largest value of a metric that a result may "
            "have. Finalists keep all limits as measured; what was not measured is only offered "
            "if it keeps them with 95 %.",
            group=SEARCH,
            resumed="free",
            negative="",
        ),
    ] = ()
    min: Annotated[
        tuple[str, ...],
        Option("the same for the smallest value.", group=SEARCH, resumed="free", negative=""),
    ] = ()
    max_latency: Annotated[
        str | None,
        Option(
            "the largest latency of a result: 5ms, 300us or 0.1s; --max latency=MILLISECONDS.",
            group=SEARCH,
            resumed="free",
        ),
    ] = None
    latency_by: Annotated[
        Literal["search", "workers"],
        Option(
            "who measures latencies: the search, on this machine, or ctnas-label --measure "
            "latency on the device that matters, as the search prints it.",
            group=SEARCH,
            resumed="free",
        ),
    ] = "search"
    max_madds: Annotated[
        Quantity | None,
        Option(
            "hard limit on multiply-adds, for spaces that know them; 600M is 600 million.",
            group=SEARCH,
            above=0,
            decides="search",
        ),
    ] = None
    finalists: Annotated[
        int,
        Option(
            "number of best architectures to measure again on test images.",
            group=LEAVE,
            least=1,
            resumed="free",
        ),
    ] = 5
    retrain: Annotated[
        int | None,
        Option(
            "epochs to train the best architecture from scratch at the end (600, as in the paper, "
            "if nothing follows), otherwise as --training says; it is written as a network that "
            "runs. One that --full-trainings has trained so already is not trained again. If not "
            "given, nothing is written.",
            group=LEAVE,
            least=1,
            resumed="free",
        ),
    ] = None
    full_trainings: Annotated[
        int,
        Option(
            "number of trainings from scratch to spend, after the other labels, on what may be the "
            "best, in rounds; the last ones repeat finalists that noise does not tell apart. The "
            "found ones are then the best by all that was measured. --training says how each is "
            "trained; it takes one CPU core, or the GPU.",
            group=LABEL,
            least=0,
            resumed="total",
        ),
    ] = 0
    top: Annotated[
        int,
        Option("number of architectures in ranking.csv.", group=LEAVE, least=1, resumed="free"),
    ] = 100
    seed: Annotated[
        int,
        Option(
            "equal seeds give equal results on the CPU.",
            group=SEARCH,
            least=0,
            most=MOST_SEED,
            decides="weights",
        ),
    ] = 0
    provider: Annotated[
        Literal["auto", "cpu", "cuda"],
        Option(
            "where ONNX Runtime scores; auto takes CUDA where it works.",
            group=WHERE,
            resumed="free",
        ),
    ] = "auto"
    threads: Annotated[
        int | None,
        Option(
            "CPU threads for training and scoring; one for each core if not given.",
            group=WHERE,
            least=1,
            resumed="free",
        ),
    ] = None
    out: Annotated[
        Path | None,
        Option(
            "run directory; `runs/<time>-<space>` if not given.",
            group=LEAVE,
            resumed="free",
            stored=False,
        ),
    ] = None
    quiet: Annotated[
        bool, Option("plain lines in place of progress bars.", group=LEAVE, resumed="free")
    ] = False
    latency: Annotated[
        LatencyConfig, Option("how latencies are measured.", group=LATENCY_GROUP)
    ] = field(default_factory=LatencyConfig)
    supernet: Annotated[
        SupernetConfig, Option("how the supernet is built and trained.", group=SUPERNET)
    ] = field(default_factory=SupernetConfig)
    training: Annotated[
        TrainingOptions,
        Option("how networks are trained from scratch, as by ctnas-train.", group=TRAINING),
    ] = field(default_factory=TrainingOptions)

    def __post_init__(self) -> None:
        self._adopt_objective()
        MeasuringOptions.__post_init__(self)
        self._check_space()
        self._check_labels()
        if self.retrain is not None:
            self._check_retrained("--retrain")
        if self.full_trainings:
            self._check_full_trainings()

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is looked for, the metric of the labels first."""
        return parse_objectives(self.objective)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """What a result keeps beside `max_madds`."""
        latency = [] if self.max_latency is None else [latency_limit(self.max_latency)]
        return parse_limits([*self.max, *latency], self.min)

    @property
    def has_targets(self) -> bool:
        """Whether there is more to a result than the label, and multiply-adds."""
        return bool(self.limits) or (len(self.objectives) > 1 and self.objective != MADDS_FRONT)

    def _adopt_objective(self) -> None:
        """Take metric and direction of the labels from the first objective, if it says more."""
        first = self.objectives[0]
        if first.minimized:
            object.__setattr__(self, "minimize", True)
        if first.name != "accuracy" and self.metric not in (None, first.name):
            raise ConfigurationError(
                f"the first objective is {first.name!r} and the metric of the labels "
                f"{self.metric!r}: they are the same thing"
            )
        if first.name != "accuracy" or (self.has_targets and self.metric is None):
            object.__setattr__(self, "metric", first.name)

    @property
    def random_share(self) -> float:
        """Share of the queries that is drawn at random unless a number is given."""
        return search_preset(self.preset).random_queries

    def without_password(self) -> RunConfig:
        """Return the settings as they may be kept: the URL of a database has no password."""
        if self.storage is None:
            return self
        return replace(self, storage=without_password(self.storage))

    def _check_space(self) -> None:
        if self.space not in space_names() and not self.space.endswith(".toml"):
            raise ConfigurationError(
                f"unknown search space {self.space!r}; known are {', '.join(space_names())}, "
                "or the path of a TOML file that declares one"
            )
        if self.decisions and self.labels is None:
            raise ConfigurationError("--decisions belongs to --labels: they are columns of a table")
        if self.labels is None and self.space not in supernet_spaces():
            raise ConfigurationError(
                f"there is no supernet for space {self.space!r}, only for "
                f"{', '.join(supernet_spaces())}: give measured labels by --labels"
            )

    def _check_labels(self) -> None:
        if self.labels is None and self.metric not in (None, "log_likelihood", "accuracy"):
            raise ConfigurationError(
                f"the supernet measures log_likelihood or accuracy, not {self.metric!r}"
            )
        for name in ("minimize", "skip_invalid"):
            if self.labels is None and getattr(self, name):
                raise ConfigurationError(f"--{name.replace('_', '-')} belongs to --labels")

    def _check_retrained(self, flag: str) -> None:
        if self.space not in retrained_spaces():
            raise ConfigurationError(
                f"{flag} trains networks of the spaces {', '.join(retrained_spaces())}, "
                f"not of {self.space!r}"
            )

    def _check_full_trainings(self) -> None:
        """Refuse full trainings where nothing can be trained, or the choice is not by accuracy."""
        if self.labels is not None:
            raise ConfigurationError(
                f"--full-trainings needs images to train on, and --labels {self.labels} is a "
                "table: ctnas-train trains one architecture"
            )
        self._check_retrained("--full-trainings")
        if self.preset == "paper":
            raise ConfigurationError(
                "--full-trainings is no part of preset paper, which is section 4 to the letter: "
                "choose another preset, or --retrain"
            )
        if self.has_targets:
            raise ConfigurationError(
                "--full-trainings chooses by accuracy alone, not by --objective "
                f"{self.objective} and further limits; --max-madds goes with it"
            )
        for name in ("devices", "nodes"):
            count = getattr(self.training, name)
            if count > 1:
                raise ConfigurationError(
                    f"training.{name} must be 1 with --full-trainings, not {count}: --workers "
                    "trains several architectures at once"
                )


# A few images of digits, and networks as small as they work.
_SUPERNET = {
    "epochs": 2,
    # As many as the cells of all spaces need.
    "channels": 5,
    "train_images": 240,
    "calibration_images": 16,
    **{name: settings.SMOKE for name, settings in settings_of_spaces().items()},
}
_TRAINING = {"epochs": 1, "cells": 3, "channels": 5, "batch_size": 32, "auxiliary_weight": 0.0}
_PRESETS: dict[str, dict[str, Any]] = {
    "smoke": {
        "queries": 20,
        "confirm": 3,
        "finalists": 1,
        "top": 10,
        "supernet": _SUPERNET,
        "training": _TRAINING,
    }
}


def preset_options(name: str) -> dict[str, Any]:
    """Return the options of a run that a preset changes; groups of options are nested.

    Raises:
        ConfigurationError: if there is no such preset.
    """
    return _PRESETS.get(comparator_preset(name).name, {})


def preset_config(name: PresetName, **options: Any) -> RunConfig:
    """Return the settings of a run with a preset.

    Args:
        name: of the preset.
        options: what stands in place of the preset's; a group, such as `supernet`, may be a mapping
            of those of its options that do.

    Raises:
        ConfigurationError: if there is no such preset, or an option is not allowed.
    """
    return with_options(RunConfig(), preset_options(name), {**options, "preset": name})
