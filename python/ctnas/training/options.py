"""Options that every training has, with their meaning. Importing this never imports PyTorch."""

from typing import Annotated, TypeAlias

from ctnas.settings.option import Option

ImageSize: TypeAlias = Annotated[
    int | None,
    Option(
        "height and width that images are fitted to, pixels; their own, between 8 and 64, if not "
        "given.",
        least=8,
        decides="weights",
    ),
]
Epochs: TypeAlias = Annotated[
    int, Option("passes over the training images.", least=1, decides="weights")
]
Momentum: TypeAlias = Annotated[
    float, Option("of stochastic gradient descent.", least=0, below=1, decides="weights")
]
WeightDecay: TypeAlias = Annotated[
    float, Option("of stochastic gradient descent.", least=0, decides="weights")
]
GradientClip: TypeAlias = Annotated[
    float, Option("largest norm of a step's gradient.", above=0, decides="weights")
]
