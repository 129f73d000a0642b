"""Which options on workers go together."""

from pathlib import Path
from typing import Any

import pytest

from ctnas.errors import ConfigurationError
from ctnas.run.config import RunConfig
from ctnas.settings.resuming import check_resumable
from ctnas.settings.toml import to_toml

SECRET = "postgresql://me:secret@host/labels"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": -1}, "workers must be at least 0, not -1"),
        ({"heartbeat": 0}, "heartbeat must be at least 1, not 0"),
        ({"study": "mine"}, "--study belongs to --storage"),
        ({"address": "auto"}, "--address belongs to --engine ray"),
        ({"gpus_per_task": 1}, "--gpus-per-task belongs to --engine ray"),
        ({"engine": "ray", "workers": 0}, "workers must be at least 1 with --engine ray, not 0"),
        ({"engine": "ray", "gpus_per_task": 1.5}, "a part of one GPU, not 1.5"),
        ({"engine": "ray", "gpus_per_task": -1}, "gpus_per_task must be at least 0, not -1"),
        ({"workers": 2, "labels": Path("a.csv")}, "which --labels has measured already"),
        ({"storage": "postgresql://host:port/labels"}, "begins with 'postgresql://' cannot be"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        RunConfig(**options)


def test_password_is_not_kept_and_matters_to_no_resumed_run() -> None:
    given = RunConfig(storage=SECRET)
    kept = given.without_password()
    assert kept.storage == "postgresql://me@host/labels"
    assert "secret" not in to_toml(kept)
    check_resumable(kept, given.without_password())
    with pytest.raises(ConfigurationError, match=r"storage was .* and cannot become") as caught:
        check_resumable(
            kept, RunConfig(storage=SECRET.replace("labels", "others")).without_password()
        )
    assert "secret" not in str(caught.value)


def test_how_many_work_may_change_when_a_run_goes_on() -> None:
    check_resumable(RunConfig(), RunConfig(workers=3, heartbeat=60, engine="ray"))
