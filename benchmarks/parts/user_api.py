"""``user-api``: each answer needs a call of the author's API that takes 50 ms."""

from __future__ import annotations

from benchmarks.installation import UNLIMITED, installed
from benchmarks.options import Options
from benchmarks.parts.endtoend import saturated, waiting
from benchmarks.results import Results
from benchmarks.stand import Servers
from benchmarks.traffic import talk, warm_up
from permabots.testing import UserApiControl, running

PART = "a user API of 50 ms"
SECONDS = 0.05
RATE = 10.0
POOLS = {"prefork, 2 at a time": ("prefork", 2), "prefork, 8": ("prefork", 8), "threads, 8": ("threads", 8)}


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Have workers of several kinds answer; half of a worker's slots may wait for one bot's API at a time."""
    variables = {**UNLIMITED, "PERMABOTS_REQUEST_ALLOWED_HOSTS": "127.0.0.1"}
    site = installed(servers, options.trees[0])
    with running("permabots.testing.user_api") as url:
        UserApiControl(url).add_route("/slow", {}, delay=SECONDS)
        with site.at_work(variables):
            bot = site.make_bot(request=f"{url}/slow")
        for _ in range(options.rounds):
            for name, (pool, children) in POOLS.items():
                with site.at_work(variables, pool=pool, children=children) as work:
                    warm_up(work, bot)
                    results.add(PART, name, saturated(talk(work, bot, options.messages // 3)))
                    slow = talk(work, bot, int(RATE * options.seconds), rate=RATE)
                    results.add(PART, f"{name}, {RATE:g} a second", waiting(slow))
                options.say(f"{PART}: {name}")
