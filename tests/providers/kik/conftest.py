"""Which of these tests this Python can run."""

from __future__ import annotations

import sys

# Kik's own library wants a six that Celery cannot live with on Python 3.12 and later, so it is installed on 3.11 only
# (requirements/oracle.txt).
collect_ignore = [] if sys.version_info < (3, 12) else ["test_oracle.py"]
