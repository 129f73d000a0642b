"""How ONNX Runtime is found and loaded. A process loads it once: each case has its own process."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ctnas import _core
from ctnas.errors import ProviderError

PREAMBLE = """
import os, sys
from ctnas import _core
from ctnas.errors import ProviderError

def refused(call):
    try:
        call()
    except ProviderError as error:
        return str(error)
    raise SystemExit("nothing was refused")
"""


def run_python(code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run code in a new process and require that it ends well and leaves stderr clean."""
    result = subprocess.run(
        [sys.executable, "-c", PREAMBLE + code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result


@pytest.fixture(scope="module")
def library() -> Path:
    spec = importlib.util.find_spec("onnxruntime")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    capi = Path(spec.submodule_search_locations[0]) / "capi"
    return next(capi.glob("libonnxruntime.so*"))


@pytest.fixture
def truncated(library: Path, tmp_path: Path) -> Path:
    path = tmp_path / "libonnxruntime.so"
    with library.open("rb") as whole:
        path.write_bytes(whole.read(1_000_000))
    return path


def test_the_installed_runtime_is_found_without_importing_it() -> None:
    result = run_python("""
print(_core.load_runtime())
assert _core.load_runtime() == _core.load_runtime(None)
assert "CPUExecutionProvider" in _core.available_providers()
assert "onnxruntime" not in sys.modules
""")
    assert result.stdout.strip().startswith("1.")


def test_an_explicit_path_wins_over_the_environment(library: Path) -> None:
    result = run_python(
        f"print(_core.load_runtime({str(library)!r}))", CTNAS_ONNXRUNTIME="/no/such/file.so"
    )
    assert result.stdout.strip().startswith("1.")


def test_the_environment_wins_over_the_installed_runtime() -> None:
    result = run_python("print(refused(_core.load_runtime))", CTNAS_ONNXRUNTIME="/no/such/file.so")
    assert "/no/such/file.so" in result.stdout


def test_a_failure_to_load_is_not_for_ever(library: Path) -> None:
    run_python(f"""
assert "/no/such.so" in refused(lambda: _core.load_runtime("/no/such.so"))
_core.load_runtime({str(library)!r})
""")


def test_a_process_does_not_change_its_runtime() -> None:
    run_python("""
_core.load_runtime()
message = refused(lambda: _core.load_runtime("/another.so"))
assert "loaded already" in message and "/another.so" in message, message
""")


def test_a_truncated_library_does_not_kill_the_process(truncated: Path) -> None:
    result = run_python(f"print(refused(lambda: _core.load_runtime({str(truncated)!r})))")
    assert "the library is truncated: 1000000 bytes of at least" in result.stdout


@pytest.mark.parametrize("content", [b"", b"no library", b"\x7fELF", b"\x7fELF" + bytes(200)])
def test_a_file_that_is_no_library_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "library.so"
    path.write_bytes(content)
    run_python(f"assert {str(path)!r} in refused(lambda: _core.load_runtime({str(path)!r}))")


def test_another_library_is_refused(tmp_path: Path) -> None:
    run_python(f"""
assert "OrtGetApiBase" in refused(lambda: _core.load_runtime("libm.so.6"))
assert "empty" in refused(lambda: _core.load_runtime(""))
assert "irectory" in refused(lambda: _core.load_runtime({str(tmp_path)!r}))
""")


def test_no_trace_is_left_in_the_home_directory(tmp_path: Path) -> None:
    run_python("_core.load_runtime()", HOME=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_failures_go_to_exceptions_and_not_to_stderr(truncated: Path) -> None:
    run_python(f"""
from ctnas.errors import ModelError
import numpy as np
refused(lambda: _core.load_runtime({str(truncated)!r}))
for model in (b"", b"garbage", bytes(1000)):
    try:
        _core.Encoder(model)
    except ModelError:
        pass
    else:
        raise SystemExit("no error")
""")


def test_plain_onnxruntime_lives_in_the_same_process(ranker_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ranker.onnx"
    path.write_bytes(ranker_bytes)
    code = f"""
import numpy as np
graphs = np.zeros((5, 7, 7), np.uint8), np.ones((5, 7), np.int64)
def core():
    return _core.Encoder({str(path)!r}, provider="cpu").encode(*graphs)
def plain():
    import onnxruntime
    session = onnxruntime.InferenceSession({str(path)!r}, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(("adjacency", "operations"), graphs)))
"""
    for order in ("core(), plain()", "plain(), core()"):
        run_python(code + f"one, other = {order}\nassert np.array_equal(one, other)")


def test_automatic_choice_says_why(ranker_bytes: bytes) -> None:
    encoder = _core.Encoder(ranker_bytes)
    if encoder.provider == "cuda":
        assert encoder.provider_reason == "CUDA works"
    else:
        assert encoder.provider_reason.startswith("CUDA is not usable: ")


def test_cuda_is_an_error_that_names_the_missing_library(ranker_bytes: bytes) -> None:
    if _core.Encoder(ranker_bytes).provider == "cuda":
        pytest.skip("a GPU works here")
    if "CUDAExecutionProvider" not in _core.available_providers():
        pytest.skip("ONNX Runtime was compiled without CUDA")
    with pytest.raises(ProviderError, match=r"CUDA is not usable: .*\.so\.\d+"):
        _core.Encoder(ranker_bytes, provider="cuda")
