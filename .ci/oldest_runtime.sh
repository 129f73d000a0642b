#!/bin/sh
# Make a virtual environment with the oldest ONNX Runtime that pip serves for this Python and
# nothing of ctnas; print its interpreter, which the tests take from CTNAS_OLDEST_ONNXRUNTIME.
#
#     CTNAS_OLDEST_ONNXRUNTIME=$(sh .ci/oldest_runtime.sh FOLDER) pytest -m oldest_runtime
set -eu
version=$(python3 -m pip index versions onnxruntime |
  sed -n 's/^Available versions: //p' | tr -d ' ' | tr ',' '\n' | sort -V | head -n 1)
python3 -m venv "$1"
# Wheels of that age were built for NumPy 1.
"$1/bin/python" -m pip install --quiet "onnxruntime==$version" 'numpy<2' >&2
echo "$1/bin/python"
