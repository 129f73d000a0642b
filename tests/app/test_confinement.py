"""Files that came from somebody else lead nowhere but where they lie."""

from pathlib import Path

import pytest

from ctnas.app.confinement import check_confined
from ctnas.errors import InputFileError
from ctnas.retraining.directory import TrainingDirectory
from ctnas.run.config import RunConfig
from ctnas.run.directory import RunDirectory


@pytest.fixture
def run(tmp_path: Path) -> Path:
    run = tmp_path / "run"
    (run / "checkpoint").mkdir(parents=True)
    (run / "config.toml").write_text('space = "nasbench201"\n')
    (tmp_path / "outside").mkdir()
    return run


def test_directory_without_links_out_of_it_is_taken(run: Path) -> None:
    (run / "again").symlink_to("checkpoint")
    (run / "same.toml").symlink_to(run / "config.toml")
    check_confined(run)
    link = run.with_name("link")
    link.symlink_to(run)
    check_confined(link)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("labels.db", "/etc/passwd"),
        ("report.html", "../outside/not-there-yet"),
        ("checkpoint/search.safetensors", "../../outside/file"),
        ("more", "../outside"),
    ],
)
@pytest.mark.parametrize("go_on", [RunDirectory.existing, TrainingDirectory.resume])
def test_link_out_of_the_directory_is_refused_by_name(
    run: Path, name: str, target: str, go_on: object
) -> None:
    (run / name).symlink_to(target)
    with pytest.raises(InputFileError, match=f"{name}' is a link to '{target}', out of"):
        go_on(run)


def test_checkpoint_that_is_a_link_out_of_the_directory_is_refused(run: Path) -> None:
    (run / "checkpoint").rmdir()
    (run / "checkpoint").symlink_to("../outside")
    with pytest.raises(InputFileError, match="checkpoint' is a link to"):
        RunDirectory.existing(run)


@pytest.mark.parametrize("space", ["../../up/space.toml", "/etc/space.toml", "...toml", "darts"])
def test_name_of_a_space_never_leads_out_of_the_runs(
    space: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = RunDirectory.create(RunConfig(space=space, labels=Path("labels.csv"))).path
    assert path.resolve().parent == tmp_path / "runs"
    assert path.is_dir()
