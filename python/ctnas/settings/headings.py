"""Headings under which the help of a search lists options, in their order."""

from cyclopts import Group

LABEL, SEARCH, WHERE, LEAVE, LATENCY, SUPERNET, TRAINING = (
    Group(name, sort_key=place)
    for place, name in enumerate(
        (
            *("What to label", "How to search", "Where to run", "What to leave"),
            *("How latencies are measured", "Supernet", "Training from scratch"),
        ),
        start=1,
    )
)
