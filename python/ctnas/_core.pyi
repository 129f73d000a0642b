"""The C++ core: scores, comparisons and averages over whole batches, without the GIL.

Arrays are checked and never converted: dtype, rank and C order must be as stated. An array of
architectures that is refused raises `ctnas.errors.ArchitectureError`; any other argument raises
`TypeError`, `ValueError` or `IndexError`.
"""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

_Active: TypeAlias = Sequence[tuple[int, Sequence[tuple[int, Sequence[bool]]]]]
_Real: TypeAlias = NDArray[np.float32] | NDArray[np.float64]

__version__: str

has_engine: bool
"""Whether the core was built with loops of its own beside ONNX Runtime (`CTNAS_ENGINE`)."""

def load_runtime(path: str | None = None) -> str:
    """Load ONNX Runtime, unless that has been done, and return its version.

    The library is the first of: `path`, the environment variable `CTNAS_ONNXRUNTIME`, the installed
    package `onnxruntime` (which is not imported), whatever the system loader finds.

    Raises:
        ProviderError: no library can be loaded, or it is too old, or another one is loaded already.
    """

def installed_runtime() -> str | None:
    """The library of the installed package `onnxruntime`, or None; it is not loaded."""

def available_providers() -> list[str]:
    """Providers that ONNX Runtime was compiled with; one may still not work here."""

