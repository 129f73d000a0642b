#!/bin/sh
# Builds the fuzzers and runs each for a fixed number of inputs from a fixed seed:
# run.sh BUILD_DIR
# PYTHON names an interpreter that has ctnas and onnx; RUNS multiplies the inputs.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
runs=${RUNS:-1}

CXX=${CXX:-clang++} cmake -S "$here/../.." -B "$1" -G Ninja \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DCTNAS_BUILD_PYTHON=OFF \
  -DCTNAS_BUILD_FUZZERS=ON -DCTNAS_SANITIZE="address;undefined;fuzzer-no-link"
cmake --build "$1"

fuzz() { # NAME RUNS MAX_LENGTH CORPUS CHANGES_TO_AN_INPUT
  rm -rf "$1.found"
  mkdir "$1.found"
  echo "fuzz_$1: $(($2 * runs)) inputs"
  "tests/fuzz/fuzz_$1" -seed=1 -runs="$(($2 * runs))" -max_len="$3" -verbosity=0 \
    -mutate_depth="$5" -rss_limit_mb=4096 "$1.found" "$4" >"$1.log" 2>&1 ||
    { cat "$1.log" && return 1; }
}

# What is found is written here, beside the inputs that failed.
cd "$1"
fuzz architecture_text 300000 256 "$here/corpus/architecture_text" 5
fuzz json_names 200000 256 "$here/corpus/json_names" 5
fuzz elf_check 8000 512 "$here/corpus/elf_check" 5
fuzz nasbench101 80000 64 "$here/corpus/nasbench101" 5
fuzz network 20000 2048 "$here/corpus/network" 5

"$python" "$here/../core/models.py" models
CTNAS_ONNXRUNTIME=${CTNAS_ONNXRUNTIME:-$("$python" -m ctnas --onnxruntime)}
export CTNAS_ONNXRUNTIME
LSAN_OPTIONS="suppressions=$here/../cpp/lsan.supp:print_suppressions=0"
export LSAN_OPTIONS
# After more than one change, little is left that ONNX Runtime would still parse.
fuzz model 8000 8192 models 1
