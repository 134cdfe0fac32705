"""``make bench``: every benchmark, one after another. Numbers for people; no test asserts one."""

from __future__ import annotations

from benchmarks import matching, telegram_send

for module in (matching, telegram_send):
    print(f"\n== {module.__name__.rpartition('.')[2]}\n", flush=True)
    module.main()
