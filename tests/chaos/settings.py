"""The demo project for chaos runs: what `demo.settings` reads from the environment, and the planted bugs.

``CHAOS_FOLDER`` is the folder with the run's `tests.chaos.switches`.
"""

from demo.settings import *  # noqa: F403
from demo.settings import INSTALLED_APPS, PERMABOTS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.app.Chaos"]

PERMABOTS = {**PERMABOTS, "WEBCHAT_ANSWER_HERE": False}  # workers answer, and are killed

# Celery keeps the place of a killed child's task for so many seconds; at a kill a second, its 10 would fill the queue.
CELERY_WORKER_LOST_WAIT = 1