def without_dead_nodes(
    adjacency: NDArray[np.uint8], operations: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Graphs [N, V, V], [N, V] without nodes on no path from an input to an output.

    Raises:
        ArchitectureError: An array has another form.
    """

@final
class Encoder:
    """Turns architectures into logits with an exported `ranker.onnx`.

    P(i better than j) = sigmoid(challenger_logit_i + opponent_logit_j), Eq. 6. Threads may share an
    encoder. On the CPU the result is the same for any `threads` and `chunk`, bit for bit.
    """

    def __init__(
        self,
        model: bytes | str | PathLike[str],
        *,
        provider: str = "auto",
        threads: int = 0,
        chunk: int = 0,
    ) -> None:
        """Open a model, given as bytes or as the path of a file.

        Args:
            model: The model.
            provider: `cpu`, `cuda`, or `auto`: CUDA if it really works here, else the CPU.
            threads: Threads of a call, at most 256; 0: one for each core on the CPU, one on CUDA.
            chunk: Rows of one run; 0: as many as are fastest.

        Raises:
            InputFileError: The file cannot be read.
            ModelError: The model is corrupt, foreign or made by a newer ctnas.
            ProviderError: CUDA was asked for and is not usable, or ONNX Runtime cannot be loaded.
        """

    @property
    def nodes(self) -> int:
        """V, the number of nodes of every graph."""

    @property
    def vocabulary_size(self) -> int:
        """Operation ids are from 0 up to and without this."""

    @property
    def metadata(self) -> dict[str, str]:
        """Metadata of the model in use."""

    @property
    def provider(self) -> str:
        """`cpu` or `cuda`."""

    @property
    def provider_reason(self) -> str:
        """Why that provider, for people."""

    @property
    def engine(self) -> str:
        """What computes the logits: `avx512`, `avx2`, `baseline` or `onnxruntime`.

        The first three are the library's own loops for the encoders that ctnas exports.
        """

    @property
    def threads(self) -> int:
        """Threads of a call."""

    def encode(
        self,
        adjacency: NDArray[np.uint8],
        operations: NDArray[np.int64],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Encode N architectures; nothing runs before all of them have been checked.

        Args:
            adjacency: uint8 [N, V, V], 0 or 1, strictly upper triangular.
            operations: int64 [N, V], ids in the vocabulary.

        Returns:
            challenger_logit and opponent_logit, [N] each.

        Raises:
            ArchitectureError: An array has another form, or names the first wrong entry.
            ModelError: A logit is not finite; names its row.
            ProviderError: CUDA fails, for instance for want of memory.
        """

    def refresh(self, model: bytes) -> None:
        """Go over to a model with other weights; calls under way finish on the old one.

        Raises:
            ModelError: The model differs in more than weights. The old one stays in use.
        """

def require_same_weights(directory: str | bytes | PathLike[str]) -> None:
    """Refuse a directory whose comparator.onnx and ranker.onnx have different weights hashes.

    Only the metadata are looked at; a directory with one of the two passes.

    Raises:
        InputFileError: A file cannot be read.
        ModelError: They differ; names both files and hashes.
    """

@final
class PairSession:
    """Compares pairs with an exported `comparator.onnx`, one run a pair: to check `Encoder`."""

    def __init__(
        self,
        model: bytes | str | PathLike[str],
        *,
        provider: str = "auto",
    ) -> None:
        """Open a model; arguments and errors are those of `Encoder`."""

    @property
    def nodes(self) -> int:
        """V, the number of nodes of every graph."""

    @property
    def vocabulary_size(self) -> int:
        """Operation ids are from 0 up to and without this."""

    @property
    def metadata(self) -> dict[str, str]:
        """Metadata of the model."""

    @property
    def provider(self) -> str:
        """`cpu` or `cuda`."""

    @property
    def provider_reason(self) -> str:
        """Why that provider, for people."""

    def compare(
        self,
        adjacency_a: NDArray[np.uint8],
        operations_a: NDArray[np.int64],
        adjacency_b: NDArray[np.uint8],
        operations_b: NDArray[np.int64],
    ) -> NDArray[np.float32]:
        """P(a_n better than b_n), [N], Eq. 3.

        Raises:
            ArchitectureError: An array has another form, or names the first wrong entry.
            ModelError: A probability is not finite; names its row.
        """

def compare(challenger: _Real, opponent: _Real) -> NDArray[np.float64]:
    """P(challenger n better than opponent n), [N]: sigmoid(challenger_n + opponent_n), Eq. 6."""

def pair_probability(
    challenger: _Real,
    opponent: _Real,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> NDArray[np.float64]:
    """P(first better than second) of each pair, [P]; pairs are given by places in the logits.

    Raises:
        IndexError: A place is not in [0, N); names the first such pair.
    """

def explore_pairs(
    challenger: _Real,
    opponent: _Real,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The k most confident pairs (Alg. 3): their places in the pairs and P(first better), [k].

    Raises:
        ValueError: k is more than the number of pairs, or a probability is NaN.
        IndexError: A place is not in [0, N); names the first such pair.
    """

def top_k_confident(probability: _Real, k: int) -> NDArray[np.int64]:
    """Indices of the k largest abs(p - 0.5) (Eq. 9), largest first, ties by index.

    Raises:
        ValueError: k is more than the number of probabilities, or one is not in [0, 1].
    """

def best_first(score: _Real, top: int) -> NDArray[np.int64]:
    """Indices of the `top` highest scores, highest first, ties by index.

    Raises:
        ValueError: `top` is more than the number of scores, or one is NaN.
    """

def mean_win_probability(
    challenger: _Real, opponent: _Real, threads: int = 0
) -> NDArray[np.float64]:
    """Mean probability to win against all others (Eq. 5), [N], in time linear in N.

    The absolute error is below 1e-12; the result does not depend on `threads` (0: one a core).

    Raises:
        ValueError: There are less than two architectures, or a logit is not finite.
    """

def mean_win_probability_direct(
    challenger: _Real, opponent: _Real, threads: int = 0
) -> NDArray[np.float64]:
    """`mean_win_probability` by its definition, in N^2 steps: to check the fast one."""

def mean_win_probability_against(
    challenger: _Real, opponents: _Real, threads: int = 0
) -> NDArray[np.float64]:
    """Mean probability to win against M given opponents, [N]; `opponents` is [M].

    Raises:
        ValueError: There are no opponents, or a logit is not finite.
    """

def nasbench101_decode(
    decisions: NDArray[np.int16],
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Cells that rows int16 [N, 15] stand for: adjacency [N, 7, 7] and operations [N, 7].

    Raises:
        ArchitectureError: A choice does not exist; names its row.
    """

def nasbench101_encode(
    adjacency: NDArray[np.uint8], operations: NDArray[np.int64]
) -> NDArray[np.int16]:
    """The rows int16 [N, 15] that are chosen to stand for cells without dead vertices.

    Raises:
        ArchitectureError: A graph is no such cell; names its row and the rule that it breaks.
    """

def nasbench101_hash(
    adjacency: NDArray[np.uint8], operations: NDArray[np.int64], threads: int = 0
) -> NDArray[np.uint8]:
    """The published MD5 hashes of cells without dead vertices, [N, 16]; errors as above."""

def nasbench101_enumerate(threads: int = 0) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """All 423,624 cells in ascending order of hash: rows [N, 15] and hashes [N, 16]."""

def nasbench101_costs(
    adjacency: NDArray[np.uint8], operations: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Multiply-adds and parameters of the networks built of cells, [N] each; errors as above."""

@final
class LearningShape:
    """Shape of a network that learns.

    Kind "bidirectional" convolves along and against the edges, "flow" follows the data. `shares`
    float32 [O, R] is what each operation has of each row of learned features.
    """

    def __init__(
        self,
        kind: str,
        shares: NDArray[np.float32],
        *,
        width: int,
        layers: int = 1,
        dropout: float = 0.0,
    ) -> None: ...
    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Rows and columns of the learned arrays.

        Both kinds: features [R, d] of the operations. Bidirectional: for each layer weight
        [d, 3 d] (of a node itself, as a successor, as a predecessor), bias, gain and shift; hidden
        weight [2 d, d] and bias; score weight [1, d]. Flow: source; gate weight [d, d] and bias;
        weight [d, d] and bias; gain and shift; hidden weight [2 d, d] and bias; score weight [1, d]
        and bias [1, 1].
        """

@final
class LearningGraphs:
    """Graphs of N architectures as lists of edges."""

    def __init__(
        self,
        adjacency: NDArray[np.uint8],
        operations: NDArray[np.int64],
        operation_count: int,
        views: int = 1,
    ) -> None:
        """Take graphs [N W, V, V] and [N W, V], the W views of an architecture after one another.

        Raises:
            ArchitectureError: Edges lead back, or an operation is not below `operation_count`.
        """
    def __len__(self) -> int: ...

@final
class LearningSchedule:
    """AdamW whose learning rate rises shortly and then falls to zero."""

    def __init__(
        self,
        steps: int,
        scheduled_steps: int,
        learning_rate: float,
        weight_decay: float,
        gradient_limit: float,
    ) -> None: ...

_Parameters: TypeAlias = Sequence[NDArray[np.float32]]

_Scores: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32]]

def learn_comparisons(
    members: Sequence[tuple[LearningShape, _Parameters, int, NDArray[np.int64]]],
    graphs: LearningGraphs,
    levels: NDArray[np.float64],
    is_exact: bool,
    compared: int,
    whole: LearningSchedule,
    beginning: LearningSchedule,
    completing: LearningSchedule,
    judged: LearningGraphs,
    *,
    threads: int = 0,
    advance: Callable[[int], None] | None = None,
) -> list[tuple[list[NDArray[np.float32]], _Scores, _Scores]]:
    """Train networks on comparisons of labels; return parameters and scores of each.

    A member is a shape, its first parameters, a seed and the rows that it learns from, by the
    schedule `whole`. If those are not all, it learns from them by `beginning`, and then from all
    labels by `completing`. Up to `compared` of them meet in a step. The target of a comparison is
    Phi(sqrt(2) difference) of `levels`, or 0, 1/2 or 1 by their order where `is_exact`. The result
    is the same for any number of threads, bit for bit. `advance` is called now and then with the
    number of steps since.

    Returns:
        Of each member its parameters, its scores of what is judged and of the labeled, and the same
        when it knew its own rows only; the latter are empty if those are all.
    """

def learn_scores(
    shape: LearningShape,
    parameters: _Parameters,
    seed: int,
    graphs: LearningGraphs,
    targets: NDArray[np.float32],
    scale: float,
    batch: int,
    schedule: LearningSchedule,
    *,
    threads: int = 0,
    advance: Callable[[int], None] | None = None,
) -> list[NDArray[np.float32]]:
    """Train a network on squared errors over `scale` and return its parameters.

    The result is the same for any number of threads, bit for bit.
    """

def score_gradient(
    shape: LearningShape,
    parameters: _Parameters,
    graphs: LearningGraphs,
    weights: NDArray[np.float32],
    *,
    seed: int = 0,
    drops: bool = False,
) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    """Return scores [N] and the gradients of their weighted sum; `drops` as in training."""

def graph_features(
    adjacency: NDArray[np.uint8],
    operations: NDArray[np.int64],
    operation_count: int,
    threads: int = 1,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is read off graphs [N, V, V], [N, V] without training.

    For the T types with the ids 1 to `operation_count - 1`, and the K operations among them, from 3
    on: structure [N, 5 + 5 T + T^2 + 2 K], edges; nodes on the longest and on the shortest path
    from an input to the output, edges of a path in the mean, logarithm of the number of paths; of
    each type its nodes, edges in, edges out, edges from an input and edges to the output; edges
    from each type to each other; nodes of each operation on the path that has most and on the one
    that has fewest; averages [N, 3 K], nodes of an operation in the mean over all paths, share of
    the paths without it, and how often a walk against the edges meets it.

    Raises:
        ArchitectureError: An array has another form, or an edge leads back.
    """

@final
class Space:
    """A search space as tables, run on whole batches; see `ctnas.spaces.tables`.

    Results do not depend on `threads` (0: one for every core).
    """

    def __init__(
        self,
        choices: list[int],
        tables: list[tuple[list[int], list[int]]],
        nodes: list[tuple[int, int]],
        edges: list[tuple[int, int, list[int]]],
        active: _Active,
        nasbench101_cells: bool = False,
        forbidden: Sequence[Sequence[tuple[int, Sequence[bool]]]] = (),
        most_edges: int = -1,
    ) -> None:
        """Compile a space; no row may meet all conditions of a forbidden combination.

        Raises:
            ValueError: A table, node, edge or condition cannot be; names it.
        """

    @property
    def decisions(self) -> int:
        """T."""

    @property
    def nodes(self) -> int:
        """V."""

    def activity(self, decisions: NDArray[np.int16], threads: int = 0) -> NDArray[np.uint8]:
        """Which decisions matter, [N, T]."""

    def canonical(self, decisions: NDArray[np.int16], threads: int = 0) -> NDArray[np.int16]:
        """Rows of which equal ones have the same text, [N, T]."""

    def graphs(
        self, decisions: NDArray[np.int16], threads: int = 0
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Graphs [N, V, V], [N, V] without dead nodes."""

    def allowed(self, decisions: NDArray[np.int16], threads: int = 0) -> NDArray[np.bool_]:
        """Which rows keep the constraints, [N]."""

    def hashes(self, decisions: NDArray[np.int16], threads: int = 0) -> NDArray[np.uint64]:
        """64 bits of each graph, equal for equal ones, [N]."""

    def mutants(self, parents: NDArray[np.int16], seed: int, threads: int = 0) -> NDArray[np.int16]:
        """Canonical rows in which one decision that matters was changed, [N, T]."""

    def crossovers(
        self, first: NDArray[np.int16], second: NDArray[np.int16], seed: int, threads: int = 0
    ) -> NDArray[np.int16]:
        """Canonical rows that take each decision from one of two parents, [N, T]."""

    def sample(self, count: int, seed: int, threads: int = 0) -> NDArray[np.int16]:
        """Canonical rows in which every decision is uniform, [N, T]; they may repeat."""

@final
class CandidatePool:
    """The best architectures of all that it has seen, each of which it sees once.

    Candidates are drawn or descend from those that are kept, better ones more often; they become
    canonical, are left out if their graph was seen, are encoded and kept if they are among the
    best. The score is the challenger logit: against any opponents, the win probability (Eq. 5)
    grows with it. Equal seeds give equal pools, whatever the number of threads. One thread at a
    time may use a pool.

    A mask takes canonical rows int16 [N, T] and returns bool [N]: which are allowed. It is called
    once for about 4,000 candidates.
    """

    def __init__(
        self,
        space: Space,
        encoder: Encoder,
        *,
        keep: int = 1000,
        seed: int = 0,
        immigrants: float = 0.1,
        crossovers: float = 0.2,
        threads: int = 0,
    ) -> None:
        """Begin with nothing.

        Args:
            space: where candidates come from.
            encoder: scores them; it may be refreshed between calls, see `rescore`.
            keep: how many stay.
            seed: of all draws.
            immigrants: share of candidates that are drawn anew.
            crossovers: share that has two parents; the rest are mutants of one.
            threads: that make candidates; 0: one for every core.

        Raises:
            ValueError: Space and encoder do not fit, or an option is out of range.
        """

    def __len__(self) -> int: ...
    @property
    def seen(self) -> int:
        """How many graphs were seen or excluded."""

    @property
    def decisions(self) -> NDArray[np.int16]:
        """What is kept, [K, T], best first."""

    @property
    def scores(self) -> NDArray[np.float32]:
        """The challenger logits of what is kept, [K], falling."""

    def exclude(self, decisions: NDArray[np.int16]) -> None:
        """Never keep architectures with the graphs of these rows."""

    def add(
        self,
        decisions: NDArray[np.int16],
        mask: Callable[[NDArray[np.int16]], NDArray[np.bool_]] | None = None,
    ) -> int:
        """See rows; return how many of their graphs were new."""

    def grow(
        self,
        count: int,
        mask: Callable[[NDArray[np.int16]], NDArray[np.bool_]] | None = None,
    ) -> int:
        """Make and see candidates; return how many of their graphs were new and allowed."""

    def climb(
        self,
        top: int,
        mask: Callable[[NDArray[np.int16]], NDArray[np.bool_]] | None = None,
    ) -> int:
        """See all that differ in one decision from one of the best, until none of these improves.

        Returns:
            How many of their graphs were new and allowed.
        """

    def rescore(self) -> None:
        """Score what is kept with the encoder's present weights."""

@final
class SpaceText:
    """Rows of decisions as texts, and back; see `ctnas.spaces.text_form`.

    Args:
        decisions: T names, each with the texts of its choices and their numbers, if they are any.
        active: as of `Space`.
        pattern: a text with fields, or "": `decision=choice,decision=choice`.
        nasbench101_cells: texts are matrices and operations.

    Raises:
        ValueError: naming what is wrong with the pattern.
    """

    def __init__(
        self,
        decisions: Sequence[tuple[str, Sequence[str], Sequence[float]]],
        active: _Active,
        pattern: str = "",
        nasbench101_cells: bool = False,
    ) -> None: ...
    def parse(
        self, texts: list[str], threads: int = 0
    ) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
        """Rows int16 [N, T], and the places of texts that cannot be read."""

    def parse_bytes(
        self, utf8: NDArray[np.uint8], offsets: NDArray[np.int64], threads: int = 0
    ) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
        """The same of N texts in UTF-8 and the N + 1 places where they begin and end."""

    def parse_one(self, text: str) -> NDArray[np.int16]:
        """The row int16 [T] of one text.

        Raises:
            ArchitectureError: saying what is wrong with it.
        """

    def format(self, decisions: NDArray[np.int16], threads: int = 0) -> list[str]:
        """One text a row."""
