"""What every provider must hold, as one class of tests. Subclass it for yours, and let pytest find the subclass.

A subclass says which provider it is, where its payload fixtures are, how its webhook is signed, what its API's answers
mean, and where text and buttons stand in what it sends. `ProviderContract` does the rest. The fixtures are a folder:

* ``<case>.json``: a webhook's body, byte for byte as the provider sends it, or what the project itself makes;
* ``<case>.expected.json``, where wanted: the events that it is read as, a list of objects with fields of `Inbound`;
* ``api_<case>.json``: an answer of the provider's API; every one has its entry in ``answers``.

Nothing here imports pytest. ``python -m permabots.testing.contract package.module.Class`` runs a subclass without it
and prints how much was checked.
"""

from permabots.testing.contract.calls import Calls
from permabots.testing.contract.expected import ApiAnswer, Counts, Shown
from permabots.testing.contract.facts import Facts
from permabots.testing.contract.rendering import Rendering
from permabots.testing.contract.samples import Samples
from permabots.testing.contract.storing import Storing
from permabots.testing.contract.webhook import Webhook

__all__ = ["ApiAnswer", "Counts", "ProviderContract", "Shown"]


class ProviderContract(Facts, Webhook, Samples, Rendering, Calls, Storing):
    """The contract of `permabots.providers.base.contract.Provider`, as tests. See `Suite` for what a subclass says."""
