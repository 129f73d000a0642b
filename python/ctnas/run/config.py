"""The options of a run. Command line, TOML file and Python take them from here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group

from ctnas.checked import MOST_SEED
from ctnas.comparator.presets import PresetName
from ctnas.errors import ConfigurationError
from ctnas.labels.label_set import MINIMUM_LABELS
from ctnas.labels.passwords import without_password
from ctnas.labels.queue import HEARTBEAT_SECONDS
from ctnas.settings.option import Option, check_options
from ctnas.settings.quantity import Quantity
from ctnas.spaces import space_names
from ctnas.supernet.config import SupernetConfig
from ctnas.supernet.layouts import supernet_spaces

_LABEL, _SEARCH, _WHERE, _LEAVE, _SUPERNET = (
    Group(name, sort_key=place)
    for place, name in enumerate(
        ("What to label", "How to search", "Where to run", "What to leave", "Supernet"),
        start=1,
    )
)

DEFAULT_QUERIES = 300
"""How many architectures are labeled unless said otherwise."""


@dataclass(frozen=True, slots=True)
class RunConfig:
    """What a run does."""

    dataset: Annotated[
        str,
        Option(
            "images to measure architectures on: digits, fashion-mnist, cifar10, imagenet, or "
            "the path of an image folder (`train/<class>/*`, `test/<class>/*` or "
            "`val/<class>/*`), of IDX files or of CIFAR-10 batches.",
            group=_LABEL,
            decides="weights",
        ),
    ] = "digits"
    data: Annotated[
        Path | None,
        Option(
            "folder that holds a data set given by name, where it is not installed.",
            group=_LABEL,
            resumed="free",
        ),
    ] = None
    skip_corrupt: Annotated[
        bool,
        Option(
            "leave out files of an image folder that cannot be read, and count them.",
            group=_LABEL,
            decides="weights",
        ),
    ] = False
    labels: Annotated[
        Path | None,
        Option(
            "CSV, Parquet or JSON lines table of measured architectures; skips the supernet.",
            group=_LABEL,
        ),
    ] = None
    metric: Annotated[
        str | None,
        Option(
            "column of that table, or what the supernet measures: log_likelihood or accuracy.",
            group=_LABEL,
            decides="labels",
        ),
    ] = None
    space: Annotated[
        str,
        Option(
            "search space of the architectures; a name, or a TOML file that declares one.",
            group=_LABEL,
            decides="weights",
        ),
    ] = "darts"
    preset: Annotated[
        PresetName,
        Option(
            "default is the most accurate; paper is section 4 and appendix C; smoke tries every "
            "part in seconds, with numbers that mean nothing: its supernet and its numbers of "
            "queries, candidates and finalists are small as well, unless they are given.",
            group=_SEARCH,
            decides="search",
        ),
    ] = "default"
    minimize: Annotated[
        bool,
        Option(
            "lower is better in the table, as it is of a loss or a latency.",
            group=_LABEL,
            decides="labels",
        ),
    ] = False
    repeated: Annotated[
        Literal["mean", "error"],
        Option(
            "architectures that the table has more than once were measured again, and the mean is "
            "taken; or they are an error.",
            group=_LABEL,
            decides="labels",
        ),
    ] = "mean"
    skip_invalid: Annotated[
        bool,
        Option("leave out rows of the table that cannot be used, and count them.", group=_LABEL),
    ] = False
    queries: Annotated[
        int | None,
        Option(
            "number of architectures to label, 300 if not given; or to use from the table, all if "
            "not given.",
            group=_LABEL,
            least=10,
            resumed="total",
            unset="300, or the whole table",
        ),
    ] = None
    initial: Annotated[
        int | None,
        Option(
            "how many of the queries are drawn at random; the rest is asked in rounds, where "
            "the comparator and its uncertainty expect most. Such labels show more of the best "
            "architectures, but each round costs the fit of five networks, about 15 s of a CPU "
            "core. If not given, all are drawn at random and asked at once, as in the paper "
            "(section 4).",
            group=_LABEL,
        ),
    ] = None
    batch: Annotated[
        int | None,
        Option(
            "queries in such a round; a twentieth of all if not given, 5 at least and 25 at most.",
            group=_LABEL,
            least=1,
        ),
    ] = None
    held_out: Annotated[
        float,
        Option(
            "share of the random labels that Kendall's tau is measured on.",
            group=_SEARCH,
            above=0,
            below=1,
            decides="search",
        ),
    ] = 0.2
    iterations: Annotated[
        int | None,
        Option(
            "iterations of Algorithm 1; the preset's if not given.",
            group=_SEARCH,
            least=1,
            resumed="total",
            unset="the preset's",
        ),
    ] = None
    baseline: Annotated[
        Literal["curriculum", "fixed", "random"] | None,
        Option(
            "how the baseline is updated; the preset's if not given.",
            group=_SEARCH,
            decides="search",
            unset="the preset's",
        ),
    ] = None
    pseudo_label_ratio: Annotated[
        float | None,
        Option(
            "share of pseudo-labels in a batch; the preset's if not given.",
            group=_SEARCH,
            least=0,
            below=1,
            decides="search",
            unset="the preset's",
        ),
    ] = None
    objective: Annotated[
        Literal["accuracy", "accuracy,madds"],
        Option(
            "accuracy alone, or accuracy,madds for a Pareto front of the two as well.",
            group=_SEARCH,
            resumed="free",
        ),
    ] = "accuracy"
    max_madds: Annotated[
        Quantity | None,
        Option(
            "hard limit on multiply-adds, for spaces that know them; 600M is 600 million.",
            group=_SEARCH,
            above=0,
            decides="search",
        ),
    ] = None
    confirm: Annotated[
        int,
        Option(
            "number of best candidates of the search to measure like the random sample, so that "
            "the finalists are chosen by what was measured and what the comparator expects.",
            group=_LABEL,
            least=0,
            resumed="free",
        ),
    ] = 20
    finalists: Annotated[
        int,
        Option(
            "number of best architectures to measure again on test images.",
            group=_LEAVE,
            least=1,
            resumed="free",
        ),
    ] = 5
    top: Annotated[
        int,
        Option("number of architectures in ranking.csv.", group=_LEAVE, least=1, resumed="free"),
    ] = 100
    seed: Annotated[
        int,
        Option(
            "equal seeds give equal results on the CPU.",
            group=_SEARCH,
            least=0,
            most=MOST_SEED,
            decides="weights",
        ),
    ] = 0
    provider: Annotated[
        Literal["auto", "cpu", "cuda"],
        Option(
            "where ONNX Runtime scores; auto takes CUDA where it works.",
            group=_WHERE,
            resumed="free",
        ),
    ] = "auto"
    threads: Annotated[
        int | None,
        Option(
            "CPU threads for training and scoring; one for each core if not given.",
            group=_WHERE,
            least=1,
            resumed="free",
        ),
    ] = None
    out: Annotated[
        Path | None,
        Option(
            "run directory; `runs/<time>-<space>` if not given.",
            group=_LEAVE,
            resumed="free",
            stored=False,
        ),
    ] = None
    quiet: Annotated[
        bool, Option("plain lines in place of progress bars.", group=_LEAVE, resumed="free")
    ] = False
    workers: Annotated[
        int | None,
        Option(
            "number of processes that measure architectures, started here or on a Ray cluster; "
            "0 leaves it to ctnas-label, wherever it is started. Without it the search measures "
            "them itself, one after another.",
            group=_WHERE,
            least=0,
            resumed="free",
        ),
    ] = None
    storage: Annotated[
        str | None,
        Option(
            "where labels are kept: an SQLite file or the URL of a database, such as "
            "postgresql://user@host/labels; labels.db of the run directory if not given.",
            group=_LABEL,
        ),
    ] = None
    study: Annotated[
        str | None,
        Option(
            "name of the labels in that storage; that of the run directory if not given.",
            group=_LABEL,
        ),
    ] = None
    heartbeat: Annotated[
        int,
        Option(
            "seconds between two signs of life of a worker; after three without any, what it "
            "was to measure goes to another.",
            group=_WHERE,
            least=1,
            resumed="free",
        ),
    ] = HEARTBEAT_SECONDS
    engine: Annotated[
        Literal["local", "ray"],
        Option(
            "where workers run: on this machine, or as tasks of a Ray cluster that can read the "
            "run directory and the images (pip install 'ctnas[ray]').",
            group=_WHERE,
            resumed="free",
        ),
    ] = "local"
    address: Annotated[
        str | None,
        Option(
            "of the Ray cluster, such as auto or ray://host:10001; without it one is started on "
            "this machine.",
            group=_WHERE,
            resumed="free",
        ),
    ] = None
    gpus_per_task: Annotated[
        float,
        Option("GPUs of each Ray task; parts are allowed.", group=_WHERE, least=0, resumed="free"),
    ] = 0.0
    supernet: Annotated[
        SupernetConfig, Option("how the supernet is built and trained.", group=_SUPERNET)
    ] = field(default_factory=SupernetConfig)

    def __post_init__(self) -> None:
        check_options(self)
        self._check_queries()
        self._check_workers()
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
        for name in ("minimize", "skip_invalid"):
            if self.labels is None and getattr(self, name):
                raise ConfigurationError(f"--{name.replace('_', '-')} belongs to --labels")

    @property
    def queues(self) -> bool:
        """Whether architectures are measured by workers, and not by the search itself."""
        return self.workers is not None or self.engine == "ray"

    @property
    def random_queries(self) -> int:
        """How many architectures are drawn at random, before anything is known."""
        return self.total_queries if self.initial is None else self.initial

    @property
    def total_queries(self) -> int:
        """How many architectures are labeled before the search."""
        return DEFAULT_QUERIES if self.queries is None else self.queries

    def without_password(self) -> RunConfig:
        """Return the settings as they may be kept: the URL of a database has no password."""
        if self.storage is None:
            return self
        return replace(self, storage=without_password(self.storage))

    def _check_queries(self) -> None:
        """Refuse now what would be refused after the labels have been measured."""
        if self.batch is not None and self.initial is None:
            raise ConfigurationError("--batch belongs to --initial: all queries are asked at once")
        if self.labels is not None and self.queries is None:
            return  # The table decides, which is read later.
        if self.random_queries > self.total_queries:
            raise ConfigurationError(
                f"initial must be at most {self.total_queries}, the number of queries, "
                f"not {self.initial}"
            )
        self._check_split("queries" if self.initial is None else "initial queries")

    def _check_split(self, what: str) -> None:
        count = self.random_queries
        learned = round(count * (1 - self.held_out))
        if learned < MINIMUM_LABELS or learned == count:
            raise ConfigurationError(
                f"held-out {self.held_out} of {count} {what} leaves {learned} labels to "
                f"learn from and {count - learned} to judge by; {MINIMUM_LABELS} and 1 are "
                "needed at least"
            )

    def _check_workers(self) -> None:
        """Refuse options on workers that do not go together."""
        if self.queues and self.labels is not None:
            raise ConfigurationError(
                "--workers and --engine ray measure architectures, which --labels has measured "
                "already"
            )
        if self.study is not None and self.storage is None:
            raise ConfigurationError("--study belongs to --storage: labels.db holds one study only")
        if self.storage is not None:
            without_password(self.storage)
        if self.engine == "local":
            for name in ("address", "gpus_per_task"):
                if getattr(self, name):
                    raise ConfigurationError(f"--{name.replace('_', '-')} belongs to --engine ray")
        elif self.workers == 0:
            raise ConfigurationError("workers must be at least 1 with --engine ray, not 0")
        gpus = self.gpus_per_task
        if gpus > 1 and gpus != int(gpus):
            raise ConfigurationError(
                f"gpus_per_task must be a whole number, or a part of one GPU, not {gpus}"
            )
