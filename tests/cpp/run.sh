#!/bin/sh
# Builds and runs the C++ tests and the C++ example under sanitizers, and the tests of what other
# compilers build and ONNX Runtime computes by itself:
# run.sh ADDRESS_BUILD_DIR THREAD_BUILD_DIR PORTABLE_BUILD_DIR
# PYTHON names an interpreter that has ctnas with its extra `test`.
set -eu

source_dir=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}

check() { # BUILD_DIR SANITIZERS TESTS OPTION...
  build=$1 sanitizers=$2 tests=$3
  shift 3
  cmake -S "$source_dir" -B "$build" -G Ninja "$@" \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" \
    -DCTNAS_BUILD_PYTHON=OFF -DCTNAS_BUILD_TESTS=ON -DCTNAS_SANITIZE="$sanitizers" \
    -DPython_EXECUTABLE="$(command -v "$python")"
  cmake --build "$build"
  ctest --test-dir "$build" --output-on-failure --tests-regex "$tests"
}

check "$1" "address;undefined" .
check "$2" "thread" concurrency
check "$3" "" . -DCTNAS_ENGINE=OFF -DCTNAS_PORTABLE_VECTORS=ON

cmake --install "$1" --prefix "$1/installed" >/dev/null
config=$(find "$1/installed" -name ctnasConfig.cmake)
cd "$source_dir"
CTNAS_CMAKE_DIR=$(dirname "$config") \
  CXXFLAGS="-Wall -Wextra -Wconversion -Wshadow -Werror -fsanitize=address,undefined" \
  LSAN_OPTIONS="suppressions=$source_dir/tests/cpp/lsan.supp" \
  "$python" -m pytest -q -m "not slow" tests/core/test_cpp_example.py
