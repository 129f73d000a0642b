"""The DARTS space and what belongs to it."""

from ctnas.spaces.descriptor import RetrainingDescriptor, SpaceDescriptor, SupernetDescriptor

DESCRIPTOR = SpaceDescriptor(
    name="darts",
    space="ctnas.spaces.darts.space:DartsSpace",
    supernet=SupernetDescriptor(
        network="ctnas.spaces.darts.supernet:DartsSupernet",
        layout="ctnas.spaces.darts.costs:DartsLayout",
        layout_decides_costs=True,
        paper_cost="The paper: 0.2 GPU days for the supernet, 0.1 for the search (appendix G).",
    ),
    retraining=RetrainingDescriptor(
        build="ctnas.spaces.darts.retraining:build_darts_network",
        cells=20,
        channels=44,
        stems=("cifar", "imagenet"),
    ),
    drawing="ctnas.spaces.darts.drawing:draw_cells",
    genotype="ctnas.spaces.darts.space:DartsSpace.genotype",
    default=True,
)
