"""A broker made of files that shows a message only when it is whole.

Celery's own opens the file under its final name and then writes it: a worker that looks in between reads an empty
message, and ends. Here it is written under another name and renamed, which is one step.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """A channel whose messages appear whole."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        folder = Path(self.data_folder_out)
        name = f"{round(time.monotonic() * 1000)}_{uuid4()}"
        written = folder / f"{name}.part"
        written.write_text(dumps(payload))
        written.rename(folder / f"{name}.{queue}.msg")


class Transport(filesystem.Transport):
    """Celery's transport, with these channels."""

    Channel = Channel


def use() -> None:
    """Have ``filesystem://`` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = "demo.files:Transport"
