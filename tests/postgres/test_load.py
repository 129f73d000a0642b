"""The benchmark of the ledger under load, at a size for tests."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from postgres_server import PostgresServer

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "ledger_load.py"


def test_workers_collect_a_table_whole(
    server: PostgresServer, published_data: Callable[[str], Path]
) -> None:
    published_data("nasbench201_cifar10.csv")
    command = [sys.executable, str(BENCHMARK), "--labels", "300", "--workers", "3"]
    done = subprocess.run(
        [*command, "--storage", server.new_database()], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("  300 labels, 0 lost, 0 wrong, 0 twice\n") == 2
