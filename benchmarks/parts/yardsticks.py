"""``yardsticks``: what Django and Celery take by themselves, with `benchmarks.yardstick` in place of permabots.

``webhook``, ``turn`` and ``endtoend`` measure it in turn with permabots where it is asked for beside them. Otherwise it
is measured here.
"""

from __future__ import annotations

from benchmarks.options import Options
from benchmarks.parts import endtoend, turn, webhook
from benchmarks.results import Results
from benchmarks.stand import Servers

BESIDE = {"webhook": webhook.measure, "turn": turn.measure, "endtoend": endtoend.measure}


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Measure the view without a worker, the task without one, and the whole."""
    if not BESIDE.keys() & set(options.parts):
        for part in BESIDE.values():
            part(servers, options, results)
