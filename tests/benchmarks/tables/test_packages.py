"""Tables of installed packages; those that are not installed are made up in their layout."""

import pickle
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from ctnas.benchmarks.tables import (
    ANALOG_METRICS,
    DATASETS,
    analog_nasbench,
    nas_bench_graph,
    nas_bench_graph_space,
)
from ctnas.errors import InputFileError, LabelError
from ctnas.labels import LabelSet
from ctnas.spaces import NasBench201Space
from ctnas.testing import check_space

INSTALL = "pip install 'ctnas[bench]'"


@pytest.fixture
def graph_package() -> None:
    if find_spec("nas_bench_graph") is None:
        pytest.skip(f"package nas-bench-graph is not installed: {INSTALL}")


@pytest.fixture
def analog_package() -> None:
    if find_spec("analognasbench") is None:
        pytest.skip(f"package analog-nasbench is not installed: {INSTALL}")


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Install packages that consist of one table; importing them fails."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(module: str, name: str, table: object) -> None:
        path = tmp_path / module / name
        path.parent.mkdir(parents=True)
        (tmp_path / module / "__init__.py").write_text("raise RuntimeError('imported')")
        path.write_bytes(pickle.dumps(table))

    yield install
    assert not {"nas_bench_graph", "analognasbench"} & set(sys.modules)


def install_graph(install: Callable[..., None], table: object, dataset: str = "cora") -> None:
    install("nas_bench_graph", f"light/{dataset}.bench", table)


ROW = {"valid_perf": 0.75, "perf": np.float64(0.5), "latency": 0.01, "para": np.float64(1.5)}


def test_keys_are_links_and_operations_as_digits(made_up: Callable[..., None]) -> None:
    table = {81234 + number: ROW | {"valid_perf": number / 16} for number in range(3)}
    install_graph(made_up, table | dict.fromkeys(range(10, 19), ROW))
    labels = nas_bench_graph("cora", "validation_performance")
    assert labels.metric == "cora_validation_performance"
    assert labels.space.format(labels.architectures)[-3:] == [
        "links=0123,layer1=gcn,layer2=gin,layer3=cheb,layer4=sage",
        "links=0123,layer1=gcn,layer2=gin,layer3=cheb,layer4=arma",
        "links=0123,layer1=gcn,layer2=gin,layer3=cheb,layer4=graph",
    ]
    assert labels.values[-3:].tolist() == [0, 1 / 16, 2 / 16]
    assert set(nas_bench_graph("cora", "test_performance").values) == {0.5}


def test_layers_read_what_the_links_say_and_leaves_go_into_the_output() -> None:
    space = nas_bench_graph_space()
    # Layers 1 and 2 read the input, 3 reads layer 1, 4 reads layer 3.
    text = "links=0013,layer1=gat,layer2=fc,layer3=skip,layer4=arma"
    graphs = space.graphs(space.parse([text]))
    names = [space.vocabulary[operation] for operation in graphs.operations[0]]
    assert names == ["input", "gat", "fc", "skip", "arma", "output"]
    edges = np.argwhere(graphs.adjacency[0]).tolist()
    assert edges == [[0, 1], [0, 2], [1, 3], [2, 5], [3, 4], [4, 5]]


def test_space_of_graph_networks_keeps_every_invariant() -> None:
    space = nas_bench_graph_space()
    assert space.size == 9 * 9**4
    check_space(space)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({90000: ROW}, "key 90000 is no architecture"),
        ({9: ROW}, "key 9 is no architecture"),
        ({-1: ROW}, "key -1 is no architecture"),
        ({1: {"perf": 0.5}}, "key 1: valid_perf is None, not a number"),
        ({1: ROW | {"valid_perf": "x"}}, "key 1: valid_perf is 'x', not a number"),
        ({1: [0.5]}, "key 1: valid_perf is None, not a number"),
        ({"a": ROW}, "is not a table with whole numbers as keys"),
        ([ROW], "is not a table with whole numbers as keys"),
        ({1: ROW | {"valid_perf": float("nan")}}, "is nan, not a finite number"),
    ],
)
def test_damaged_table_is_refused(
    made_up: Callable[..., None], table: object, message: str
) -> None:
    install_graph(made_up, table)
    with pytest.raises(LabelError, match=message):
        nas_bench_graph("cora", "validation_performance")


def test_dataset_and_metric_must_exist_and_be_named() -> None:
    with pytest.raises(LabelError, match="unknown data set 'imagenet'; known are cora, citeseer"):
        nas_bench_graph("imagenet", "test_performance")
    known = "known are validation_performance, test_performance"
    with pytest.raises(LabelError, match=f"the metric must be named: {known}"):
        nas_bench_graph("cora")
    with pytest.raises(LabelError, match=f"unknown metric 'perf': {known}"):
        nas_bench_graph("cora", "perf")
    with pytest.raises(LabelError, match="the metric must be named: known are baseline_accuracy"):
        analog_nasbench()
    with pytest.raises(LabelError, match="unknown metric 'accuracy': known are baseline_accuracy"):
        analog_nasbench("accuracy")


def test_missing_table_of_a_package_is_named(made_up: Callable[..., None]) -> None:
    install_graph(made_up, {1: ROW})
    with pytest.raises(InputFileError, match=r"'nas_bench_graph' has no file 'light/cs\.bench'"):
        nas_bench_graph("cs", "test_performance")


