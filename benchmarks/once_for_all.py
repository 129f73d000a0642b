"""Order real ImageNet subnets of the once-for-all network: three models on the same labels.

The comparator (default preset) stands beside a multilayer perceptron on one-hot decisions that is
trained on comparisons, and beside the same perceptron trained to predict the label (L2). Each draw
learns from 1,000 labels; Kendall's tau is taken on the others.

    python benchmarks/once_for_all.py path/to/ofa_mobilenetv3_imagenet.csv --draws 10
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from scipy.stats import kendalltau
from torch import nn
from torch.nn import functional

import ctnas
from ctnas.comparator.spread import normal_scores

WIDTH, STEPS, BATCH = 256, 1500, 512
METHODS = ("MAdds", "L2 regression on one-hot", "MLP on one-hot comparisons", "default comparator")


def one_hot(labels: ctnas.LabelSet) -> torch.Tensor:
    """Return decisions as float32 [N, F]; those on layers that do not exist are all zero."""
    active, kernels, expansions = labels.space.layers(labels.architectures)
    depths = active.sum(axis=2) - 2
    parts = [depths[..., None] == np.arange(3)]
    parts += [
        (chosen[..., None] == np.arange(3)) & active[..., None] for chosen in (kernels, expansions)
    ]
    return torch.from_numpy(np.hstack([p.reshape(len(labels), -1) for p in parts])).float()


def fit_perceptron(inputs: torch.Tensor, target: torch.Tensor, seed: int, *, compare: bool):
    """Train on squared errors, or on the comparisons of all pairs in a batch."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(inputs.shape[1], WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(),
        nn.Linear(WIDTH, 1),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        rows = torch.randperm(len(inputs))[:BATCH]
        score, truth = model(inputs[rows]).squeeze(1), target[rows]
        if compare:
            won = (truth[:, None] > truth).float()
            others = truth[:, None] != truth
            logits = score[:, None] - score
            loss = functional.binary_cross_entropy_with_logits(logits[others], won[others])
        else:
            loss = functional.mse_loss(score, truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def measure(labels: ctnas.LabelSet, learned: int, seed: int) -> list[float]:
    """Return Kendall's tau of each method on labels that it has not seen."""
    train, held_out = labels.split(learned / len(labels), seed)
    inputs, unseen = one_hot(train), one_hot(held_out)
    target = torch.from_numpy(normal_scores(train.values)).float()
    taus = [kendalltau(labels.space.costs(held_out.architectures).madds, held_out.values)[0]]
    for compare in (False, True):
        model = fit_perceptron(inputs, target, seed, compare=compare)
        with torch.inference_mode():
            taus.append(kendalltau(model(unseen).squeeze(1).numpy(), held_out.values)[0])
    taus.append(ctnas.fit_comparator(labels.space, train, seed=seed).kendall_tau(held_out))
    return taus


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--labels", type=int, default=1000)
    options = parser.parse_args()
    space = ctnas.get_space("mobilenetv3")
    labels = ctnas.LabelSet.read(options.table, space, metric="imagenet_top1")
    results = []
    for seed in range(options.draws):
        start = perf_counter()
        results.append(measure(labels, options.labels, seed))
        shown = "  ".join(f"{tau:.4f}" for tau in results[-1])
        print(f"draw {seed}: {shown}  ({perf_counter() - start:.0f} s)", flush=True)
    table = np.array(results)
    print(f"\n| Kendall's tau on {len(labels) - options.labels} subnets | mean | deviation |")
    print("|---|---|---|")
    for name, taus in zip(METHODS, table.T, strict=True):
        print(f"| {name} | {taus.mean():.4f} | {taus.std():.4f} |")


if __name__ == "__main__":
    main()
