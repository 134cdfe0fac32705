"""A hook of a surgery, and whom it tells."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.hook_world import Owner

PATIENTS = {"Ann": 101, "Bob": 102, "Lee, Cy": 103}
TEXT = "Your appointment is at {{ data.time }}."


@pytest.fixture
def hook(owner: Owner) -> Any:
    return owner.hook(PATIENTS, TEXT)
