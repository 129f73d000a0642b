"""Names of the files of a written network."""

ONNX = "network.onnx"
PROGRAM = "network.pt2"
WEIGHTS = "network.safetensors"
DESCRIPTION = "network.json"
REFERENCE = "reference.npz"
CARD = "README.md"
