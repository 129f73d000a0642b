"""What is labeled, and how labels are divided.

Annotations are evaluated here, so that dataclasses of other modules can inherit the options.
"""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Annotated, Literal

from ctnas.errors import ConfigurationError
from ctnas.labels.measurements import MINIMUM_LABELS
from ctnas.settings.headings import LABEL
from ctnas.settings.option import Option, check_options
from ctnas.spaces.descriptor import default_space

DEFAULT_QUERIES = 300
"""How many architectures are labeled unless said otherwise."""
LEAST_RANDOM = 60
"""Random queries at least: Kendall's tau is measured on a share of them."""


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """What is labeled, where labels are kept, and which of them judge."""

    dataset: Annotated[
        str,
        Option(
            "images to measure architectures on: digits, fashion-mnist, cifar10, imagenet, or "
            "the path of an image folder (`train/<class>/*`, `test/<class>/*` or "
            "`val/<class>/*`), of IDX files or of CIFAR-10 batches.",
            group=LABEL,
            decides="weights",
        ),
    ] = "digits"
    data: Annotated[
        Path | None,
        Option(
            "folder that holds a data set given by name, where it is not installed; with "
            "--resume, where images are now that have moved.",
            group=LABEL,
            resumed="free",
        ),
    ] = None
    skip_corrupt: Annotated[
        bool,
        Option(
            "leave out files of an image folder that cannot be read, and count them.",
            group=LABEL,
            decides="weights",
        ),
    ] = False
    labels: Annotated[
        Path | None,
        Option(
            "CSV, Parquet or JSON lines table of measured architectures; skips the supernet.",
            group=LABEL,
        ),
    ] = None
    metric: Annotated[
        str | None,
        Option(
            "column of that table, or what the supernet measures: log_likelihood or accuracy.",
            group=LABEL,
            decides="labels",
        ),
    ] = None
    space: Annotated[
        str,
        Option(
            "search space of the architectures; a name, or a TOML file that declares one.",
            group=LABEL,
            decides="weights",
        ),
    ] = default_space()
    decisions: Annotated[
        tuple[str, ...],
        Option(
            "columns of the table that are the decisions, names or patterns such as 'code*', in "
            "place of a space.",
            group=LABEL,
            decides="weights",
            consume_multiple=True,
            negative=(),
        ),
    ] = ()
    minimize: Annotated[
        bool,
        Option(
            "lower is better in the table, as it is of a loss or a latency.",
            group=LABEL,
            decides="labels",
        ),
    ] = False
    repeated: Annotated[
        Literal["mean", "error"],
        Option(
            "architectures that the table has more than once were measured again, and the mean is "
            "taken; or they are an error.",
            group=LABEL,
            decides="labels",
        ),
    ] = "mean"
    skip_invalid: Annotated[
        bool,
        Option("leave out rows of the table that cannot be used, and count them.", group=LABEL),
    ] = False
    queries: Annotated[
        int | None,
        Option(
            "number of architectures to label, 300 if not given; or to use from the table, all if "
            "not given.",
            group=LABEL,
            least=10,
            resumed="total",
            unset="300, or the whole table",
        ),
    ] = None
    initial: Annotated[
        int | None,
        Option(
            "how many of the queries are drawn at random; the rest is asked in rounds, where a "
            "Gaussian process expects most or knows least. If not given, a third, 60 at least; "
            "all of them with preset paper (section 4) and from a table of labels.",
            group=LABEL,
        ),
    ] = None
    batch: Annotated[
        int | None,
        Option(
            "queries in such a round; a twentieth of all if not given, 5 at least and 25 at most.",
            group=LABEL,
            least=1,
        ),
    ] = None
    held_out: Annotated[
        float,
        Option(
            "share of the random labels that Kendall's tau is measured on.",
            group=LABEL,
            above=0,
            below=1,
            decides="search",
        ),
    ] = 0.2
    confirm: Annotated[
        int,
        Option(
            "number of best candidates of the search to measure like the random sample, so that "
            "the finalists are chosen by what was measured and what the comparator expects.",
            group=LABEL,
            least=0,
            resumed="free",
        ),
    ] = 20
    storage: Annotated[
        str | None,
        Option(
            "where labels are kept: an SQLite file or the URL of a database, such as "
            "postgresql://user@host/labels; labels.db of the run directory if not given.",
            group=LABEL,
        ),
    ] = None
    study: Annotated[
        str | None,
        Option(
            "name of the labels in that storage; that of the run directory if not given.",
            group=LABEL,
        ),
    ] = None

    def __post_init__(self) -> None:
        check_options(self)
        self._check_queries()

    @property
    def random_queries(self) -> int:
        """How many architectures are drawn at random, before anything is known."""
        total = self.total_queries
        if self.initial is not None:
            return self.initial
        if self.labels is not None:
            return total
        return min(total, max(LEAST_RANDOM, ceil(self.random_share * total)))

    @property
    def random_share(self) -> float:
        """Share of the queries that is drawn at random unless a number is given."""
        return 1.0

    @property
    def total_queries(self) -> int:
        """How many architectures are labeled before the search."""
        return DEFAULT_QUERIES if self.queries is None else self.queries

    def _check_queries(self) -> None:
        """Refuse now what would be refused after the labels have been measured."""
        if self.batch is not None and self.random_queries == self.total_queries:
            raise ConfigurationError(
                "--batch is of rounds, and all queries are drawn at random: --initial must be "
                "below --queries"
            )
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
