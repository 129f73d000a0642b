"""The NAS-Bench-101 space and what belongs to it."""

from ctnas.spaces.descriptor import RetrainingDescriptor, SpaceDescriptor, SupernetDescriptor

DESCRIPTOR = SpaceDescriptor(
    name="nasbench101",
    space="ctnas.spaces.nasbench101.space:NasBench101Space",
    supernet=SupernetDescriptor(
        network="ctnas.spaces.nasbench101.network:NasBench101Supernet",
        layout="ctnas.supernet.layouts:StackedLayout",
        absent_operation="none",
    ),
    retraining=RetrainingDescriptor(cells=9, channels=128),
)
