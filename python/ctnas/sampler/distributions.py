"""Studies that exist already: their parameters as a search space, their trials as labels."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from ctnas.errors import ArchitectureError, LabelError, SpaceError
from ctnas.labels import LabelSet
from ctnas.spaces import DecisionSpace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

    from ctnas.architecture import Int16Array
    from ctnas.spaces.activity import Conditions
    from ctnas.spaces.decision import Choice, Decision

_MOST_CHOICES = 1_000


def space_from_distributions(
    distributions: Mapping[str, BaseDistribution],
    name: str = "study",
    active: Mapping[str, Conditions] | None = None,
) -> DecisionSpace:
    """Return the space that the parameters of a study span.

    Args:
        distributions: of the parameters, as `trial.distributions` has them: categorical, integer,
            or floating-point with a step. Categories that are neither all text nor all numbers
            become text.
        name: of the space.
        active: for parameters that not every trial has, what others must have chosen; see
            `DecisionSpace`.

    Raises:
        SpaceError: if a parameter has no choices that could be listed; the message names it.

    Example:
        >>> distributions = {}
        >>> for trial in study.trials:
        ...     distributions |= trial.distributions
        >>> space = space_from_distributions(distributions)
        >>> labels = labels_from_trials(space, study.trials)
    """
    decisions = {parameter: _choices(parameter, d) for parameter, d in distributions.items()}
    return DecisionSpace(name, decisions, active)


def labels_from_trials(
    space: DecisionSpace,
    trials: Iterable[FrozenTrial],
    metric: str = "value",
    *,
    minimize: bool = False,
) -> LabelSet:
    """Return the finished trials of a study of one objective as labels.

    Args:
        space: as `space_from_distributions` made it.
        trials: of the study; those that failed or were pruned are left out.
        metric: what the values measure.
        minimize: whether lower is better, as `study.direction` says.

    Raises:
        LabelError: if a trial lacks a parameter or has a value that is none of the space, or no
            trial is finished; the message names trial and parameter.
    """
    finished = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    if not finished:
        raise LabelError("no trial of the study is finished")
    rows = np.stack([_row(space, trial) for trial in finished])
    values = np.array([trial.value for trial in finished], dtype=np.float64)
    return LabelSet(space, space.canonical(space.batch(rows)), values, metric, minimize=minimize)


def _choices(name: str, distribution: BaseDistribution) -> list[Choice]:
    match distribution:
        case CategoricalDistribution(choices=choices):
            return [*_texts_or_numbers(choices)]
        case IntDistribution(low=low, high=high, step=step):
            return [*_listed(name, range(low, high + 1, step))]
        case FloatDistribution(low=low, high=high, step=step) if step is not None:
            start, width = Decimal(str(low)), Decimal(str(step))
            steps = range(int((Decimal(str(high)) - start) // width) + 1)
            return [float(start + at * width) for at in _listed(name, steps)]
    raise SpaceError(
        f"parameter {name!r} is continuous: give it a step, so that its values can be listed"
    )


def _listed(name: str, values: range) -> range:
    if len(values) > _MOST_CHOICES:
        raise SpaceError(
            f"parameter {name!r} has {len(values):,} values, more than {_MOST_CHOICES:,}: "
            "give it a larger step"
        )
    return values


def _texts_or_numbers(choices: Iterable[object]) -> Iterable[Choice]:
    listed = [*choices]
    if all(isinstance(choice, Real) and not isinstance(choice, bool) for choice in listed):
        return [choice for choice in listed if isinstance(choice, int | float)]
    return [str(choice) for choice in listed]


def _row(space: DecisionSpace, trial: FrozenTrial) -> Int16Array:
    """Return the choices of one trial, int16 [T]; the first where it made none."""
    row = np.zeros(len(space.decisions), dtype=np.int16)
    made = np.zeros(len(space.decisions), dtype=np.bool_)
    for column, decision in enumerate(space.decisions):
        if decision.name not in trial.params:
            continue
        value = trial.params[decision.name]
        try:
            row[column] = decision.index(_as_choice(decision, value))
        except ArchitectureError as error:
            raise LabelError(f"trial {trial.number}: {error}") from None
        made[column] = True
    missing = np.flatnonzero(space.active(space.batch(row[None]))[0] & ~made)
    if len(missing):
        name = space.decisions[missing[0]].name
        raise LabelError(
            f"trial {trial.number} has no parameter {name!r}: say by `active` when there is one"
        )
    return row


def _as_choice(decision: Decision, value: object) -> object:
    """Return what a parameter says as a choice; steps of floating-point numbers are rounded."""
    if decision.numbers is None:
        return str(value)
    if not isinstance(value, float):
        return value
    nearest = int(np.abs(decision.numbers - value).argmin())
    is_same = bool(np.isclose(decision.numbers[nearest], value, rtol=1e-9, atol=0.0))
    return decision.choices[nearest] if is_same else value
