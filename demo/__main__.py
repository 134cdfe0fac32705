"""``make demo``: everything between a person and an answer, on this machine, with nothing to install or set.

A web process and a worker process of the demo project (SQLite, a broker made of files), stand-ins for Telegram, Kik and
Messenger, a stand-in shop API, a bot that takes orders, conversations with it, and a hook that tells people everywhere.
``make demo SERVE=1`` leaves it running.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import django

from demo.scene import notify, play
from demo.shop import APP_SECRET, add_shop
from demo.site import ROOT, Site
from demo.talkers import OnKik, OnMessenger, OnTelegram, Talker
from permabots.testing import KikServer, MessengerServer, StandInServer, TelegramServer, UserApiServer

PORT = 8000


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


def main() -> int:
    """Run the demo; returns the exit status."""
    began = time.monotonic()
    serve = os.environ.get("SERVE", "") not in {"", "0"}
    folder = Path(os.environ.get("PERMABOTS_DEMO_STATE", ROOT / ".state" / "demo"))
    shutil.rmtree(folder, ignore_errors=True)
    with TelegramServer() as telegram, KikServer() as kik, MessengerServer() as messenger, UserApiServer() as api:
        outside = {"Telegram": telegram, "Kik": kik, "Messenger": messenger}
        environment = {f"PERMABOTS_{name.upper()}_API_URL": server.url for name, server in outside.items()}
        environment["PERMABOTS_REQUEST_ALLOWED_HOSTS"] = f"127.0.0.1:{api.port}"
        with Site(folder, environment, PORT if serve else 0) as site:
            password = prepare(site)
            orders = add_shop(api)
            site.start_web()
            site.start_worker()
            say(f"Ready after {time.monotonic() - began:.1f} s: web {site.url}, a worker, stand-ins.\n")
            talk = time.monotonic()
            show(site, f"{api.url}/shop", messenger, [OnTelegram(telegram), OnKik(kik), OnMessenger(messenger)])
            say(f"\nOrders at the shop's API: {orders}")
            say(f"The conversations took {time.monotonic() - talk:.1f} s, everything {time.monotonic() - began:.1f} s.")
            if serve:
                wait(site, outside, password)
    return 0


def show(site: Site, api: str, messenger: MessengerServer, talkers: Sequence[Talker]) -> None:
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


def prepare(site: Site) -> str:
    """Set Django up in this process, make the database and its first user; returns the user's password."""
    os.environ.update(site.variables())
    say(f"Files in {site.folder}")
    site.manage("migrate", "--verbosity", "0")
    django.setup()
    from demo.rows import make_admin  # noqa: PLC0415 - rows exist once Django is set up

    return make_admin()


def wait(site: Site, outside: Mapping[str, StandInServer], password: str) -> None:
    """Say where everything is, and leave it running until Ctrl-C."""
    say(f"\nThe site       {site.url}/admin/ (user admin, password {password})")
    say(f"The API        {site.url}/api/v1/")
    say(f"The webhooks   {site.url}/processing/")
    for name, server in outside.items():
        say(f"{name:14} {server.url} (stand-in; steer it under {server.url}/_control/)")
    say(f"The logs       {site.folder}/web.log, {site.folder}/worker.log")
    say("\nCtrl-C ends it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        say("\nEnding.")


if __name__ == "__main__":
    sys.exit(main())
