"""The test kit must fail on spaces that break what it promises to check."""

import numpy as np
import pytest

import ctnas
from ctnas.architecture import ArchitectureBatch, GraphBatch
from ctnas.errors import ArchitectureError
from ctnas.spaces import Costs, NasBench201Space
from ctnas.testing import check_space


class _RepeatingSampler(NasBench201Space):
    def sample(self, count, seed):
        batch = super().sample(count, seed)
        return batch[np.zeros(count, dtype=np.int64)]


class _UnseededSampler(NasBench201Space):
    draws = 0

    def sample(self, count, seed):
        self.draws += 1
        return super().sample(count, self.draws if isinstance(seed, int) else seed)


class _NarrowSampler(NasBench201Space):
    def sample(self, count, seed):
        if count > self.size:
            return super().sample(count, seed)
        rows = np.random.default_rng(seed).choice(5**5, size=count, replace=False)
        return ArchitectureBatch(self.name, self.enumerate().decisions[rows])


class _ForgetfulText(NasBench201Space):
    text_form = None

    def _format_one(self, row):
        batch = NasBench201Space().batch(np.array([[*row[:-1], 0]]))
        return NasBench201Space().format(batch)[0]


class _CarelessParser(NasBench201Space):
    def _parse_one(self, text):
        return [1, 1, 1, 1, 1, 1] if text == "" else super()._parse_one(text)


class _CrashingParser(NasBench201Space):
    def _parse_one(self, text):
        try:
            return super()._parse_one(text)
        except ArchitectureError as error:
            raise KeyError(text) from error


class _BackwardGraphs(NasBench201Space):
    def graphs(self, batch):
        graphs = super().graphs(batch)
        return GraphBatch(
            np.ascontiguousarray(graphs.adjacency.transpose(0, 2, 1)), graphs.operations
        )


class _DeadNodes(NasBench201Space):
    def graphs(self, batch):
        graphs = super().graphs(batch)
        operations = graphs.operations.copy()
        operations[operations == 3] = 0
        return GraphBatch(graphs.adjacency, operations)


class _ForeignOperations(NasBench201Space):
    vocabulary = NasBench201Space.vocabulary[:-1]


class _ForeignIdentity(NasBench201Space):
    identities = ("skip_connect", "identity")


class _IdenticalInput(NasBench201Space):
    identities = ("input",)


class _NegativeCosts(NasBench201Space):
    def costs(self, batch):
        return Costs(np.full(len(batch), -1.0), np.zeros(len(batch)))


class _ShortEnumeration(NasBench201Space):
    def enumerate(self):
        return super().enumerate()[1:]


class _LaxRows(NasBench201Space):
    def check(self, batch):
        pass


@pytest.mark.parametrize(
    ("space", "complaint"),
    [
        (_RepeatingSampler, "sampling repeats architectures"),
        (_UnseededSampler, "the same seed draws other architectures"),
        (_NarrowSampler, "sampling never varies decision 'node1.operation0'"),
        (_ForgetfulText, "same text"),
        (_CarelessParser, "text '' is taken for an architecture"),
        (_CrashingParser, "ends in KeyError"),
        (_BackwardGraphs, "topological order"),
        (_DeadNodes, "a padding node has edges"),
        (_ForeignOperations, "outside of the vocabulary"),
        (_ForeignIdentity, "identities are not in the vocabulary: {'identity'}"),
        (_IdenticalInput, "identities are not in the vocabulary: {'input'}"),
        (_NegativeCosts, "madds are not finite and positive"),
        (_ShortEnumeration, "enumeration gives 15624 architectures, not 15625"),
        (_LaxRows, "a row that is too short is taken"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_broken_space_is_caught_with_its_fault(space, complaint):
    with pytest.raises(AssertionError, match=complaint):
        check_space(space())


def test_space_with_too_few_architectures_for_the_sample_is_checked_whole():
    space = ctnas.GraphSpace(
        "tiny",
        {"op": ["conv", "pool"]},
        lambda choice: (["input", choice["op"], "output"], [(0, 1)]),
    )
    check_space(space)
