"""Tutorials do what they say: each is run as it stands, in an empty folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

CHECKOUT = Path(__file__).resolve().parents[1]
TUTORIALS = CHECKOUT / "docs" / "tutorials"
PAGES = sorted(page for page in TUTORIALS.glob("*.md") if page.stem != "index")
RUN = {"python", "sh"}
SHOWN = {"console", "{literalinclude}", "{toctree}"}
"""Blocks of files that others run, and what the page says was not run."""


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the language and the text of each block, in the order of the page."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return [(each.info.split()[0], each.content) for each in tokens if each.type == "fence"]


def run_shell(text: str) -> None:
    """Run commands as a shell does that ends at the first one that fails."""
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        env=os.environ | {"PATH": programs, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


def test_every_page_has_its_place_and_every_block_a_known_language() -> None:
    (listed,) = (text for name, text in blocks(TUTORIALS / "index.md") if name == "{toctree}")
    assert sorted(set(listed.split()) - {":maxdepth:", "1"}) == [page.stem for page in PAGES]
    for page in PAGES:
        assert {name for name, _ in blocks(page)} <= RUN | SHOWN


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tutorial_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "cmake" in page.read_text(encoding="utf-8") and shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    monkeypatch.chdir(tmp_path)
    Path("examples").symlink_to(CHECKOUT / "examples")
    names: dict[str, Any] = {"__name__": "tutorial"}
    ran = 0
    for language, text in blocks(page):
        if language == "sh":
            run_shell(text)
        elif language == "python":
            exec(compile(text, str(page), "exec"), names)  # the page's own code
        ran += language in RUN
    assert ran
