"""Many texts at once are parsed as each would be by itself."""

import numpy as np
import pyarrow as pa
import pytest

from ctnas.errors import ArchitectureError
from ctnas.spaces import GraphSpace, SearchSpace, get_space
from ctnas.spaces.space import MANY_TEXTS

COUNT = 2 * MANY_TEXTS


def chain() -> GraphSpace:
    return GraphSpace(
        "chain",
        {f"op{at}": ["a", "b", "c"] for at in range(7)},
        lambda choice: (
            ["input", *choice.values(), "output"],
            [(node, node + 1) for node in range(8)],
        ),
    )


SPACES = [get_space("nasbench201"), get_space("darts"), chain()]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_many_texts_are_the_architectures_that_they_were_made_of(space: SearchSpace) -> None:
    batch = space.sample(COUNT, seed=3)
    texts = space.format(batch)
    assert space.parse(texts) == batch
    assert space.parse(pa.array(texts)) == batch
    assert space.parse(iter(texts)) == batch
    assert space.parse(pa.array(texts)[:5]) == batch[:5]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_texts_are_the_same_architectures_without_pyarrow(
    space: SearchSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = space.sample(COUNT, seed=3)
    texts = space.format(batch)
    monkeypatch.setattr("ctnas.spaces.piecewise._has_pyarrow", lambda: False)
    assert space.parse(texts) == batch
    texts[100] += "+"
    with pytest.raises(ArchitectureError, match="row 101: "):
        space.parse(texts)


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_one_bad_text_among_many_is_named(space: SearchSpace) -> None:
    texts = space.format(space.sample(COUNT, seed=3))
    texts[100] = texts[100].replace("1", "9", 1) + "+"
    with pytest.raises(ArchitectureError, match="row 101: "):
        space.parse(pa.array(texts))


def test_other_forms_among_many_are_understood() -> None:
    darts, chained = get_space("darts"), chain()
    batch = darts.sample(COUNT, seed=3)
    texts = darts.format(batch)
    texts[7] = darts.genotype(batch[[7]])[0]
    assert darts.parse(texts) == batch
    batch = chained.sample(COUNT, seed=3)
    texts = [",".join(reversed(text.split(","))) for text in chained.format(batch)]
    np.testing.assert_array_equal(chained.parse(texts).decisions, batch.decisions)
