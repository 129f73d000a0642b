"""Several processes that ask one sampler each, on one PostgreSQL study."""

import subprocess
import sys

import optuna
import pytest
from postgres_server import PostgresServer

from ctnas.labels.storage import close_storage, open_storage

OPTIMIZE = """
import sys
import optuna
import torch
from ctnas import CTNASSampler, get_space

torch.set_num_threads(1)
optuna.logging.set_verbosity(optuna.logging.WARNING)
sampler = CTNASSampler(get_space("nasbench201"), startup_trials=12, seed=0)
study = optuna.load_study(study_name="own", storage=sys.argv[1], sampler=sampler)
print("ready", flush=True)
sys.stdin.readline()
study.optimize(lambda trial: sampler.suggest(trial).count("3x3"), n_trials=8)
"""


@pytest.mark.slow
def test_processes_that_share_a_study_propose_different_architectures(
    server: PostgresServer,
) -> None:
    url = server.new_database()
    with open_storage(url) as storage:
        study = optuna.create_study(study_name="own", storage=storage, direction="maximize")
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", OPTIMIZE, url]
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("\n", timeout=300)
    assert [process.returncode for process in processes] == [0, 0, 0]
    trials = study.get_trials(deepcopy=False)
    close_storage(storage)
    assert [trial.number for trial in trials] == list(range(24))
    assert {trial.state.name for trial in trials} == {"COMPLETE"}
    # Processes may draw the same at the same moment, when they cannot see each other's draw.
    assert len({tuple(trial.params.items()) for trial in trials}) >= 22
    first, last = ([trial.value for trial in part] for part in (trials[:12], trials[12:]))
    assert sum(last) > sum(first)
