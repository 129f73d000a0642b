"""A search of seconds is made when the site is: its report and its front are shown there.

The run is kept beside the site and made again only if it is gone.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

SEARCH = "from ctnas.cli.search import main; main()"
OPTIONS = ("--preset", "smoke", "--queries", "60", "--objective", "accuracy,madds", "--quiet")


def make_run(app: Sphinx) -> None:
    """Search, and put the report and the plot of its front where the pages expect them."""
    folder = Path(app.outdir).parent / "example-run"
    if not (folder / "report.html").exists():
        shutil.rmtree(folder, ignore_errors=True)
        command = [sys.executable, "-c", SEARCH, *OPTIONS, "--out", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shown = Path(app.outdir) / "run"
    shown.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "report.html", shown)
    page = (folder / "report.html").read_text(encoding="utf-8")
    (shown / "front.svg").write_text(plot_of_front(page), encoding="utf-8")


def plot_of_front(page: str) -> str:
    """Return the drawing under the report's heading of the front."""
    found = re.search(r"<h2>Accuracy against multiply-adds</h2>.*?<svg(.*?</svg>)", page, re.DOTALL)
    if found is None:
        raise ExtensionError("the report of the example run shows no front")
    return f'<svg xmlns="http://www.w3.org/2000/svg"{found[1]}'


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the run before pages are read."""
    app.connect("builder-inited", make_run)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
