"""What a test does to the stand-in Messenger, whether it runs in this process or in another."""

from __future__ import annotations

from abc import abstractmethod

from permabots.testing.messenger.state import DEFAULT_APP
from permabots.testing.steering_api import PeopleSteering
from permabots.values import Json


class MessengerSteering(PeopleSteering):
    """The side of Messenger that people and tests see.

    `MessengerServer` has these methods, and so has what `MessengerControl` makes, which calls them over HTTP. A
    ``token`` names a page; a page nobody registered exists from its first mention on. ``psid`` is a person as the page
    knows them: any text. ``bot`` is a page's id or a token.
    """

    # Apps and pages

    @abstractmethod
    def set_callback(self, url: str, verify_token: str, app_secret: str = "", *, app: str = DEFAULT_APP) -> None:
        """Set an app's callback URL, as in the App Dashboard: with a handshake, on which nothing is kept that fails.

        Args:
            url: where events of all the app's pages go.
            verify_token: what the handshake shows.
            app_secret: signs what is posted, "" for no signature.
            app: which app; there may be several.

        Raises:
            SteeringError: the URL did not answer 200 with the challenge.
        """

    @abstractmethod
    def register_page(
        self,
        token: str,
        *,
        page_id: str = "",
        name: str = "",
        app: str = "",
        app_secret: str = "",
        require_proof: bool = False,
    ) -> dict[str, Json]:
        """Make a page, or change it; an empty argument leaves its value as it is. Returns the page.

        Args:
            token: calls with it are this page's; a page may have several.
            page_id: "" for one made from the token.
            name: of the page.
            app: whose page it is; `set_callback` says where that app's events go.
            app_secret: what ``appsecret_proof`` is checked with; "" for the secret of the app.
            require_proof: refuse calls without ``appsecret_proof``, as an app can demand.
        """

    @abstractmethod
    def page(self, token: str) -> dict[str, Json]:
        """Return ``id``, ``name``, ``app`` and ``subscribed_fields`` (null where the page is not subscribed)."""

    # What people do

    @abstractmethod
    def deliver(self, token: str, body: Json) -> None:
        """Post this to the callback URL of the page's app, signed, whatever it is.

        Args:
            token: the page's; it need not be subscribed.
            body: an object, or a text that is posted as it stands.
        """

    @abstractmethod
    def happen(self, token: str, psid: str, what: dict[str, Json]) -> dict[str, Json]:
        """Make an event in a person's thread, and deliver it to a subscribed page.

        Args:
            token: the page's.
            psid: the person.
            what: the keys of the event besides sender, recipient and timestamp, as ``{"message": {"text": "hi"}}``;
                a message or postback without ``mid`` is given one. They may name a ``timestamp`` too.

        Returns:
            The event as the page gets it. It is returned before it is delivered.
        """

    @abstractmethod
    def press_button(self, token: str, psid: str, title: str) -> dict[str, Json]:
        """Press the button or quick reply that shows this title, in the newest message that has one.

        Quick replies are there only while nothing was written after them. Returns the event: a postback, or for a
        quick reply a message.
        """

    @abstractmethod
    def echo(self, token: str, psid: str, text: str) -> dict[str, Json]:
        """Have the page's staff write a message; a page that is subscribed to echoes gets it."""

    @abstractmethod
    def age(self, token: str, psid: str, hours: float = 25.0) -> None:
        """Let the person's last message be so many hours old; after 24 the page may not write any more."""

    def send_text(self, token: str, psid: str, text: str, *, mid: str = "") -> dict[str, Json]:
        """Write to the page; returns the event."""
        return self.happen(token, psid, {"message": {"mid": mid, "text": text} if mid else {"text": text}})

    def send_attachment(self, token: str, psid: str, kind: str, url: str) -> dict[str, Json]:
        """Send an ``image``, ``audio``, ``video`` or ``file``; returns the event."""
        return self.happen(token, psid, {"message": {"attachments": [{"type": kind, "payload": {"url": url}}]}})

    def get_started(self, token: str, psid: str, payload: str = "GET_STARTED", *, ref: str = "") -> dict[str, Json]:
        """Press Get Started, from an m.me link with ``ref`` where one is given; returns the event."""
        postback: dict[str, Json] = {"title": "Get Started", "payload": payload}
        if ref:
            postback["referral"] = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
        return self.happen(token, psid, {"postback": postback})

    def follow_link(self, token: str, psid: str, ref: str) -> dict[str, Json]:
        """Follow an m.me link into a thread that is there already; returns the event."""
        return self.happen(token, psid, {"referral": {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}})

    def read(self, token: str, psid: str) -> dict[str, Json]:
        """Read everything that the page has sent; returns the event."""
        return self.happen(token, psid, {"read": {"watermark": self._watermark(token, psid)}})

    def receive(self, token: str, psid: str) -> dict[str, Json]:
        """Have everything that the page has sent delivered to the person; returns the event."""
        page = str(self.page(token)["id"])
        mids: list[Json] = [str(record["message"]["mid"]) for record in self.messages(psid, bot=page)]
        return self.happen(token, psid, {"delivery": {"mids": mids, "watermark": self._watermark(token, psid)}})

    def _watermark(self, token: str, psid: str) -> int:
        sent = self.messages(psid, bot=str(self.page(token)["id"]))
        return int(sent[-1]["timestamp"]) if sent else 0
