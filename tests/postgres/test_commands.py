"""The commands on a PostgreSQL server, as users type them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from postgres_server import PostgresServer

from ctnas.cli.search import main as search
from ctnas.labels import Ledger
from ctnas.labels.passwords import without_password
from ctnas.labels.queue import LabelQueue

LABEL = [sys.executable, "-m", "ctnas.cli.label"]
SEARCH = [sys.executable, "-c", "from ctnas.cli.search import main; main()"]
OPTIONS = [
    *("--preset", "smoke", "--queries", "30", "--supernet.epochs", "1"),
    *("--provider", "cpu", "--quiet", "--workers", "2", "--out", "run"),
]


def label(*options: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LABEL, "--labels", "labels.csv", "--idle", "0", *options],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def write_labels(folder: Path, texts: list[str]) -> dict[str, float]:
    labels = {text: number / 10 for number, text in enumerate(texts)}
    rows = [f"{text},{label}" for text, label in labels.items()]
    (folder / "labels.csv").write_text("\n".join(["architecture,accuracy", *rows]) + "\n")
    return labels


def test_password_comes_from_the_environment(
    database: str, queue: LabelQueue, texts: list[str], tmp_path: Path
) -> None:
    labels = write_labels(tmp_path, texts)
    plain = without_password(database)
    assert plain != database
    secret = database.split(":")[2].split("@")[0].replace("%3A", ":").replace("%2F", "/")

    refused = label("--storage", plain, folder=tmp_path, CTNAS_STORAGE="", PGPASSWORD="")
    assert refused.returncode == 2
    assert "password" in refused.stderr
    ways = (
        ((), {"CTNAS_STORAGE": database}),
        (("--storage", plain), {"CTNAS_STORAGE": database}),
        (("--storage", plain), {"CTNAS_STORAGE": "", "PGPASSWORD": secret}),
    )
    for number, (options, environment) in enumerate(ways, start=1):
        queue.enqueue(texts[: 5 * number])
        process = label(*options, folder=tmp_path, **environment)
        assert process.returncode == 0, process.stderr
        assert "Labels written: 5" in process.stdout
    with Ledger.open(database) as ledger:
        assert dict(zip(ledger.architectures, ledger.values, strict=True)) == {
            text: labels[text] for text in texts[:15]
        }


@pytest.mark.usefixtures("server")
def test_search_that_cannot_reach_its_database_keeps_no_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/labels"
    with pytest.raises(SystemExit) as end:
        search(["--storage", url, "--workers", "1", "--out", str(tmp_path / "far")])
    assert end.value.code == 2
    said = capsys.readouterr()
    assert "cannot read 'postgresql://me@127.0.0.1:1/labels'" in said.err
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in left} <= {".lock", ".holder"}
    assert "secret" not in repr(said)
    assert not any(b"secret" in path.read_bytes() for path in left)


@pytest.mark.slow
def test_search_with_workers_survives_a_server_that_is_gone_for_a_while(
    server: PostgresServer, tmp_path: Path
) -> None:
    url = server.new_database()
    plain = without_password(url)
    process = subprocess.Popen(
        [*SEARCH, *OPTIONS, "--storage", plain],
        cwd=tmp_path,
        env=os.environ | {"CTNAS_STORAGE": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    for line in process.stdout:
        if line.startswith("Measure 30"):
            break
    with LabelQueue.open(url, "run") as queue:
        while not queue.counts().get("COMPLETE"):
            assert process.poll() is None
            time.sleep(0.1)
    server.stop()
    time.sleep(5)
    server.start()
    out, errors = process.communicate(timeout=400)
    assert process.returncode == 0, errors
    assert "the database is back after" in out
    with Ledger.open(url, study="run") as ledger:
        assert ledger.trial_count() == len(ledger)
        assert ledger.sources().count("random") == 30
    # Its password is in no file of the run, and the report has its labels all the same.
    written = [path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()]
    secret = url.removeprefix("postgresql://").split("@")[0].split(":")[1].encode()
    assert not any(secret in content for content in written)
    assert "the ledger" not in (tmp_path / "run" / "report.html").read_text()
