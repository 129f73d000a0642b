"""The options of a run. Command line, TOML file and Python take them from here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ctnas.comparator.presets import PresetName
from ctnas.errors import ConfigurationError
from ctnas.labels.label_set import MINIMUM_LABELS
from ctnas.labels.passwords import without_password
from ctnas.labels.queue import HEARTBEAT_SECONDS
from ctnas.run.worker_options import check_workers
from ctnas.settings.quantity import Quantity
from ctnas.spaces import space_names
from ctnas.supernet.config import SupernetConfig
from ctnas.supernet.layouts import supernet_spaces


@dataclass(frozen=True, slots=True)
class RunConfig:
    """What a run does.

    Attributes:
        dataset: images to measure architectures on: digits, fashion-mnist, cifar10, imagenet, or
            the path of an image folder (`train/<class>/*`, `test/<class>/*` or `val/<class>/*`), of
            IDX files or of CIFAR-10 batches.
        data: folder that holds a data set given by name, where it is not installed.
        skip_corrupt: leave out files of an image folder that cannot be read, and count them.
        labels: CSV, Parquet or JSON lines table of measured architectures; skips the supernet.
        metric: column of that table, or what the supernet measures: log_likelihood or accuracy.
        space: search space of the architectures; a name, or a TOML file that declares one.
        preset: default is the most accurate; paper is section 4 and appendix C; smoke tries every
            part in seconds, with numbers that mean nothing: its supernet and its numbers of
            queries, candidates and finalists are small as well, unless they are given.
        queries: number of architectures to label, or to use from the table.
        initial: how many of the queries are drawn at random; the rest is asked in rounds, where the
            comparator and its uncertainty expect most. Such labels show more of the best
            architectures, but each round costs the fit of five networks, about 15 s of a CPU core.
            If not given, all are drawn at random and asked at once, as in the paper (section 4).
        batch: queries in such a round; a twentieth of all if not given, 5 at least and 25 at most.
        held_out: share of the random labels that Kendall's tau is measured on.
        iterations: iterations of Algorithm 1; the preset's if not given.
        baseline: how the baseline is updated; the preset's if not given.
        pseudo_label_ratio: share of pseudo-labels in a batch; the preset's if not given.
        objective: accuracy alone, or accuracy,madds for a Pareto front of the two as well.
        max_madds: hard limit on multiply-adds, for spaces that know them; 600M is 600 million.
        confirm: number of best candidates of the search to measure like the random sample, so
            that the finalists are chosen by what was measured and what the comparator expects.
        finalists: number of best architectures to measure again on test images.
        top: number of architectures in ranking.csv.
        seed: equal seeds give equal results on the CPU.
        provider: where ONNX Runtime scores; auto takes CUDA where it works.
        threads: CPU threads for training and scoring; one for each core if not given.
        out: run directory; `runs/<time>-<space>` if not given.
        quiet: plain lines in place of progress bars.
        workers: number of processes that measure architectures, started here or on a Ray cluster;
            0 leaves it to ctnas-label, wherever it is started. Without it the search measures
            them itself, one after another.
        storage: where labels are kept: an SQLite file or the URL of a database, such as
            postgresql://user@host/labels; labels.db of the run directory if not given.
        study: name of the labels in that storage; that of the run directory if not given.
        heartbeat: seconds between two signs of life of a worker; after three without any, what it
            was to measure goes to another.
        engine: where workers run: on this machine, or as tasks of a Ray cluster that can read the
            run directory and the images (pip install 'ctnas[ray]').
        address: of the Ray cluster, such as auto or ray://host:10001; without it one is started on
            this machine.
        gpus_per_task: GPUs of each Ray task; parts are allowed.
        supernet: how the supernet is built and trained.
    """

    dataset: str = "digits"
    data: Path | None = None
    skip_corrupt: bool = False
    labels: Path | None = None
    metric: str | None = None
    space: str = "darts"
    preset: PresetName = "default"
    queries: int = 300
    initial: int | None = None
    batch: int | None = None
    held_out: float = 0.2
    iterations: int | None = None
    baseline: Literal["curriculum", "fixed", "random"] | None = None
    pseudo_label_ratio: float | None = None
    objective: Literal["accuracy", "accuracy,madds"] = "accuracy"
    max_madds: Quantity | None = None
    confirm: int = 20
    finalists: int = 5
    top: int = 100
    seed: int = 0
    provider: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int | None = None
    out: Path | None = None
    quiet: bool = False
    workers: int | None = None
    storage: str | None = None
    study: str | None = None
    heartbeat: int = HEARTBEAT_SECONDS
    engine: Literal["local", "ray"] = "local"
    address: str | None = None
    gpus_per_task: float = 0.0
    supernet: SupernetConfig = field(default_factory=SupernetConfig)

    def __post_init__(self) -> None:
        self._check_counts()
        self._check_numbers()
        check_workers(self)
        if self.space not in space_names() and not self.space.endswith(".toml"):
            raise ConfigurationError(
                f"unknown search space {self.space!r}; known are {', '.join(space_names())}, "
                "or the path of a TOML file that declares one"
            )
        if self.labels is None and self.space not in supernet_spaces():
            raise ConfigurationError(
                f"there is no supernet for space {self.space!r}, only for "
                f"{', '.join(supernet_spaces())}: give measured labels by --labels"
            )
        if self.labels is None and self.metric not in (None, "log_likelihood", "accuracy"):
            raise ConfigurationError(
                f"the supernet measures log_likelihood or accuracy, not {self.metric!r}"
            )

    @property
    def queues(self) -> bool:
        """Whether architectures are measured by workers, and not by the search itself."""
        return self.workers is not None or self.engine == "ray"

    @property
    def random_queries(self) -> int:
        """How many architectures are drawn at random, before anything is known."""
        return self.queries if self.initial is None else self.initial

    def without_password(self) -> RunConfig:
        """Return the settings as they may be kept: the URL of a database has no password."""
        if self.storage is None:
            return self
        return replace(self, storage=without_password(self.storage))

    def _check_numbers(self) -> None:
        """Refuse now what would be refused after the labels have been measured."""
        if not 0 < self.held_out < 1:
            raise ConfigurationError(f"held-out must be between 0 and 1, not {self.held_out}")
        if self.batch is not None and self.initial is None:
            raise ConfigurationError("--batch belongs to --initial: all queries are asked at once")
        if self.random_queries > self.queries:
            raise ConfigurationError(
                f"initial must be at most {self.queries}, the number of queries, not {self.initial}"
            )
        self._check_split("queries" if self.initial is None else "initial queries")
        ratio = self.pseudo_label_ratio
        if ratio is not None and not 0 <= ratio < 1:
            raise ConfigurationError(f"pseudo-label-ratio must be in [0, 1), not {ratio}")
        if self.max_madds is not None and not self.max_madds > 0:
            raise ConfigurationError(f"max-madds must be positive, not {self.max_madds}")

    def _check_split(self, what: str) -> None:
        count = self.random_queries
        learned = round(count * (1 - self.held_out))
        if learned < MINIMUM_LABELS or learned == count:
            raise ConfigurationError(
                f"held-out {self.held_out} of {count} {what} leaves {learned} labels to "
                f"learn from and {count - learned} to judge by; {MINIMUM_LABELS} and 1 are "
                "needed at least"
            )

    def _check_counts(self) -> None:
        least = {
            "queries": (self.queries, 10),
            "batch": (self.batch, 1),
            "iterations": (self.iterations, 1),
            "confirm": (self.confirm, 0),
            "finalists": (self.finalists, 1),
            "top": (self.top, 1),
            "threads": (self.threads, 1),
            "seed": (self.seed, 0),
            "workers": (self.workers, 0),
            "heartbeat": (self.heartbeat, 1),
        }
        for name, (value, minimum) in least.items():
            if value is not None and value < minimum:
                raise ConfigurationError(f"{name} must be at least {minimum}, not {value}")
