"""``make demo``: everything between a person and an answer, on this machine, with nothing to install or set.

A web process and a worker process of the demo project (SQLite, a broker made of files), a stand-in Telegram, a stand-in
shop API, a bot that takes orders, and a conversation. ``make demo SERVE=1`` leaves it running.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import django

from demo.scene import play
from demo.shop import add_shop
from demo.site import ROOT, Site
from permabots.testing import TelegramServer, UserApiServer

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
    with TelegramServer() as telegram, UserApiServer() as api:
        environment = {
            "PERMABOTS_TELEGRAM_API_URL": telegram.url,
            "PERMABOTS_REQUEST_ALLOWED_HOSTS": f"127.0.0.1:{api.port}",
        }
        with Site(folder, environment, PORT if serve else 0) as site:
            password = prepare(site)
            orders = add_shop(api)
            site.start_web()
            site.start_worker()
            say(f"Ready after {time.monotonic() - began:.1f} s: web {site.url}, a worker, Telegram {telegram.url}\n")
            from demo.rows import make_bot  # noqa: PLC0415 - rows exist once Django is set up

            make_bot(f"{api.url}/shop")
            talk = time.monotonic()
            play(telegram, say)
            say(f"\nOrders at the shop's API: {orders}")
            say(f"The conversation took {time.monotonic() - talk:.1f} s, everything {time.monotonic() - began:.1f} s.")
            if serve:
                wait(site, telegram, password)
    return 0


def prepare(site: Site) -> str:
    """Set Django up in this process, make the database and its first user; returns the user's password."""
    os.environ.update(site.variables())
    say(f"Files in {site.folder}")
    site.manage("migrate", "--verbosity", "0")
    django.setup()
    from demo.rows import make_admin  # noqa: PLC0415 - rows exist once Django is set up

    return make_admin()


def wait(site: Site, telegram: TelegramServer, password: str) -> None:
    """Say where everything is, and leave it running until Ctrl-C."""
    say(f"\nThe site       {site.url}/admin/ (user admin, password {password})")
    say(f"The API        {site.url}/api/v1/")
    say(f"The webhooks   {site.url}/processing/")
    say(f"The Telegram   {telegram.url} (stand-in; steer it under {telegram.url}/_control/)")
    say(f"The logs       {site.folder}/web.log, {site.folder}/worker.log")
    say("\nCtrl-C ends it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        say("\nEnding.")


if __name__ == "__main__":
    sys.exit(main())