@pytest.mark.usefixtures("graph_package")
@pytest.mark.parametrize("dataset", DATASETS)
def test_published_graph_networks_are_all_there(dataset: str) -> None:
    labels = nas_bench_graph(dataset, "test_performance")
    assert len(labels) == (2_021 if dataset == "proteins" else 26_206)
    assert labels.metric == f"{dataset}_test_performance"
    assert 0 < labels.values.min() < labels.values.max() < 1


@pytest.mark.usefixtures("graph_package")
def test_published_labels_are_those_of_the_readme_keys() -> None:
    table = pickle.loads(Path(_location("nas_bench_graph"), "light/arxiv.bench").read_bytes())
    # What the package calls Arch([0, 1, 1, 2], ["gcn", "cheb", "gin", "fc"]).
    row = table[61327]
    text = "links=0112,layer1=gcn,layer2=cheb,layer3=gin,layer4=fc"
    for metric, column in [("validation_performance", "valid_perf"), ("test_performance", "perf")]:
        labels = nas_bench_graph("arxiv", metric)
        (at,) = np.flatnonzero(np.array(labels.space.format(labels.architectures)) == text)
        assert labels.values[at] == row[column]


def _location(module: str) -> str:
    spec = find_spec(module)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return spec.submodule_search_locations[0]


@pytest.mark.usefixtures("analog_package")
def test_analog_cells_are_those_of_nasbench201(published_data: Callable[[str], Path]) -> None:
    analog = analog_nasbench("baseline_accuracy")
    assert len(analog) == 15_625
    path = published_data("nasbench201_cifar10.csv")
    digital = LabelSet.read(path, NasBench201Space(), "cifar10_test_accuracy")
    value = dict(zip(map(bytes, digital.architectures.decisions), digital.values, strict=True))
    expected = [value[bytes(row)] for row in analog.architectures.decisions]
    # Trained anew on the same data set: nothing but the same cells correlates like this.
    assert spearmanr(expected, analog.values).statistic > 0.99


@pytest.mark.usefixtures("analog_package")
@pytest.mark.parametrize("metric", ["noisy_accuracy", ANALOG_METRICS[-1]])
def test_analog_metric_is_a_percentage(metric: str) -> None:
    labels = analog_nasbench(metric)
    assert labels.metric == metric
    assert 5 < labels.values.min() < labels.values.max() < 95


@pytest.fixture
def analog_record(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Make objects that are pickled as if of the classes of the package."""
    module = ModuleType("analognasbench.data")
    for name in ("Architecture", "DriftMeasurement", "Other"):
        setattr(module, name, type(name, (), {"__module__": module.__name__}))
    package = ModuleType("analognasbench")

    def record(name: str, **attributes: Any) -> Any:
        made = getattr(module, name)()
        vars(made).update(attributes)
        return made

    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "analognasbench", package)
        patch.setitem(sys.modules, "analognasbench.data", module)
        yield record


def install_analog(install: Callable[..., None], table: object) -> None:
    install("analognasbench", "data.anb", table)
    for name in ("analognasbench", "analognasbench.data"):
        del sys.modules[name]


def test_analog_keys_are_operations_by_source_of_the_edge(
    made_up: Callable[..., None], analog_record: Callable[..., Any]
) -> None:
    table = {
        (0, 1, 2, 3, 4, last): analog_record(
            "Architecture",
            analog_accuracy=10.0 * last,
            analog_drift_60=analog_record("DriftMeasurement", value=20.0 + last, uncertainty=0.5),
        )
        for last in range(5)
    }
    rows = {
        (1, 1, 1, first, second, 1): table[0, 1, 2, 3, 4, 0]
        for first in (0, 1)
        for second in range(5)
    }
    install_analog(made_up, table | rows)
    labels = analog_nasbench("analog_accuracy")
    # Edges 0-1, 0-2, 0-3, 1-2, 1-3, 2-3; skip, none, 3x3, 1x1, pooling.
    assert labels.space.format(labels.architectures[:1]) == [
        "|skip_connect~0|+|none~0|nor_conv_1x1~1|+|nor_conv_3x3~0|avg_pool_3x3~1|skip_connect~2|"
    ]
    assert labels.values[:5].tolist() == [0, 10, 20, 30, 40]
    assert analog_nasbench("analog_drift_60").values[:5].tolist() == [20, 21, 22, 23, 24]
    with pytest.raises(LabelError, match=r"key .*: qat_accuracy is None, not a number"):
        analog_nasbench("qat_accuracy")


@pytest.mark.parametrize("key", [(0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), "012340", 7])
def test_analog_key_that_is_no_architecture_is_refused(
    made_up: Callable[..., None], analog_record: Callable[..., Any], key: object
) -> None:
    install_analog(made_up, {key: analog_record("Architecture", analog_accuracy=1.0)})
    with pytest.raises(LabelError, match="is no architecture"):
        analog_nasbench("analog_accuracy")


def test_other_classes_of_the_package_are_refused(
    made_up: Callable[..., None], analog_record: Callable[..., Any]
) -> None:
    install_analog(made_up, {(0,) * 6: analog_record("Other")})
    with pytest.raises(LabelError, match=r"names analognasbench\.data\.Other, which is not read"):
        analog_nasbench("analog_accuracy")
