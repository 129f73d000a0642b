"""Compare two architectures with nothing but NumPy and ONNX Runtime.

plain_onnxruntime.py COMPARATOR.onnx: compares two made-up graphs of the comparator's vocabulary.
"""

import json
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
properties = session.get_modelmeta().custom_metadata_map
vocabulary = json.loads(properties["ctnas.vocabulary"])
nodes = int(properties["ctnas.nodes"])


def chain(*names: str) -> tuple[np.ndarray, np.ndarray]:
    """Return adjacency [1, V, V] and operations [1, V] of operations one after another."""
    adjacency = np.zeros((1, nodes, nodes), dtype=np.uint8)
    operations = np.zeros((1, nodes), dtype=np.int64)  # 0 pads
    for node, name in enumerate(names):
        operations[0, node] = vocabulary.index(name)
        if node:
            adjacency[0, node - 1, node] = 1
    return adjacency, operations


operation = vocabulary[3]  # 0 pads, 1 is the input, 2 the output
a = chain("input", operation, operation, "output")
b = chain("input", operation, "output")
feed = {"adjacency_a": a[0], "operations_a": a[1], "adjacency_b": b[0], "operations_b": b[1]}
probability = session.run(["probability"], feed)[0][0]
print(f"two {operation} in a row are better than one with probability {probability:.3f}")
