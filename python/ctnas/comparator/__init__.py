"""The Neural Architecture Comparator: model, fitting, metrics, export and torch-free runtime."""
