"""Two seeds of a configured search, each judged on test images that it has not seen.

    python benchmarks/searched.py CONFIG path/to/data OUT [SEEDS]

CONFIG is a file of `configs`. A finished run is not repeated, an interrupted one goes on.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(config: str, data: str, out: str, seeds: str = "2") -> None:
    """Search and judge, one seed after the other."""
    runs = [str(Path(out) / f"seed{seed}") for seed in range(int(seeds))]
    for seed, run in enumerate(runs):
        if Path(run, "summary.json").exists():
            continue
        options = ["--data", data, "--seed", str(seed), "--out", run]
        again = ["--resume", run]
        begun = Path(run, "config.toml").exists()
        new = [str(HERE.parent / "configs" / config), *options]
        subprocess.run(
            ["ctnas-search", "--quiet", *(again if begun else new)],
            check=True,
            stdout=sys.stderr,
        )
    judge = [sys.executable, str(HERE / "judge_run.py"), *runs, "--data", data]
    subprocess.run(judge, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
