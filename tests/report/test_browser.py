"""What a browser makes of reports whose names hold markup."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from ctnas.labels import Ledger
from ctnas.report import write_comparison, write_report
from ctnas.spaces import GraphSpace, get_space

OWN = 'document.documentElement.classList.add("owned")'
SCRIPT = f"<script>{OWN}</script>"
IMAGE = f"'\"><img src=x onerror='{OWN}'>"
POLICY = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')

Browse = Callable[[Path], str]


@pytest.fixture(scope="session")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Browse:
    """Return a way to open a page in Chromium, which gives the page after its scripts ran."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")

    def browse(page: Path) -> str:
        profile = tmp_path_factory.mktemp("profile")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        flags += ["--disable-background-networking", "--disable-component-update"]
        flags += ["--disable-sync", f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
        done = subprocess.run([program, *flags], capture_output=True, check=True, timeout=240)
        shutil.rmtree(profile, ignore_errors=True)
        return done.stdout.decode()

    return browse


@pytest.fixture
def space() -> GraphSpace:
    """Return a space with an operation whose name is a script."""

    def wire(choice: Mapping[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
        return ["input", choice["<b>first"], choice["second"], "output"], [(0, 1), (1, 2), (2, 3)]

    return GraphSpace("<i>chain", {"<b>first": [SCRIPT, "a"], "second": ["a", SCRIPT]}, wire)


@pytest.fixture
def hostile_run(make_run: Callable[..., Path], space: GraphSpace) -> Path:
    """Return a run in which every name that a user or a table gives holds markup."""
    texts = space.format(space.enumerate())
    finalist = {"name": IMAGE, "architecture": texts[0], "test_accuracy": 0.9}
    run = make_run(
        IMAGE.replace("/", ""),
        space=space.name,
        metric=SCRIPT,
        dataset=IMAGE,
        provider=SCRIPT,
        versions={SCRIPT: IMAGE},
        best={"architecture": texts[0], "win_probability": 0.9},
        finalists=[finalist],
    )
    (run / "config.toml").write_text(f"dataset = {json.dumps(IMAGE)}\n# {SCRIPT}\n")
    (run / "labels.db").unlink()
    with Ledger.create(run / "labels.db", space, SCRIPT) as ledger:
        for number, text in enumerate(texts):
            ledger.append(text, number / 4, source=SCRIPT)
    rows = "".join(f'{n},"{escape_csv(text)}",0.5,,,\n' for n, text in enumerate(texts, start=1))
    rows += f'9,"{escape_csv(IMAGE)}",0.4,,,\n'
    (run / "ranking.csv").write_text(
        f"rank,architecture,win_probability,label,madds,parameters\n{rows}"
    )
    history = parquet.read_table(run / "history.parquet").drop_columns("baseline")
    baseline = pa.array([texts[i // 60] for i in range(120)])
    parquet.write_table(history.append_column("baseline", baseline), run / "history.parquet")
    return run


def escape_csv(text: str) -> str:
    return text.replace('"', '""')


def check(page: Path, browse: Browse) -> str:
    """Check that nothing in a page runs, policy or not; return its text as it is shown."""
    source = page.read_text(encoding="utf-8")
    assert len(POLICY.findall(source)) == 1
    bare = page.with_name("bare.html")
    bare.write_text(POLICY.sub("", source), encoding="utf-8")
    dom = browse(bare)
    assert "<main>" in dom
    assert 'class="owned"' not in dom
    assert "<img" not in dom
    assert "<script" not in dom
    assert "<i>chain" not in dom
    assert "<b>first" not in dom
    return unescape(re.sub("<[^>]*>", "", dom))


def test_markup_in_names_is_shown_and_never_run(
    hostile_run: Path, space: GraphSpace, browse: Browse
) -> None:
    shown = check(write_report(hostile_run, space), browse)
    assert f"<b>first={SCRIPT},second=a" in shown
    assert shown.count(SCRIPT) >= 8
    assert shown.count(IMAGE) >= 3


def test_markup_in_compared_runs_is_shown_and_never_run(
    hostile_run: Path, tmp_path: Path, make_run: Callable[..., Path], browse: Browse
) -> None:
    runs = [hostile_run, make_run("other")]
    shown = check(write_comparison(runs, tmp_path / "comparison.html"), browse)
    assert SCRIPT in shown
    assert hostile_run.name in shown


def test_policy_of_the_page_stops_what_would_run(
    make_run: Callable[..., Path], browse: Browse
) -> None:
    page = write_report(make_run())
    hostile = page.read_text(encoding="utf-8").replace("<main>", f"<main>{SCRIPT}{IMAGE}")
    page.write_text(hostile, encoding="utf-8")
    assert 'class="owned"' not in browse(page)
    page.write_text(POLICY.sub("", hostile), encoding="utf-8")
    assert 'class="owned"' in browse(page)


def test_long_chain_is_drawn_no_larger_than_it_is(
    make_run: Callable[..., Path], browse: Browse
) -> None:
    space = get_space("mobilenetv3")
    text = space.format(space.sample(1, seed=0))[0]
    best = {"architecture": text, "win_probability": 0.9}
    run = make_run(space=space.name, best=best, finalists=[{"name": "found 1", **best}])
    page = write_report(run, space)
    # Only here a script is let in: it notes how large the drawing came out.
    measure = """<script>
        const box = document.querySelector("svg.architecture").getBoundingClientRect();
        document.documentElement.dataset.width = box.width;
    </script></main>"""
    source = POLICY.sub("", page.read_text(encoding="utf-8")).replace("</main>", measure)
    page.write_text(source, encoding="utf-8")
    shown = re.search(r'data-width="([0-9.]+)"', browse(page))
    natural = re.search(r'class="architecture"[^>]* width="([0-9.]+)"', source)
    assert shown
    assert natural
    assert float(shown[1]) == pytest.approx(float(natural[1]), abs=1)
