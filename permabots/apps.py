"""The Django app."""

from importlib import import_module
from typing import Any

from celery.signals import task_failure
from django.apps import AppConfig, apps
from django.core.signals import got_request_exception
from django.db.models.signals import post_delete, post_save

from permabots.database import close_after_failure
from permabots.logs import hide_hook_keys


def note_version(sender: Any, **sent: Any) -> None:
    """Receive the signal that something of bots was written. What versions need is imported only where one is made."""
    import_module("permabots.pipeline.authoring.versions").note(sender, **sent)


class PermabotsAppConfig(AppConfig):
    """Permabots."""

    name = "permabots"
    verbose_name = "Permabots"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Not imported above: these modules need the models, which cannot be imported before the apps are ready.
        cached = import_module("permabots.pipeline.receiving.webhook_cache")
        import_module("permabots.checks")
        import_module("permabots.tasks")
        hide_hook_keys()
        for failed in (got_request_exception, task_failure):
            failed.connect(close_after_failure, dispatch_uid="permabots.stale_plans")
        integration = import_module("permabots.models.integration")
        revision = import_module("permabots.models.revision")
        recorded = import_module("permabots.models.recorded")
        for table in apps.get_models():
            revision.watch(table)
            recorded.watch(table)
            if issubclass(table, integration.IntegrationBot):
                for signal in (post_save, post_delete):
                    signal.connect(cached.forget_integration, sender=table, dispatch_uid="permabots.cached")
        event = import_module("permabots.models.bot_event")
        event.bots_recorded.connect(note_version, dispatch_uid="permabots.versions")
        integration.integration_changed.connect(cached.forget_changed, dispatch_uid="permabots.cached")
