"""The MobileNetV3-like space and what belongs to it."""

from ctnas.spaces.descriptor import SpaceDescriptor, SupernetDescriptor

DESCRIPTOR = SpaceDescriptor(
    name="mobilenetv3",
    space="ctnas.spaces.mobilenetv3.space:MobileNetV3Space",
    supernet=SupernetDescriptor(
        network="ctnas.spaces.mobilenetv3.network:MobileNetV3Supernet",
        layout="ctnas.spaces.mobilenetv3.costs:layout_of_sizes",
        layout_decides_costs=True,
        training="ctnas.spaces.mobilenetv3.shrinking:ProgressiveShrinking",
        settings="ctnas.spaces.mobilenetv3.config:MobileNetV3Config",
        paper_cost=(
            "The paper: 50 GPU days for the supernet, 0.1 for the labels (section 5.2, B)."
        ),
    ),
)
