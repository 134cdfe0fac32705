"""Where the webhooks answer otherwise than the original, on purpose: which calls, how, and why."""

from __future__ import annotations

from tests.contract.api_changes import to
from tests.contract.api_recorded import NUMBER, TEXT
from tests.contract.api_rows import Decision

_ECHOED_TELEGRAM = (744, 745, 747, 753, 754, 755, 756, 757, 758, 763, 764, 765, 766, 773, 776)
_ECHOED_KIK = (777, 782, 783, 784, 785, 786, 787, 797, 800)
_ECHOED_MESSENGER = (807, 809, 811, 814, 815, 824)
_ODD_TELEGRAM = (751, 759, 760, 761, 767, 768)
_ODD_KIK = (788, 789, 790, 792, 793, 794)
_ODD_MESSENGER = (817, 818, 821)

WEBHOOKS: dict[int, Decision] = {
    **{number: Decision("echo", to(200, {})) for number in (*_ECHOED_TELEGRAM, *_ECHOED_KIK, *_ECHOED_MESSENGER)},
    **{number: Decision("odd updates", to(200, {})) for number in (*_ODD_TELEGRAM, *_ODD_KIK, *_ODD_MESSENGER)},
    **{number: Decision("messenger's events", to(200, {})) for number in (810, 812, 813, 816)},
    **{number: Decision("once", to(200, {})) for number in (746, 778, 808)},
    **{number: Decision("echo", to(400, {})) for number in (752, 795, 819)},
    **{number: Decision("echo", to(403, {})) for number in (779, 781)},
    **{number: Decision("echo", to(404, {})) for number in (796, 806, 820)},
    822: Decision("echo", to(405, {}, "GET, POST, HEAD, OPTIONS")),
    780: Decision("signatures", to(200, {})),
    **{number: Decision("handshake", to(403, {})) for number in (769, 798)},
    803: Decision("messenger's handshake", to(403, {})),
    804: Decision("messenger's handshake", to(200, {"__not_json__": "abc"})),
    805: Decision("messenger's handshake", to(403, {})),
    770: Decision("headers", to(200, {})),
    771: Decision("forms", to(400, {})),
    775: Decision("replaced", to(404, {})),
    **{number: Decision("counted", to(200, {"id": NUMBER, "recipients": NUMBER})) for number in (827, 835, 840)},
    **{
        number: Decision("incomplete", to(200, {"id": NUMBER, "recipients": NUMBER, "warnings": [TEXT]}))
        for number in (833, 834)
    },
}

UNSIGNED_CALLS: dict[int, Decision] = {
    number: Decision("messenger's signature", to(403, {"detail": "app_secret missing"}))
    for number in (*_ECHOED_MESSENGER, *_ODD_MESSENGER, 808, 810, 812, 813, 816, 819)
}
"""What Messenger's calls are answered where ``MESSENGER_ALLOW_UNSIGNED`` is not set."""
