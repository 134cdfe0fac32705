"""All targets by name. They import rows' neighbours, so Django must be set up before."""

from tests.fuzz.targets import answers, bodies, patterns, properties, templates, texts, webhooks
from tests.fuzz.targets.target import Target

ALL: dict[str, Target] = {
    target.name: target
    for module in (webhooks, templates, texts, patterns, answers, bodies, properties)
    for target in module.TARGETS
}

__all__ = ["ALL", "Target"]
