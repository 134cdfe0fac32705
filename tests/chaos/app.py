"""What a chaos run loads into web servers and workers, beside permabots."""

from __future__ import annotations

import os
from pathlib import Path

from django.apps import AppConfig

from tests.chaos.switches import Switches


class Chaos(AppConfig):
    name = "tests.chaos"
    label = "chaos"

    def ready(self) -> None:
        """Plant the bugs where a run asks for them; which one is on, it says later."""
        if folder := os.environ.get("CHAOS_FOLDER"):
            from tests.chaos import bugs  # noqa: PLC0415 - the pipeline can be imported once apps are ready

            bugs.plant(Switches(Path(folder)), os.environ["CHAOS_STORE_URL"])
