"""Which browser there is on this machine."""

from __future__ import annotations

import os
import shutil

VARIABLE = "PERMABOTS_TEST_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = f"""\
The tests of the admin in a browser need Chromium or Chrome, and there is none. On Debian and its like this installs it:

    apt-get update && apt-get install -y --no-install-recommends chromium fonts-dejavu-core fonts-noto-color-emoji

`make browser` does so as root. {VARIABLE} may name the program where it is not on the PATH."""


class NoBrowser(Exception):
    """There is none: a test that needs one fails, it is not left out."""


def find() -> str:
    """Return the path of the browser.

    Raises:
        NoBrowser: there is none.
    """
    named = os.environ.get(VARIABLE)
    for name in (named,) if named else NAMES:
        if path := shutil.which(name):
            return path
    raise NoBrowser(MISSING)
