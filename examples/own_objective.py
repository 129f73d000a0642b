"""Tune an objective of one's own: any function of an architecture, any Optuna study."""

import optuna

import ctnas

space = ctnas.get_space("nasbench201")
sampler = ctnas.CTNASSampler(space, startup_trials=20, seed=0)


def objective(trial: optuna.Trial) -> float:
    architecture = sampler.suggest(trial)  # such as "|nor_conv_3x3~0|+|none~0|skip_connect~1|+..."
    return architecture.count("nor_conv_3x3") - 0.4 * architecture.count("none")


study = optuna.create_study(direction="maximize", sampler=sampler)  # or storage="sqlite:///a.db"
study.optimize(objective, n_trials=40)
print(study.best_value, study.best_params)
