"""Sample calls, which simulations are made of."""

from __future__ import annotations

import json

from permabots.testing.contract.events import Events
from permabots.values import Kind

TEXTS = ("hello", "/start x", "two\nlines", "Größe 😀 \N{ZERO WIDTH JOINER}", "<b>&amp;", "x" * 300)
"""What people write. Blanks around a text may be lost, so there are none."""


class Samples(Events):
    """Samples."""

    def test_a_sample_is_read_as_what_it_was_made_of(self) -> None:
        for kind in (Kind.TEXT, Kind.BUTTON):
            for text in TEXTS:
                self._check_sample(text, kind)

    def _check_sample(self, text: str, kind: Kind) -> None:
        body = self.build().simulated_update(text, kind, self.chat_id, self.user_id)
        self.check_json(body, "a sample")
        events = self.parse(json.dumps(body).encode())
        self.check(len(events) == 1, f"a sample is {len(events)} events")
        self.check_event(events[0])
        found = (events[0].kind, events[0].text, events[0].chat_id)
        wanted = (Kind.TEXT if self.labels_come_back else kind, text, self.chat_id)
        self.check(found == wanted, f"a sample of {wanted} is {found}")
        if self.provider.has_users:
            self.check(events[0].user_id == self.user_id, f"a sample of {self.user_id} is of {events[0].user_id}")
