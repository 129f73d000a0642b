"""Settings of the site: `nox -s docs` builds it, and a warning is an error.

Sphinx and not MkDocs, whose last release is of 2024 and whose theme Material gets no new features:
Sphinx is released several times a year. Nothing is fetched while the site is built or read.
"""

import re
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "docs" / "extensions"))

project = "ctnas"
version = release = re.search(
    r"project\(ctnas VERSION ([\d.]+)", (CHECKOUT / "CMakeLists.txt").read_text()
)[1]
author = "The authors of ctnas"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.graphviz",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "example_run",
    "formulas",
]
exclude_patterns = ["extensions"]
html_theme = "furo"
html_title = f"ctnas {version}"
html_static_path = ["static"]
html_css_files = ["tables.css"]
html_show_copyright = False
html_math_renderer = "mathml"
graphviz_output_format = "svg"

myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
# Single backticks in docstrings are code.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
