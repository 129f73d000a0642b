"""The paper's tables, measured anew on the published benchmarks.

`paper.py` has the paper's numbers, each experiment is one file, and `runs.py` carries it out.
"""
