"""Which version of the sources a figure was measured with.

A version is a hash of what decides results: the Python of the package, without comments and
docstrings, and the C++ of the core, without comments. What only shows or reports does not count.
"""

from __future__ import annotations

import ast
import hashlib
import re
from functools import cache
from pathlib import Path

import ctnas

CHECKOUT = Path(__file__).resolve().parents[1]
SHOWN = {"cli", "report", "deployment", "testing.py", "__main__.py", "_core.pyi"}
"""Parts of the package that no figure depends on."""
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


@cache
def version() -> str:
    """Return twelve hexadecimal digits that change with what decides results."""
    package = Path(ctnas.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if place.parts[0] not in SHOWN:
            digest.update(f"{place.as_posix()}\n{python_code(path.read_text())}\n".encode())
    for path in sorted((CHECKOUT / "cpp" / "src").rglob("*.[ch]pp")):
        code = " ".join(COMMENT.sub("", path.read_text()).split())
        digest.update(f"{path.name}\n{code}\n".encode())
    return digest.hexdigest()[:12]


def python_code(text: str) -> str:
    """Return a program's syntax without its docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
