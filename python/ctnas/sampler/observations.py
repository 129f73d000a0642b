"""What the trials of a study say about architectures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from optuna.study import StudyDirection
from optuna.trial import TrialState

from ctnas.labels import LabelSet
from ctnas.sampler.scalar import bounded, feasible_first, scalarized

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

    from ctnas.architecture import Int16Array
    from ctnas.spaces import SearchSpace

METRIC = "objective"


@dataclass(frozen=True, slots=True)
class Observations:
    """The trials of a study that took all decisions of a space.

    Attributes:
        space: the space.
        trials: those that are finished and have a value.
        taken: rows of decisions of all trials, whatever became of them, as bytes.
    """

    space: SearchSpace
    trials: list[tuple[FrozenTrial, Int16Array]]
    taken: set[bytes]

    @classmethod
    def of(cls, study: Study, space: SearchSpace) -> Observations:
        """Read a study."""
        trials, taken = [], set()
        for trial in study.get_trials(deepcopy=False):
            row = _decisions(trial, space)
            if row is None:
                continue
            taken.add(row.tobytes())
            if trial.state == TrialState.COMPLETE and trial.values is not None:
                trials.append((trial, row))
        return cls(space, trials, taken)

    def labels(self, study: Study, generator: np.random.Generator) -> LabelSet:
        """Return a label for each distinct architecture; higher is better.

        Args:
            study: says whether objectives are maximized.
            generator: weighs objectives, where there are several.
        """
        signs = [1.0 if way == StudyDirection.MAXIMIZE else -1.0 for way in study.directions]
        objectives: dict[bytes, list[np.ndarray]] = {}
        violations: dict[bytes, list[float]] = {}
        for trial, row in self.trials:
            key = row.tobytes()
            objectives.setdefault(key, []).append(np.array(trial.values) * signs)
            excess = [max(0.0, value) for value in trial.constraints.values()]
            violations.setdefault(key, []).append(sum(excess))
        # A repeated architecture counts once, with the mean of what was measured.
        means = np.array([np.mean(values, axis=0) for values in objectives.values()])
        counts = [len(values) for values in objectives.values()]
        spreads = None
        if means.shape[1] == 1 and not any(map(any, violations.values())):
            spreads = [
                np.std(values, ddof=1) if len(values) > 1 else np.nan
                for values in objectives.values()
            ]
        above = np.array([np.mean(values) for values in violations.values()])
        values = feasible_first(scalarized(bounded(means), generator), above)
        rows = np.array([np.frombuffer(key, dtype=np.int16) for key in objectives])
        return LabelSet(
            self.space, self.space.batch(rows), values, METRIC, counts=counts, spreads=spreads
        )

    @property
    def architectures(self) -> int:
        """How many distinct architectures have a value."""
        return len({row.tobytes() for _, row in self.trials})


def _decisions(trial: FrozenTrial, space: SearchSpace) -> Int16Array | None:
    """Return the decisions [T] that a trial took, or None if it did not take them all."""
    try:
        return np.array(
            [d.choices.index(trial.params[d.name]) for d in space.decisions], dtype=np.int16
        )
    except (KeyError, ValueError):
        return None
