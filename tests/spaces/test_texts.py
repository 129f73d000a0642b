"""Texts are read and written in batches, in the core, as each would be by itself."""

import numpy as np
import pyarrow as pa
import pytest

from ctnas.architecture import ArchitectureBatch, Int16Array
from ctnas.errors import ArchitectureError
from ctnas.spaces import DecisionSpace, GraphSpace, SearchSpace, get_space, space_names
from ctnas.spaces.darts.costs import DARTS_OPERATIONS
from ctnas.spaces.darts.space import DartsSpace
from ctnas.spaces.mobilenetv3.space import MobileNetV3Space
from ctnas.spaces.nasbench101.space import NasBench101Space
from ctnas.spaces.nasbench201.space import NASBENCH201_OPERATIONS

COUNT = 500


def chain() -> GraphSpace:
    return GraphSpace(
        "chain",
        {f"op{at}": ["a", "b", "c"] for at in range(7)},
        lambda choice: (
            ["input", *choice.values(), "output"],
            [(node, node + 1) for node in range(8)],
        ),
    )


NESTED = DecisionSpace(
    "nested",
    {
        "depth": [1, 2, 3],
        "width1": [16, 24, 32.5],
        "width2": [16, 24, 32],
        "last": ["a", "b"],
        "operation": [f"op {number}" for number in range(20)],
    },
    active={"width2": {"depth": [2, 3]}, "last": {"depth": 3, "width2": [24, 32]}},
)
SPACES = [*map(get_space, space_names()), chain(), NESTED]


def named_texts(space: SearchSpace, rows: Int16Array) -> list[str]:
    """Write `decision=choice` for every active decision."""
    matters = space.active(ArchitectureBatch(space.name, rows)).tolist()
    return [
        ",".join(
            f"{decision.name}={decision.choices[choice]}"
            for decision, choice, is_active in zip(space.decisions, row, active, strict=True)
            if is_active
        )
        for row, active in zip(rows.tolist(), matters, strict=True)
    ]


def cell_texts(operations: list[str], sources: list[int]) -> str:
    edges = zip(operations, sources, strict=True)
    return f"|{'|'.join(f'{name}~{source}' for name, source in edges)}|"


def darts_texts(space: DartsSpace, rows: Int16Array) -> list[str]:
    inputs, operations = space.edges(space.batch(rows))
    texts = []
    for row in range(len(rows)):
        cells = [
            "+".join(
                cell_texts(
                    [DARTS_OPERATIONS[chosen] for chosen in operations[row, cell, node]],
                    inputs[row, cell, node].tolist(),
                )
                for node in range(4)
            )
            for cell in range(2)
        ]
        texts.append(f"normal:{cells[0]} reduction:{cells[1]}")
    return texts


def mobilenetv3_texts(space: MobileNetV3Space, rows: Int16Array) -> list[str]:
    exists, kernels, ratios = space.layers(space.batch(rows))
    return [
        "|".join(
            "-".join(
                f"k{(3, 5, 7)[kernels[row, unit, layer]]}e{(3, 4, 6)[ratios[row, unit, layer]]}"
                for layer in range(4)
                if exists[row, unit, layer]
            )
            for unit in range(5)
        )
        for row in range(len(rows))
    ]


def nasbench101_texts(space: NasBench101Space, rows: Int16Array) -> list[str]:
    return [
        ".".join("".join(map(str, matrix[i, i + 1 :])) for i in range(len(names) - 1))
        + f" {'|'.join(names)}"
        for matrix, names in space.to_matrix(space.batch(rows))
    ]


def nasbench201_texts(space: SearchSpace, rows: Int16Array) -> list[str]:
    return [
        "+".join(
            cell_texts([NASBENCH201_OPERATIONS[row[at]] for at in edges], [*range(len(edges))])
            for edges in ((0,), (1, 2), (3, 4, 5))
        )
        for row in rows.tolist()
    ]


WRITTEN = {
    "darts": darts_texts,
    "mobilenetv3": mobilenetv3_texts,
    "nasbench101": nasbench101_texts,
    "nasbench201": nasbench201_texts,
}


@pytest.mark.parametrize("count", [1_000, pytest.param(100_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_texts_say_what_any_row_is(space: SearchSpace, count: int) -> None:
    generator = np.random.default_rng(0)
    rows = generator.integers(0, space.choices, (count, len(space.choices)), dtype=np.int16)
    batch = space.batch(rows)
    texts = space.format(batch)
    assert texts == WRITTEN.get(space.name, named_texts)(space, rows)
    assert space.parse(texts) == space.canonical(batch)


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_many_texts_are_the_architectures_that_they_were_made_of(space: SearchSpace) -> None:
    batch = space.sample(COUNT, seed=3)
    texts = space.format(batch)
    assert space.parse(texts) == batch
    assert space.parse(pa.array(texts)) == batch
    assert space.parse(iter(texts)) == batch
    assert space.parse(pa.array(texts)[:5]) == batch[:5]


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
