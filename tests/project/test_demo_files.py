"""The demo's broker made of files."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty

from kombu import Connection

from demo import files

MESSAGES = 300


def test_a_reader_never_sees_half_a_message(tmp_path: Path) -> None:
    """Celery's own transport now and then gave an empty one here, which ended the worker."""
    folder = str(tmp_path / "queue")
    Path(folder).mkdir()
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": str(tmp_path / "control")}
    with Connection(transport=files.Transport, transport_options=options) as connection:
        channel = connection.default_channel

        def write() -> None:
            for number in range(MESSAGES):
                channel._put("celery", {"number": number, "text": "x" * 5000})

        writer = threading.Thread(target=write)
        writer.start()
        seen: list[int] = []
        while writer.is_alive() or len(seen) < MESSAGES:
            try:
                seen.append(channel._get("celery")["number"])
            except Empty:
                continue
        writer.join()
    assert sorted(seen) == list(range(MESSAGES))
