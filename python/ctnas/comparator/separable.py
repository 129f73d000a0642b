"""What can be asked of any comparator whose comparisons separate (Eq. 5, 6)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from ctnas import _core
from ctnas.architecture import ArchitectureBatch, GraphBatch
from ctnas.checked import whole
from ctnas.errors import ArchitectureError, InvalidTypeError, ModelError

if TYPE_CHECKING:
    from ctnas.architecture import Float32Array, Float64Array, Int64Array
    from ctnas.comparator.calibration import Calibration
    from ctnas.spaces import SearchSpace

Architectures: TypeAlias = "ArchitectureBatch | GraphBatch"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Architectures ordered by win probability, best first, ties by index.

    Attributes:
        indices: int64 [K], positions in the batch that was ranked.
        win_probability: float64 [K], Eq. 5 against all others of that batch.
    """

    indices: Int64Array
    win_probability: Float64Array

    def __len__(self) -> int:
        return len(self.indices)


class Prediction(NamedTuple):
    """What architectures are worth, in the unit of the labels.

    Attributes:
        value: float64 [N].
        low: float64 [N]; a measurement is lower with a probability of 0.1.
        high: float64 [N]; a measurement is higher with a probability of 0.1.
    """

    value: Float64Array
    low: Float64Array
    high: Float64Array


class SeparableComparator(ABC):
    """`p(i, j) = sigmoid(challenger_i + opponent_j)`: encode once, compare for free.

    Attributes:
        space: the search space that it compares architectures of.
        calibration: what its logits are worth, if that was learned.
    """

    space: SearchSpace
    calibration: Calibration | None = None

    @abstractmethod
    def encode_graphs(self, graphs: GraphBatch) -> tuple[Float32Array, Float32Array]:
        """Return challenger and opponent logits, float32 [N] each, of N graphs."""

    def encode(self, architectures: Architectures) -> tuple[Float32Array, Float32Array]:
        """Return challenger and opponent logits, float32 [N] each.

        Raises:
            ArchitectureError: if the architectures are not of this comparator's space.
        """
        _check(architectures)
        if isinstance(architectures, ArchitectureBatch):
            architectures = self.space.graphs(architectures)
        return self.encode_graphs(architectures)

    def predict(self, architectures: Architectures) -> Prediction:
        """Return values in the unit of the labels, with intervals that hold 80 % of them.

        Values order architectures as the comparator does.

        Raises:
            ArchitectureError: if the architectures are not of this comparator's space.
            ModelError: if the comparator has learned an order only.
        """
        calibration = self.require_values()
        logit = self.encode(architectures)[0].astype(np.float64)
        return Prediction(*calibration.predict(logit))

    def require_values(self) -> Calibration:
        """Return what logits are worth; raise ModelError if that was not learned."""
        if self.calibration is None:
            raise ModelError(
                "this comparator predicts no values: it was exported by an earlier version, "
                "fitted to too few labels, or with preset 'paper', which learns an order only"
            )
        return self.calibration

    def compare(self, a: Architectures, b: Architectures) -> Float64Array:
        """Return P(a_i better than b_i), float64 [N] (Eq. 3).

        Raises:
            ArchitectureError: if the batches differ in length or are of another space.
        """
        _check(a)
        _check(b)
        if len(a) != len(b):
            raise ArchitectureError(
                f"compare needs as many architectures on both sides, not {len(a)} and {len(b)}"
            )
        return _core.compare(self.encode(a)[0], self.encode(b)[1])

    def win_probability(
        self, architectures: Architectures, against: Architectures | None = None
    ) -> Float64Array:
        """Return the mean probability to win, float64 [N] (Eq. 5), in time linear in N.

        Args:
            architectures: N architectures.
            against: the opponents; without them every architecture meets all the others.

        Raises:
            ArchitectureError: if there is nobody to compare with.
        """
        _check(architectures)
        if against is not None:
            _check(against)
        if against is None and len(architectures) < 2:
            raise ArchitectureError(
                "a win probability needs at least two architectures to compare, "
                f"not {len(architectures)}"
            )
        if against is not None and not len(against):
            raise ArchitectureError("a win probability needs at least one opponent, not 0")
        challenger, opponent = self.encode(architectures)
        if against is None:
            return _core.mean_win_probability(challenger, opponent)
        return _core.mean_win_probability_against(challenger, self.encode(against)[1])

    def rank(self, architectures: Architectures, top: int | None = None) -> Ranking:
        """Order architectures by their win probability against each other.

        Args:
            architectures: N architectures, at least two.
            top: how many to return; all if None or more than N.

        Returns:
            The best ones, best first, ties by index.

        Raises:
            ArchitectureError: if there are less than two architectures.
        """
        if top is not None:
            top = whole("top", top, 0)
        won = self.win_probability(architectures)
        order = _core.best_first(won, len(won) if top is None else min(top, len(won)))
        return Ranking(order, won[order])


def _check(architectures: object) -> None:
    """Refuse what is no batch, such as texts."""
    if not isinstance(architectures, ArchitectureBatch | GraphBatch):
        raise InvalidTypeError(
            "architectures must be an ArchitectureBatch (space.parse makes one of texts) or a "
            f"GraphBatch, not {type(architectures).__name__}"
        )
