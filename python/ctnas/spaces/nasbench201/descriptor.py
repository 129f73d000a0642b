"""The NAS-Bench-201 space and what belongs to it."""

from ctnas.spaces.descriptor import RetrainingDescriptor, SpaceDescriptor, SupernetDescriptor

DESCRIPTOR = SpaceDescriptor(
    name="nasbench201",
    space="ctnas.spaces.nasbench201.space:NasBench201Space",
    supernet=SupernetDescriptor(
        network="ctnas.spaces.nasbench201.network:NasBench201Supernet",
        layout="ctnas.supernet.layouts:StackedLayout",
    ),
    retraining=RetrainingDescriptor(cells=15, channels=16),
)
