"""A worker on a database: worker.py URL SECONDS LABELS.

Begins when a line comes, says a line for every query it takes, which needs so many seconds, and
last how many labels it has written, once the ledger has so many.
"""

import os
import sys
from time import sleep

from ctnas.labels.label import Label
from ctnas.labels.queue import LabelQueue
from ctnas.labels.retry import Retry
from ctnas.workers import work

URL, SECONDS, LABELS = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])


def say(line: str) -> None:
    # In one piece, because the thread that beats may speak too.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measure(text: str) -> Label:
    say(text)
    sleep(SECONDS)
    return Label(text.count("3x3"), {"worker": os.getpid()})


retry = Retry(90, lambda line: say(f"# {line}"))
with LabelQueue.open(URL, retry=retry) as queue:
    say("ready")
    sys.stdin.readline()
    say(str(work(queue, measure, stopped=lambda: queue.counts().get("COMPLETE", 0) == LABELS)))
