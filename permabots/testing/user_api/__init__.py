"""A stand-in for the API of a bot's author: what a handler's request calls.

    with UserApiServer() as api:
        # a handler's url_template is f"{api.base}/item/{{{{pattern.k}}}}"
        ...
        assert api.requests[-1].path == "/u/item/7"

Its routes, all under ``/u``; any method will do:

=============  ====================================================================================================
``echo``       200 ``{method, query [[k, v]..], ct (content type or null), x (X-Test header or null), body}``
``list``       200 ``[{"name": "author1"}, {"name": "author2"}]``
``item/<k>``   200 ``{"id": "<k>", "name": "author<k>"}``; ``item/99`` is 404 ``{"detail": "nope"}``
``fail500``    500 ``{"error": "boom"}``
``text``       200 ``just text``, which is not JSON
``created``    201 ``{"name": "made"}``
``nocontent``  204
``redirect``   302 to ``/u/item/7``
``string``     200 ``"a plain JSON string"``
=============  ====================================================================================================

`UserApiServer.add_route` adds more, or makes these slow, hang or break. As a process, steered by `UserApiControl`::

    python -m permabots.testing.user_api --port 8181
"""

from permabots.testing.user_api.control import UserApiControl
from permabots.testing.user_api.server import UserApiServer

__all__ = ["UserApiControl", "UserApiServer"]
