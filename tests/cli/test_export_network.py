"""`ctnas-export --network`: a found architecture of a run, or of a training, as files."""

import json
from pathlib import Path

import pytest
import torch

from ctnas.cli.export import main
from ctnas.retraining.config import TrainConfig
from ctnas.retraining.directory import TrainingDirectory
from ctnas.retraining.network import build_network
from ctnas.run.config import RunConfig
from ctnas.run.directory import RunDirectory
from ctnas.spaces import get_space
from ctnas.supernet import SupernetConfig, build_supernet, load_images, save_supernet

from .conftest import Run

SPACE = get_space("nasbench201")
FIRST, SECOND = SPACE.format(SPACE.sample(2, seed=0))
CELL = "cell: 3 vertices; edges 0-1 1-2"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run on digits whose supernet has drawn weights."""
    config = RunConfig(space="nasbench201", supernet=SupernetConfig(channels=4))
    directory = RunDirectory(tmp_path_factory.mktemp("search") / "run")
    directory.path.mkdir()
    directory.prepare(config)
    splits = load_images("digits")
    layout = config.supernet.layout(splits, "nasbench201")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        supernet = build_supernet("nasbench201", layout, *splits.channel_statistics())
    save_supernet(supernet, directory.supernet)
    finalists = [
        {"name": "found 1", "architecture": FIRST},
        {"name": "found 2", "architecture": SECOND},
        {"name": "best sampled", "architecture": FIRST},
    ]
    directory.summary.write_text(json.dumps({"queries": 12, "finalists": finalists}))
    return directory.path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a training on digits that ended with the weights that it began with."""
    config = TrainConfig(
        dataset="digits", cells=3, channels=4, out=tmp_path_factory.mktemp("train") / "trained"
    )
    architecture = get_space("darts").sample(1, seed=0)
    directory = TrainingDirectory.create(config, architecture)
    statistics = load_images("digits").channel_statistics()
    network = build_network(config, architecture, (1, 8, 8), 10, statistics)
    directory.write_weights(network, architecture)
    return directory.path


def described(out: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((out / "network.json").read_text(encoding="utf-8"))
    return content


def test_a_found_architecture_is_named_by_its_rank_or_its_text(
    run: Run, finished: Path, tmp_path: Path
) -> None:
    for chosen, text in ((["2"], SECOND), ([FIRST], FIRST), ([], FIRST)):
        out = tmp_path / f"{len(chosen)}{chosen == ['2']}"
        outcome = run(main, finished, "--network", *chosen, "--out", out)
        assert (outcome.code, outcome.err) == (0, "")
        assert described(out)["architecture"] == text
        assert described(out)["about"]["labels_spent"] == 12  # type: ignore[index]
    outcome = run(main, finished, "--check", out)
    assert outcome.code == 0
    assert "ok      network.onnx on all test images: accuracy" in outcome.out


def test_a_trained_network_is_written_with_its_weights(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    outcome = run(main, trained, "--network", "--out", tmp_path / "out")
    assert (outcome.code, outcome.err) == (0, "")
    assert run(main, trained, "--check", tmp_path / "out").code == 0
    refused = run(main, trained, "--network", "2", "--out", tmp_path / "second")
    assert refused.code == 2
    assert "has trained" in refused.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--network", "3"), "has found architectures of rank 1 to 2, not 3"),
        (("--network", CELL), "is no architecture of space 'nasbench201'"),
    ],
)
def test_what_the_run_does_not_have_is_refused(
    arguments: tuple[str, ...], message: str, run: Run, finished: Path, tmp_path: Path
) -> None:
    outcome = run(main, finished, *arguments, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_run_from_a_table_has_no_weights(run: Run, tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    directory.prepare(RunConfig(space="nasbench201", labels=Path("labels.csv")))
    outcome = run(main, directory.path, "--network", "--out", tmp_path / "out")
    assert outcome.code == 2
    assert "holds no weights: its labels come from labels.csv" in outcome.err
    assert not (tmp_path / "out").exists()


def test_a_run_that_has_only_begun_says_how_to_go_on(run: Run, tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    directory.prepare(RunConfig())
    outcome = run(main, directory.path, "--network", "--out", tmp_path / "out")
    assert "holds no weights yet: go on with ctnas-search --resume" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--network"), "--network and --out belong together"),
        (("run", "--network", "1", "--triton", "b"), "give either --network, --check or --triton"),
        (("--network", "--out", "b"), "--network needs the directory of a run"),
        (("nowhere", "--network", "--out", "b"), "'nowhere' holds no run"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(
    arguments: tuple[str, ...],
    message: str,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run(main, *arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert list(tmp_path.iterdir()) == []
