import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ctnas.errors import InputFileError
from ctnas.labels import Ledger
from ctnas.report import write_report
from ctnas.spaces import NasBench201Space

VOID = {"meta", "link", "br", "img", "input", "hr"}
SCRIPT = "<script>alert(1)</script>"


class Outline(HTMLParser):
    """Collects headings, and checks that tags are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, _: object) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, _: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


def test_finished_run_has_every_section(make_run: Callable[..., Path]) -> None:
    run = make_run()
    path = write_report(run)
    assert path == run / "report.html"
    page = path.read_text(encoding="utf-8")
    assert Outline(page).headings == [
        "Found, and measured again",
        "Best architecture",
        "Comparator and labels",
        "Search",
        "Ranking",
        "Configuration",
        "Time",
        "Versions",
        "Files of this run",
    ]
    for text in (
        "93.12%",
        "best of the random sample 92.00%",
        "0.612",
        "73.3 k",
        "2 min 51 s",
        "digits",
    ):
        assert text in page


def test_page_needs_no_network_and_stays_small(make_run: Callable[..., Path]) -> None:
    page = write_report(make_run()).read_text(encoding="utf-8")
    bare = re.sub(r'xmlns(:xlink)?="[^"]*"', "", page)
    assert not re.search(r"https?:|//[a-z]|@import|\bsrc=|<link|<script", bare)
    assert len(page.encode()) < 500_000


def test_same_run_gives_the_same_page(make_run: Callable[..., Path]) -> None:
    run = make_run()
    first = write_report(run).read_bytes()
    (run / "report.html").unlink()
    assert write_report(run).read_bytes() == first


def test_nothing_but_the_report_is_written(make_run: Callable[..., Path]) -> None:
    run = make_run()
    before = {file.name: file.read_bytes() for file in run.iterdir()}
    write_report(run)
    after = {file.name: file.read_bytes() for file in run.iterdir()}
    del after["report.html"]
    assert after == before


def test_empty_directory_says_that_nothing_is_there(tmp_path: Path) -> None:
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert Outline(page).headings == ["Not in this report"]
    assert "nothing has been measured yet" in page
    for name in ("config.toml", "labels.db", "history.parquet", "ranking.csv", "summary.json"):
        assert f"{name} is not there (yet)" in page


def test_run_that_goes_on_shows_its_labels(make_run: Callable[..., Path]) -> None:
    run = make_run()
    for name in ("summary.json", "history.parquet", "ranking.csv", "predictions.parquet"):
        (run / name).unlink()
    page = write_report(run).read_text(encoding="utf-8")
    assert "This run is not finished: 30 architectures are measured" in page
    assert "Comparator and labels" in Outline(page).headings
    assert "summary.json is not there (yet)" in page


def test_labels_that_were_asked_in_rounds_are_told_apart(make_run: Callable[..., Path]) -> None:
    run = make_run(queries=33)
    space = NasBench201Space()
    assert "asked in rounds" not in write_report(run, space).read_text(encoding="utf-8")
    with Ledger.open(run / "labels.db", space) as ledger:
        for text in space.format(space.sample(3, seed=1)):
            ledger.append(text, 0.97, source="adaptive")
    page = write_report(run, space).read_text(encoding="utf-8")
    assert "labels, 3 asked in rounds" in page
    assert "the labels after the sample were asked in rounds" in page


def test_damaged_file_is_named_and_the_rest_is_shown(make_run: Callable[..., Path]) -> None:
    run = make_run()
    (run / "history.parquet").write_bytes(b"damaged")
    page = write_report(run).read_text(encoding="utf-8")
    assert "history.parquet cannot be read: " in page
    assert len(Outline(page).headings) == 9


def test_unfinished_run_has_no_empty_section(make_run: Callable[..., Path]) -> None:
    run = make_run()
    for name in ("summary.json", "history.parquet", "predictions.parquet", "ranking.csv"):
        (run / name).unlink()
    page = write_report(run).read_text(encoding="utf-8")
    sections = re.findall("<section[^>]*>(.*?)</section>", page, re.DOTALL)
    assert len(sections) == 4
    assert all("<h2>" in section for section in sections)


def test_keys_that_are_null_or_absent_are_no_error(make_run: Callable[..., Path]) -> None:
    nothing = dict.fromkeys(("best", "kendall_tau", "seconds", "versions", "finalists", "seed"))
    page = write_report(make_run(**nothing)).read_text(encoding="utf-8")
    assert "Found, and measured again" not in Outline(page).headings


def test_run_without_test_images_claims_no_test(make_run: Callable[..., Path]) -> None:
    finalists = [{"name": "found 1", "win_probability": 0.98, "test_accuracy": None}]
    page = write_report(make_run(finalists=finalists)).read_text(encoding="utf-8")
    assert Outline(page).headings[0] == "Found"
    assert "test" not in page.lower().split("<main>")[1]


def test_markup_in_names_stays_text(make_run: Callable[..., Path]) -> None:
    finalist = {"name": SCRIPT, "architecture": SCRIPT, "test_accuracy": 0.9}
    run = make_run(
        metric=SCRIPT,
        dataset=SCRIPT,
        provider=SCRIPT,
        versions={SCRIPT: SCRIPT},
        seconds={SCRIPT: 3},
        finalists=[finalist],
    )
    (run / "config.toml").write_text(f"# {SCRIPT}\n")
    lines = (run / "ranking.csv").read_text().splitlines()
    lines[2] = f'2,"{SCRIPT}"" onmouseover=""x",0.5,,,'
    (run / "ranking.csv").write_text("\n".join(lines))
    page = write_report(run).read_text(encoding="utf-8")
    assert "script" not in Outline(page).tags
    assert "<script" not in page
    assert ' onmouseover="' not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 9


def test_markup_in_the_name_of_the_directory_stays_text(make_run: Callable[..., Path]) -> None:
    page = write_report(make_run("<b>run")).read_text(encoding="utf-8")
    assert "&lt;b&gt;run" in page
    assert "b" not in Outline(page).tags


class OwnSpace(NasBench201Space):
    name = "own"


def test_space_of_ones_own_is_drawn_where_it_is_given(make_run: Callable[..., Path]) -> None:
    run = make_run(space="own")
    page = write_report(run).read_text(encoding="utf-8")
    assert "no drawings: the space &#39;own&#39; is not at hand" in page
    page = write_report(run, OwnSpace()).read_text(encoding="utf-8")
    assert "Best architecture" in Outline(page).headings


def test_architecture_of_another_space_is_not_drawn(make_run: Callable[..., Path]) -> None:
    page = write_report(make_run(space="darts")).read_text(encoding="utf-8")
    assert "no drawing of best architecture: " in page


def test_missing_directory_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"there is no run directory '.*nowhere'"):
        write_report(tmp_path / "nowhere")


def test_old_report_stays_if_the_new_one_cannot_be_written(
    make_run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()
    (run / "report.html").write_text("old")

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match=r"cannot write .*report\.html.*: No space left on device"):
        write_report(run)
    assert (run / "report.html").read_text() == "old"
    assert not [file for file in run.iterdir() if file.name.startswith(".")]


def test_run_directory_may_be_moved(make_run: Callable[..., Path], tmp_path: Path) -> None:
    run = make_run()
    first = write_report(run).read_text(encoding="utf-8")
    shutil.move(run, tmp_path / "elsewhere")
    again = write_report(tmp_path / "elsewhere").read_text(encoding="utf-8")
    assert again.replace("elsewhere", "run") == first


def test_a_front_is_plotted_and_listed(make_run: Callable[..., Path]) -> None:
    run = make_run()
    assert "multiply-adds</h2>" not in write_report(run).read_text()
    texts = NasBench201Space().format(NasBench201Space().sample(60, seed=0))
    rows = [
        f"{texts[0]},1000000,50000,0.4,0.80,true,false",
        f"{texts[31]},2000000,70000,0.6,,true,false",
        f"{texts[1]},2500000,70000,0.5,0.93,false,true",
    ]
    header = "architecture,madds,parameters,win_probability,label"
    columns = f"{header},on_predicted_front,on_measured_front"
    (run / "pareto.csv").write_text("\n".join([columns, *rows]) + "\n")
    page = write_report(run).read_text()
    outline = Outline(page)
    assert "Accuracy against multiply-adds" in outline.headings
    assert "Measured front" in page
    assert "Expected front" in page
    assert page.count("<td>predicted</td>") == 2
    assert page.count("<td>measured</td>") == 1
    assert "2.50 M" in page
