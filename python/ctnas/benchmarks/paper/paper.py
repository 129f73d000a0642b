"""The numbers of the paper, and those published since: nothing here is measured by ctnas."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A published figure: mean and standard deviation over runs, and the best run."""

    mean: float | None = None
    deviation: float | None = None
    best: float | None = None


# Table 1, NAS-Bench-101, 423 queries, 10 runs: accuracy in %, rank of the best run in %.
TABLE_1 = {
    "Random": {"accuracy": Published(89.31, 3.92, 93.46), "rank": Published(best=1.29)},
    "DARTS": {"accuracy": Published(92.21, 0.61, 93.02), "rank": Published(best=13.47)},
    "ENAS": {"accuracy": Published(91.83, 0.42, 92.54), "rank": Published(best=22.88)},
    "FBNet": {"accuracy": Published(92.29, 1.25, 93.98), "rank": Published(best=0.05)},
    "SPOS": {
        "accuracy": Published(89.85, 3.80, 93.84),
        "rank": Published(best=0.07),
        "tau_100": Published(0.195),
    },
    "FairNAS": {
        "accuracy": Published(91.10, 1.84, 93.55),
        "rank": Published(best=0.77),
        "tau_100": Published(-0.232),
    },
    "ReNAS": {
        "accuracy": Published(93.90, 0.21, 94.11),
        "rank": Published(best=0.04),
        "tau_100": Published(0.634),
    },
    "RegressionNAS": {
        "accuracy": Published(89.51, 4.94, 93.65),
        "rank": Published(best=0.40),
        "tau_100": Published(0.430),
    },
    "CTNAS": {
        "accuracy": Published(93.92, 0.18, 94.22),
        "rank": Published(best=0.01),
        "tau_100": Published(0.751),
    },
}

# Table 3: milliseconds to rank 100 architectures.
TABLE_3 = {"CTNAS": 4.1, "ReNAS": 85.6, "ENAS": 2_700.0}

# Table 4: accuracy in % by how the baseline is updated.
TABLE_4 = {
    "curriculum": Published(93.92, 0.18),
    "fixed": Published(93.39, 0.17),
    "random": Published(93.53, 0.39),
}

# Table 5: accuracy in % by the share r of pseudo-labels.
TABLE_5 = {
    0.0: Published(93.60, 0.22),
    0.3: Published(93.62, 0.30),
    0.5: Published(93.92, 0.18),
    0.8: Published(93.60, 0.40),
}

# Figure 5: numbers of labels. The paper prints the accuracy of 423 alone (Table 1).
FIGURE_5 = (20, 50, 100, 423, 2_115, 4_230)

# Table A: Kendall's tau over 100 cells.
TABLE_A = {"ReNAS": 0.634, "SPOS": 0.195, "FairNAS": -0.232, "CTNAS": 0.751}

# NAS-Bench-201, CIFAR-10: best published Kendall's tau on the whole space by number of labels; not
# one method's (78 and 469: PINAT, 1,563: NN-Former).
NASBENCH201_TAU = {78: 0.549, 156: 0.836, 469: 0.706, 781: 0.840, 1_563: 0.890}

# NAS-Bench-201, CIFAR-10: best published test accuracy in % by number of queries; the optimum.
NASBENCH201_SEARCH = {192: 94.37}
