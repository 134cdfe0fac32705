"""``make demo``: everything between a person and an answer, on this machine, with nothing to install or set.

A web process and a worker process of the demo project (SQLite, a broker made of files), stand-ins for Telegram, Kik and
Messenger, a stand-in shop API, a bot that takes orders, conversations with it, and a hook that tells people everywhere.
``make demo SERVE=1`` leaves it running.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import django

from demo.scene import notify, play
from demo.shop import APP_SECRET, add_shop
from demo.site import ROOT, Site
from demo.talkers import OnKik, OnMessenger, OnTelegram, Talker
from permabots.testing import KikServer, MessengerServer, TelegramServer, UserApiServer

if TYPE_CHECKING:
    from demo.signpost import Signpost
    from permabots.models import Bot

PORT = "8000"
# The addresses of the API may be opened in a browser that is logged in to the admin, too.
AUTHENTICATION = (
    "rest_framework.authentication.TokenAuthentication",
    "rest_framework.authentication.SessionAuthentication",
)


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


def main() -> int:
    """Run the demo; returns the exit status."""
    port = int(os.environ.get("PORT", PORT)) if is_set(os.environ.get("SERVE", "")) else 0
    if port and not is_free(port):
        say(f"Something else listens on port {port}: make demo SERVE=1 PORT={port + 1}")
        return 1
    # A closed terminal or a supervisor ends what this process started too, as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        run(port)
    except KeyboardInterrupt:
        say("\nEnded.")
    return 0


def run(port: int) -> None:
    """Start everything, talk to the bot, and wait where that is wanted.

    Args:
        port: of the web server; 0 for any free one.
    """
    began = time.monotonic()
    folder = Path(os.environ.get("PERMABOTS_DEMO_STATE", ROOT / ".state" / "demo"))
    shutil.rmtree(folder, ignore_errors=True)
    with TelegramServer() as telegram, KikServer() as kik, MessengerServer() as messenger, UserApiServer() as api:
        outside = {"Telegram": telegram, "Kik": kik, "Messenger": messenger}
        environment = {f"PERMABOTS_{name.upper()}_API_URL": server.url for name, server in outside.items()}
        environment["PERMABOTS_REQUEST_ALLOWED_HOSTS"] = f"127.0.0.1:{api.port}"
        environment["PERMABOTS_API_AUTHENTICATION_CLASSES"] = ",".join(AUTHENTICATION)
        with Site(folder, environment, port) as site:
            password = prepare(site)
            orders = add_shop(api)
            site.start_web()
            site.start_worker()
            say(f"Ready after {time.monotonic() - began:.1f} s: web {site.url}, a worker, stand-ins.\n")
            talk = time.monotonic()
            talkers = [OnTelegram(telegram), OnKik(kik), OnMessenger(messenger)]
            bot = show(site, f"{api.url}/shop", messenger, talkers)
            say(f"\nOrders at the shop's API: {orders}")
            say(f"The conversations took {time.monotonic() - talk:.1f} s, everything {time.monotonic() - began:.1f} s.")
            if is_set(os.environ.get("SERVE", "")):
                from demo.signpost import Signpost  # noqa: PLC0415 - rows exist once Django is set up

                wait(Signpost(site, bot, password, {**outside, "The shop's API": api}, talkers))


def is_set(value: str) -> bool:
    """Whether a variable of the environment switches something on."""
    return value not in {"", "0"}


def is_free(port: int) -> bool:
    """Whether nothing listens on a port of this machine."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def show(site: Site, api: str, messenger: MessengerServer, talkers: Sequence[Talker]) -> Bot:
    """Make the bot, talk to it everywhere, and have its hook tell everybody."""
    from demo.rows import make_bot, make_hook, page_of  # noqa: PLC0415 - rows exist once Django is set up

    bot = make_bot(api)
    page = page_of(bot)
    # What is typed into the dashboard of a Facebook app: the callback URL, and the integration's id to verify it.
    messenger.set_callback(page.webhook_url, str(page.pk), APP_SECRET)
    for talker in talkers:
        play(talker, say)
    hook, token = make_hook(bot, talkers)
    notify(f"{site.url}/processing/hook/{hook.key}/", token, talkers, say)
    return bot


def prepare(site: Site) -> str:
    """Set Django up in this process, make the database and its first user; returns the user's password."""
    os.environ.update(site.variables())
    say(f"Files in {site.folder}")
    site.manage("migrate", "--verbosity", "0")
    django.setup()
    from demo.rows import make_admin  # noqa: PLC0415 - rows exist once Django is set up

    return make_admin()


def wait(signpost: Signpost) -> NoReturn:
    """Say where everything is, and leave it running until Ctrl-C.

    Raises:
        KeyboardInterrupt: at the end.
    """
    say("")
    for line in signpost.lines():
        say(line)
    if is_set(os.environ.get("OPEN", "")):
        webbrowser.open(signpost.entrance)
    say("\nCtrl-C ends it.")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
