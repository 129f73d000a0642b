"""What is known of architectures besides labels: another comparator, or a column of a table.

It may be right, wrong or opposite. How much it is believed follows from labels: what it adds to
what the models say of labels that they have not learned from, less what chance would add.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ctnas.checked import shown_value
from ctnas.comparator.features import FeatureScale, feature_groups
from ctnas.comparator.gaussian_process import GaussianProcess
from ctnas.comparator.separable import SeparableComparator
from ctnas.comparator.spread import normal_scores
from ctnas.comparator.stacking import Opinion
from ctnas.errors import ConfigurationError, InvalidTypeError, LabelError
from ctnas.labels.information import is_lower_better
from ctnas.labels.label_set import LabelSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.spaces import SearchSpace

Prior: TypeAlias = "SeparableComparator | LabelSet | str | Path"
"""A comparator, a column (values of many architectures), or where a comparator was exported."""

LEAST_ROWS = 30
"""Architectures that a column covers at least."""
MOST_ROWS = 1_000
"""Of longer columns, so many rows are learned from."""
CHANCE = 2.0
"""Share of the variance of one label that a prior must explain before it is believed at all."""
FAITH = 10.0
"""That models are as good as they seem counts as much as so many labels."""
_COLUMN = ":"
"""Between a table and one of its columns."""


def checked_priors(space: SearchSpace, priors: Sequence[Prior]) -> list[Prior]:
    """Return priors ready to be asked; comparators are opened.

    Raises:
        ArchitectureError, ModelError: if one is of another space.
        LabelError: if a column covers too few architectures, or is constant.
        InputFileError: if no comparator is at a path.
    """
    ready: list[Prior] = []
    if isinstance(priors, str | bytes) or not isinstance(priors, Iterable):
        raise InvalidTypeError(f"prior must be a list of priors, not {shown_value(priors)}")
    for prior in priors:
        if isinstance(prior, str | Path):
            from ctnas.comparator.runtime import Comparator

            ready.append(Comparator.load(prior, provider="cpu", threads=1, space=space))
            continue
        if isinstance(prior, LabelSet):
            _check_column(prior)
            space.check(prior.architectures)
        elif not isinstance(prior, SeparableComparator):
            raise InvalidTypeError(
                "a prior must be a comparator, the directory of one, or a LabelSet, "
                f"not {shown_value(prior)}"
            )
        elif prior.space.name != space.name:
            raise LabelError(
                f"a prior of space {prior.space.name!r} says nothing of space {space.name!r}"
            )
        ready.append(prior)
    return ready


def _check_column(column: LabelSet) -> None:
    if len(column) < LEAST_ROWS:
        raise LabelError(
            f"prior {column.metric!r} covers {len(column)} architectures; "
            f"at least {LEAST_ROWS} are needed to foresee it of others"
        )
    if np.ptp(column.values) == 0:
        raise LabelError(f"prior {column.metric!r} is {column.values[0]:g} everywhere")


def prior_scores(
    priors: Sequence[Prior], space: SearchSpace, batch: ArchitectureBatch, seed: int
) -> Float64Array:
    """Return what priors say of architectures, as normal scores among them.

    Args:
        priors: K of them, checked.
        space: the space of the batch.
        batch: N architectures, canonical.
        seed: of the rows that are learned from where a column has many.

    Returns:
        float64 [K, N].
    """
    rows = []
    for prior in priors:
        if isinstance(prior, SeparableComparator):
            said = prior.encode(batch)[0].astype(np.float64)
        else:
            assert isinstance(prior, LabelSet)
            said = _foreseen(prior, space, batch, seed)
        rows.append(normal_scores(said))
    return np.array(rows).reshape(len(priors), len(batch))


def _foreseen(
    column: LabelSet, space: SearchSpace, batch: ArchitectureBatch, seed: int
) -> Float64Array:
    """Return the values of a column that a Gaussian process foresees, known ones too.

    What is said of labels must not be better than what is said of others.
    """
    known = column[np.random.default_rng(seed).permutation(len(column))[:MOST_ROWS]]
    raw = feature_groups(space, batch)
    scale = FeatureScale(raw)
    learned = scale(feature_groups(space, space.canonical(known.architectures)))
    process = GaussianProcess(learned, normal_scores(known.values), seed)
    return process.predict(scale(raw))


def with_priors(
    opinion: Opinion, labeled: Float64Array, pool: Float64Array, target: Float64Array
) -> Opinion:
    """Return an opinion that listens to priors as much as labels tell.

    They are taken one after the other, the one that explains most first.

    Args:
        opinion: of the models, in the unit of the target.
        labeled: float64 [K, M], what priors say of the labels.
        pool: float64 [K, N], what they say of the pool.
        target: float64 [M], the labels.
    """
    left = list(range(len(labeled)))
    while left:
        steps = {at: _Step(opinion.held_out, labeled[at], target) for at in left}
        best = max(left, key=lambda at: steps[at].evidence)
        step = steps[best]
        left.remove(best)
        if step.weight == 0:
            break
        opinion = Opinion(
            step.combined(opinion.score, pool[best]),
            step.combined(opinion.held_out, labeled[best]),
            opinion.weight,
        )
    return opinion


class _Step:
    """How a prior is joined to an opinion: `keep * opinion + weight * prior + offset`.

    Args:
        held_out: float64 [M], what models say of labels that they did not learn from, or NaN.
        said: float64 [M], what the prior says of them.
        target: float64 [M].
    """

    def __init__(self, held_out: Float64Array, said: Float64Array, target: Float64Array) -> None:
        known = np.isfinite(held_out)
        self._means = held_out[known].mean(), said[known].mean(), target[known].mean()
        models, prior, truth = (
            values[known] - mean
            for values, mean in zip((held_out, said, target), self._means, strict=True)
        )
        # Two lines less than labels are left to judge by.
        freedom = max(len(truth) - 2, 1)
        faith = FAITH * float(np.mean(np.square(models)))
        spread = float(models @ models) + faith
        shared, own = float(models @ prior), float(prior @ prior)
        wanted, along = float(models @ truth) + faith, float(prior @ truth)
        determinant = spread * own - shared**2
        self.weight, self.evidence = 0.0, 0.0
        if spread > 0 and determinant > 1e-12 * spread * own:
            weight = (spread * along - shared * wanted) / determinant
            # What the prior explains beyond the models, in variances of what nobody explains.
            gained = weight**2 * determinant / spread
            keep = (wanted - shared * weight) / spread
            rest = float(np.sum(np.square(truth - keep * models - weight * prior))) / freedom
            self.evidence = gained / rest if rest > 0 else np.inf
            self.weight = weight * max(0.0, 1 - CHANCE / max(self.evidence, 1e-12))
        self._keep = max((wanted - shared * self.weight) / spread, 0.0) if spread > 0 else 1.0

    def combined(self, opinion: Float64Array, prior: Float64Array) -> Float64Array:
        """Return both together."""
        models, said, truth = self._means
        together: Float64Array = (
            truth + self._keep * (opinion - models) + self.weight * (prior - said)
        )
        return together


def read_priors(named: Sequence[str], space: SearchSpace) -> list[Prior]:
    """Return the priors of `--prior`: directories of comparators, or `TABLE:COLUMN`.

    Raises:
        InputFileError: if a file is missing or unreadable.
        ConfigurationError: if it is neither a directory nor a column of a table.
        CtnasError: if one is of another space, or covers too few architectures.
    """
    return checked_priors(space, [_read(name, space) for name in named])


def _read(name: str, space: SearchSpace) -> Prior:
    path = Path(name).expanduser()
    if path.exists():
        if path.is_file() and path.suffix != ".onnx":
            raise ConfigurationError(
                f"--prior {name}: name the column that is known: {name}{_COLUMN}COLUMN"
            )
        return path
    table, mark, column = name.rpartition(_COLUMN)
    if not mark or not column:
        raise ConfigurationError(
            f"--prior {name}: there is no such directory; a column is TABLE{_COLUMN}COLUMN"
        )
    # Its direction is learned too; what its name says of it only spares a warning.
    return LabelSet.read(
        Path(table).expanduser(),
        space,
        metric=column,
        minimum=LEAST_ROWS,
        minimize=is_lower_better(column),
    )
