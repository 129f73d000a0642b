"""Algorithm 1: search by comparison with an ever better baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch

from ctnas import _core
from ctnas.app.threads import one_thread
from ctnas.app.torch_state import own_state
from ctnas.architecture import ArchitectureBatch
from ctnas.checked import check_callable, check_type, checked_path, known_name, seed_of, whole
from ctnas.checked import number as finite
from ctnas.comparator.comparisons import LabeledComparisons
from ctnas.comparator.fitting import fit_and_judge, fit_comparator
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.runtime import PROVIDERS
from ctnas.comparator.training import ComparatorTrainer
from ctnas.errors import ConfigurationError, LabelError
from ctnas.labels import LabelSet
from ctnas.searching.archive import Archive
from ctnas.searching.baseline import Baseline
from ctnas.searching.config import SearchConfig, search_preset
from ctnas.searching.controller import Controller
from ctnas.searching.exploration import explore
from ctnas.searching.history import History, Iteration
from ctnas.searching.limits import MaddsLimit
from ctnas.searching.memory import RememberedComparisons
from ctnas.searching.progress_file import SearchFile, search_identity
from ctnas.searching.refinement import refined
from ctnas.searching.scoring import CoreScorer
from ctnas.spaces.space import SearchSpace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.app.torch_state import OwnGenerators
    from ctnas.architecture import Float64Array
    from ctnas.comparator.comparisons import Comparisons
    from ctnas.comparator.presets import ComparatorPreset
    from ctnas.comparator.prior import Prior

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of iterations done and their total."""

ATTEMPTS = 1000
"""Samples drawn for a first baseline within the limits before giving up."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search leaves.

    Attributes:
        architectures: candidates of distinct graphs, best first.
        win_probability: float64 [N], of each against all other candidates (Eq. 5).
        comparator: the one that ordered them, fitted to all labels.
        history: what happened in each iteration.
        provider: the execution provider that scored.
        seen: how many distinct architectures were scored.
    """

    architectures: ArchitectureBatch
    win_probability: Float64Array
    comparator: NeuralArchitectureComparator
    history: History
    provider: str
    seen: int


def search(
    space: SearchSpace,
    labels: LabelSet,
    *,
    iterations: int | None = None,
    preset: str = "default",
    max_madds: float | None = None,
    seed: int = 0,
    provider: str = "auto",
    config: SearchConfig | None = None,
    comparator: NeuralArchitectureComparator | None = None,
    held_out: LabelSet | None = None,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
    prior: Sequence[Prior] = (),
) -> SearchResult:
    """Search a space with a comparator learned from labels (Alg. 1).

    Args:
        space: the space to search.
        labels: at least 10 labels to learn from.
        iterations: T; the preset's if None.
        preset: "default", "paper" (section 5.1, appendix C) or "smoke" (quick, to try things out),
            of comparator and search.
        max_madds: hard limit on multiply-adds of every candidate, for spaces that know costs.
        seed: equal seeds give equal results on the CPU, bit for bit.
        provider: "auto", "cpu" or "cuda", of the scoring.
        config: search settings in place of the preset's.
        comparator: one already fitted to `labels`; it learns on. Without it one is fitted.
        held_out: labels that nothing learns from, for Kendall's tau in the history; they join
            the labels of the last fit, which orders the candidates.
        progress: called after every iteration.
        checkpoint: a file that keeps the state every few seconds, and whenever `progress` raises.
            If it is of the same labels and settings, the search goes on from it to the
            result that it would have had without interruption; `iterations` may be higher.
        prior: what is known besides labels, as `fit_comparator` takes it; that of `comparator`
            where one is given.

    Raises:
        ArchitectureError: if the labels are of another space.
        LabelError: if there are too few labels.
        ConfigurationError: if a setting is not allowed, or hardly any architecture is within the
            limit.
        ProviderError: if the provider does not work here.
    """
    check_type("space", space, SearchSpace, 'such as ctnas.get_space("nasbench201")')
    if config is not None:
        check_type("config", config, SearchConfig)
    if checkpoint is not None:
        checkpoint = Path(checked_path("checkpoint", checkpoint))
    if comparator is not None:
        check_type("comparator", comparator, NeuralArchitectureComparator)
    known_name("provider", provider, PROVIDERS, ConfigurationError)
    check_callable("progress", progress)
    seed = seed_of(seed)
    config = config or search_preset(preset)
    if iterations is not None:
        config = replace(config, iterations=whole("iterations", iterations, 1))
    if max_madds is not None:
        max_madds = finite("max_madds", max_madds)
    check_type("labels", labels, LabelSet, "LabelSet.read takes a table")
    space.check(labels.architectures)
    labels.require()
    known = _all_labels(labels, held_out)
    limit = MaddsLimit(space, max_madds)
    comparator = comparator or fit_comparator(space, labels, preset, seed, prior=prior)
    history = History(held_out, config.tau_interval)
    with own_state(seed) as dropout, one_thread():
        loop = _Search(labels, comparator, config, limit, seed, provider, dropout)
        identity = search_identity(config, labels, held_out, madds=max_madds, seed=seed)
        file = SearchFile(None if checkpoint is None else Path(checkpoint), identity)
        loop.run(config.iterations, history, file, progress)
    candidates = _candidates(space, loop.archive.distinct(), known, limit)
    seen = len(candidates)
    if config.refined:
        found = refined(space, loop.scorer, candidates, limit, config.refined, seed)
        candidates, seen = _candidates(space, found.architectures, known, limit), found.seen
    if config.refit:
        final, won = _judged(space, known, candidates, preset, seed, comparator)
    else:
        final, won = comparator, comparator.win_probability(candidates)
    order = _core.best_first(won, len(won))
    return SearchResult(
        candidates[order],
        won[order],
        final,
        history,
        loop.scorer.provider,
        seen,
    )


