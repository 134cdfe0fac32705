"""``make demo``: everything between a person and an answer, on this machine, with nothing to install or set.

A web process and a worker process of the demo project (SQLite, a broker made of files), stand-ins for Telegram, Kik and
Messenger, a stand-in shop API, a bot that takes orders on them and on a page of its own, conversations with it, and a
hook that tells people everywhere.
``make demo SERVE=1`` leaves it running; started again, it goes on with what is there. ``FRESH=1`` begins anew.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import django
from django.core.management import call_command

from demo.kept import Kept, port_of, tables_version
from demo.scene import notify, play
from demo.shop import APP_SECRET, CHAT, add_shop
from demo.site import ROOT, Site, is_free
from demo.talkers import OnKik, OnMessenger, OnTelegram, OnWeb, Talker
from permabots.testing import KikServer, MessengerServer, StandInServer, TelegramServer, UserApiServer

if TYPE_CHECKING:
    from demo.signpost import Signpost
    from permabots.models import Bot

PORT = "8000"
API = "The shop's API"
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
    served = is_set(os.environ.get("SERVE", ""))
    port = int(os.environ.get("PORT", PORT)) if served else 0
    if port and not is_free(port):
        say(f"Something else listens on port {port}: make demo SERVE=1 PORT={port + 1}")
        return 1
    folder = folder_of(served)
    kept = found(folder) if served else None
    if kept is not None and not kept.is_usable:
        say(f"{folder} is of another version of permabots. FRESH=1 deletes it and begins anew.")
        return 1
    # A closed terminal or a supervisor ends what this process started too, as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        run(folder, port, kept, served=served)
    except KeyboardInterrupt:
        say("\nEnded.")
    return 0


def folder_of(served: bool) -> Path:
    """Return where the files are. A demo that ends by itself has a folder of its own, and leaves the other's alone."""
    folder = Path(os.environ.get("PERMABOTS_DEMO_STATE", ROOT / ".state" / "demo")).absolute()
    return folder if served else folder.with_name(f"{folder.name}-once")


def found(folder: Path) -> Kept | None:
    """Return what is there of the last time, None where there is nothing or it is not wanted any more."""
    return None if is_set(os.environ.get("FRESH", "")) else Kept.read(folder)


def run(folder: Path, port: int, kept: Kept | None, *, served: bool) -> None:
    """Start everything, talk to the bot, and wait where that is wanted.

    Args:
        folder: of its files.
        port: of the web server; 0 for any free one.
        kept: what is there of the last time; None to begin with an empty folder.
        served: whether it goes on until Ctrl-C.
    """
    began = time.monotonic()
    if kept is None:
        shutil.rmtree(folder, ignore_errors=True)
    with (
        TelegramServer(port_of(kept, "Telegram")) as telegram,
        KikServer(port_of(kept, "Kik")) as kik,
        MessengerServer(port_of(kept, "Messenger")) as messenger,
        UserApiServer(port_of(kept, API)) as api,
    ):
        outside = {"Telegram": telegram, "Kik": kik, "Messenger": messenger}
        environment = {f"PERMABOTS_{name.upper()}_API_URL": server.url for name, server in outside.items()}
        environment["PERMABOTS_REQUEST_ALLOWED_HOSTS"] = f"127.0.0.1:{api.port}"
        environment["PERMABOTS_API_AUTHENTICATION_CLASSES"] = ",".join(AUTHENTICATION)
        with Site(folder, environment, port) as site:
            password = prepare(site, kept)
            orders = add_shop(api)
            site.start_web()
            site.start_worker()
            say(f"Ready after {time.monotonic() - began:.1f} s: web {site.url}, a worker, stand-ins.\n")
            talkers = [OnTelegram(telegram), OnKik(kik), OnMessenger(messenger)]
            bot = go_on(f"{api.url}/shop", messenger) if kept is not None else None
            if bot is None:
                talk = time.monotonic()
                web = OnWeb(f"{site.url}/chat/{CHAT}/")
                bot = show(site, f"{api.url}/shop", messenger, [web, *talkers])
                say(f"\nOrders at the shop's API: {orders}")
                took = time.monotonic() - talk
                say(f"The conversations took {took:.1f} s, everything {time.monotonic() - began:.1f} s.")
            if served:
                from demo.signpost import Signpost  # noqa: PLC0415 - rows exist once Django is set up

                servers: dict[str, StandInServer] = {**outside, API: api}
                Kept(tables_version(), password, {name: it.port for name, it in servers.items()}).write(folder)
                wait(Signpost(site, bot, password, servers, talkers))


def is_set(value: str) -> bool:
    """Whether a variable of the environment switches something on."""
    return value not in {"", "0"}


def go_on(api: str, messenger: MessengerServer) -> Bot | None:
    """Connect the bots that are there to the stand-ins, which have forgotten them; None where the demo's is gone."""
    from demo.rows import reconnect  # noqa: PLC0415 - rows exist once Django is set up

    bot, pages = reconnect(api)
    for page in pages:
        messenger.set_callback(page.webhook_url, str(page.pk), page.app_secret)
    if bot is not None:
        say("What was there is kept. FRESH=1 deletes it and begins anew.")
    return bot


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


def prepare(site: Site, kept: Kept | None) -> str:
    """Set Django up in this process, make the database and its first user; returns the user's password."""
    os.environ.update(site.variables())
    say(f"Files in {site.folder}")
    django.setup()
    call_command("migrate", verbosity=0)
    from demo.rows import make_admin  # noqa: PLC0415 - rows exist once Django is set up

    return make_admin() if kept is None else kept.password


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
