#!/bin/sh
# Builds and runs the C++ tests and the C++ example under sanitizers:
# run.sh ADDRESS_BUILD_DIR THREAD_BUILD_DIR
# PYTHON names an interpreter that has ctnas with its extra `test`.
set -eu

source_dir=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}

check() { # BUILD_DIR SANITIZERS TESTS
  cmake -S "$source_dir" -B "$1" -G Ninja \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" \
    -DCTNAS_BUILD_PYTHON=OFF -DCTNAS_BUILD_TESTS=ON -DCTNAS_SANITIZE="$2" \
    -DPython_EXECUTABLE="$(command -v "$python")"
  cmake --build "$1"
  ctest --test-dir "$1" --output-on-failure --tests-regex "$3"
}

check "$1" "address;undefined" .
check "$2" "thread" concurrency

cmake --install "$1" --prefix "$1/installed" >/dev/null
config=$(find "$1/installed" -name ctnasConfig.cmake)
cd "$source_dir"
CTNAS_CMAKE_DIR=$(dirname "$config") \
  CXXFLAGS="-Wall -Wextra -Wconversion -Wshadow -Werror -fsanitize=address,undefined" \
  LSAN_OPTIONS="suppressions=$source_dir/tests/cpp/lsan.supp" \
  "$python" -m pytest -q -m "not slow" tests/core/test_cpp_example.py