def _all_labels(labels: LabelSet, held_out: LabelSet | None) -> LabelSet:
    """Return labels to learn from and to judge by together.

    Raises:
        LabelError: if an architecture is in both.
    """
    if held_out is None:
        return labels
    check_type("held_out", held_out, LabelSet)
    known = labels.joined(held_out)
    if len(known) < len(labels) + len(held_out):
        shared = len(labels) + len(held_out) - len(known)
        raise LabelError(f"{shared} of {len(held_out)} held-out architectures are learned from too")
    return known


def _judged(
    space: SearchSpace,
    known: LabelSet,
    candidates: ArchitectureBatch,
    preset: str | ComparatorPreset,
    seed: int,
    learned: NeuralArchitectureComparator,
) -> tuple[NeuralArchitectureComparator, Float64Array]:
    """Return a comparator fitted once more, to all labels, and how often each candidate wins.

    Pseudo-labels sharpen one that explores where the policy went, and blur the order elsewhere. The
    ensemble that the new one learns from judges the candidates: it is more often right about the
    best.
    """
    final, logits = fit_and_judge(space, known, candidates, preset, seed, prior=learned.priors)
    final.held_out_tau = learned.held_out_tau
    challenger = logits.astype(np.float32)
    return final, _core.mean_win_probability(challenger, -challenger)


def _candidates(
    space: SearchSpace, seen: ArchitectureBatch, known: LabelSet, limit: MaddsLimit
) -> ArchitectureBatch:
    """Return what was measured or is given, within the limit, one of each graph."""
    candidates = ArchitectureBatch.concatenate([known.architectures, seen])
    candidates = candidates[limit.allows(candidates)]
    candidates = candidates[space.is_distinct(candidates)]
    if len(candidates) < 2:
        raise ConfigurationError(
            f"only {len(candidates)} of the architectures that were measured or explored stay "
            "within max_madds; ranking needs at least two"
        )
    return candidates


class _Search:
    """The state that the iterations of Algorithm 1 share."""

    def __init__(
        self,
        labels: LabelSet,
        comparator: NeuralArchitectureComparator,
        config: SearchConfig,
        limit: MaddsLimit,
        seed: int,
        provider: str,
        dropout: OwnGenerators,
    ) -> None:
        self.comparator = comparator
        self.archive = Archive()
        self.scorer = CoreScorer(comparator, provider)
        self._space = labels.space
        self._config = config
        self._limit = limit
        self._dropout = dropout
        self._generator = torch.Generator().manual_seed(seed)
        self._lessons = self._first_lessons(labels, seed)
        self._trainer = ComparatorTrainer(comparator.encoder, config.learning)
        self._controller = Controller(self._space, config, seed)
        self._baseline = Baseline(config.baseline, self._first_baseline(), seed)
        self._sample = self._explore()

    def _first_lessons(
        self, labels: LabelSet, seed: int
    ) -> LabeledComparisons | RememberedComparisons:
        """Return what the comparator learns beside pseudo-labels."""
        learning, count = self._config.learning, self._config.remembered
        if not count:
            return LabeledComparisons(labels, learning, seed)
        others = self._space.sample(min(count, self._space.size), seed)
        batch = ArchitectureBatch.concatenate([labels.architectures, others])
        graphs, logits = self._space.graphs(batch), self.scorer.encode(batch)
        return RememberedComparisons(graphs, logits, learning.pairs or len(labels), seed)

    def run(
        self, iterations: int, history: History, file: SearchFile, progress: Progress | None
    ) -> None:
        """Iterate, from where the file says that a search was left."""
        saved = file.read()
        if saved is not None:
            self._restore(saved)
            history.restore(saved["history"])

        def state() -> dict[str, Any]:
            return {**self._state(), "history": history.state()}

        for number in range(len(history.rows) + 1, iterations + 1):
            history.add(self.iterate(number), self.comparator)
            file.keep(state, now=number == iterations)
            if progress is not None:
                try:
                    progress(number, iterations)
                except BaseException:
                    file.keep(state, now=True)
                    raise

    def _state(self) -> dict[str, Any]:
        """Return all that the next iterations depend on."""
        return {
            "trainer": self._trainer.state(),
            "controller": self._controller.state(),
            "baseline": self._baseline.state(),
            "archive": self.archive.state(),
            "sample": torch.from_numpy(self._sample.decisions),
            "draws": self._lessons.generator.get_state(),
            "exploration": self._generator.get_state(),
            "dropout": self._dropout.state(),
        }

    def _restore(self, state: dict[str, Any]) -> None:
        self._trainer.restore(state["trainer"])
        self.scorer.refresh()
        self._controller.restore(state["controller"])
        self._baseline.restore(state["baseline"])
        self.archive.restore(state["archive"])
        self._sample = ArchitectureBatch(self._space.name, state["sample"].numpy())
        self._lessons.generator.set_state(state["draws"])
        self._generator.set_state(state["exploration"])
        self._dropout.restore(state["dropout"])

    def iterate(self, number: int) -> Iteration:
        """Run lines 7 to 15 of Algorithm 1 once."""
        loss = self._train_comparator()
        reward, entropy = self._train_controller()
        self._sample = self._explore()
        if number % self._config.baseline_interval == 0:
            self._baseline.update(self._sample, self.scorer)
        baseline = self._space.format(self._baseline.architecture)[0]
        return Iteration(number, reward, entropy, loss, baseline)

    def _train_comparator(self) -> float:
        """Line 7 on labels, or what was learned from them, and on pseudo-labels (Alg. 3)."""
        batch: list[Comparisons] = [self._lessons.draw()]
        kept = self._config.pseudo_labels
        if kept and len(self._sample) > 1:
            batch.append(
                explore(
                    self._space.graphs(self._sample),
                    self.scorer.encode(self._sample),
                    self._config.explored_pairs,
                    kept,
                    self._generator,
                )
            )
        loss = self._trainer.step(*batch)
        self.scorer.refresh()
        return loss

    def _train_controller(self) -> tuple[float, float]:
        """Lines 9-10; return mean reward and mean entropy."""
        sample = self._controller.sample(self._config.policy_samples)
        challenger = self.scorer.encode(sample.architectures).challenger
        opponent = self.scorer.encode(self._baseline.architecture).opponent
        reward = _core.compare(challenger, np.repeat(opponent, len(challenger)))
        # What is over the limit cannot win.
        reward = reward * self._limit.allows(sample.architectures)
        entropy = self._controller.update(sample, reward)
        return float(reward.mean()), entropy

    def _explore(self) -> ArchitectureBatch:
        """Line 12: a sample S of what is allowed, remembered as candidates."""
        sample = self._controller.explore(self._config.explored_architectures)
        sample = sample[self._limit.allows(sample)]
        self.archive.add(sample, self.scorer)
        return sample

    def _first_baseline(self) -> ArchitectureBatch:
        """Line 4: beta is drawn from the policy."""
        for _ in range(ATTEMPTS):
            drawn = self._controller.explore(1)
            if self._limit.allows(drawn).all():
                return drawn
        self._limit.check()
        raise ConfigurationError(
            f"none of {ATTEMPTS:,} sampled architectures stays within max_madds"
        )
