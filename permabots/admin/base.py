"""What the pages of the admin share: people see their own rows, and an error of the pipeline is shown at its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect

from permabots.admin.forms import PipelineErrorForm
from permabots.admin.lookups import SafelyFiltered
from permabots.admin.recording import recorded
from permabots.admin.redirects import LeadsToBot
from permabots.admin.versions import OVERWRITE, SEEN_VERSION
from permabots.database import connection, non_atomic_requests
from permabots.exceptions import PermabotsError
from permabots.page_headers import protected
from permabots.pipeline.authoring import configuration

_REFUSAL = "_permabots_refusal"
CONSEQUENCES = "What comes of it:"
STYLE = "permabots/admin.css"
DELETED = "It was deleted in the meantime."


class OwnedAdmin(SafelyFiltered, LeadsToBot):
    """Rows under a bot. A user who is no superuser sees only the rows under their own bots, wherever rows are chosen.

    Attributes:
        owner: the look-up from a row to its owner.
        cascade_counts: relations whose rows are deleted with a row: the page counts these rows and does not list them.
    """

    owner: ClassVar[str] = "bot__owner"
    cascade_counts: ClassVar[tuple[str, ...]] = ()
    form = PipelineErrorForm
    show_full_result_count = False

    class Media:
        css = {"all": [STYLE]}

    @property
    def styles(self) -> forms.Media:
        """Return the styles of a page without a form, which leaves out the large scripts of Django's forms."""
        return forms.Media(css={"all": [STYLE]})

    @property
    def urls(self) -> list[Any]:
        """Return the URLs of these pages, each with the headers that tell browsers what it may do."""
        routes: list[Any] = super().urls
        for route in routes:
            route.callback = protected(recorded(route.callback))
        return routes

    def page_of_site(self, request: HttpRequest, template: str, context: Mapping[str, Any]) -> TemplateResponse:
        """Return a page of permabots. Its links stay in the admin site of the request: there may be several."""
        request.current_app = self.admin_site.name
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.styles}
        return TemplateResponse(request, f"admin/permabots/{template}", {**shared, **context})

    # Which rows a user sees

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return self.visible_to(request)

    def visible_to(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the rows that a user may see, without the annotations that only lists need."""
        rows = super().get_queryset(request)
        user: Any = request.user
        return rows if user.is_superuser else self.owned_by(rows, user)

    def owned_by(self, rows: models.QuerySet[Any], user: Any) -> models.QuerySet[Any]:
        """Return the rows whose bots belong to a user."""
        return rows.filter(**{self.owner: user})

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> models.QuerySet[Any] | None:
        table, site = db_field.remote_field.model, self.admin_site
        page = site.get_model_admin(table) if site.is_registered(table) else None
        return (
            page.visible_to(request)
            if isinstance(page, OwnedAdmin)
            else super().get_field_queryset(db, db_field, request)
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return a row; 404 for one that does not exist or belongs to another user, where Django redirects."""
        row = super().get_object(request, object_id, from_field)
        if row is None:
            raise Http404
        return row

    # Saving

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, _REFUSAL, None)
        form.parts = self.parts(obj) if obj is not None else {}
        return form

    def parts(self, obj: Any) -> dict[str, str]:
        """Return the parts of a row that a page shows beside its form, by their names: others may change them."""
        return {}

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a form. It carries the version of the row that it was opened with."""
        page: Any = context["adminform"]
        carried = [name for name in (SEEN_VERSION, OVERWRITE) if name in page.form.fields]
        if carried and page.fieldsets:
            title, options = page.fieldsets[0]
            page.fieldsets = [(title, {**options, "fields": [*carried, *options["fields"]]}), *page.fieldsets[1:]]
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a form or save it. Where saving is refused, the form shows the errors and nothing is written."""
        context = dict(extra_context or {})
        try:
            return self.answer_form(request, object_id, form_url, context)
        except ValidationError as error:
            refusal = error
        except PermabotsError as error:
            refusal = ValidationError(str(error), code="refused")
        except ObjectDoesNotExist:
            refusal = ValidationError(DELETED, code="deleted")
        setattr(request, _REFUSAL, refusal)
        return self.answer_form(request, object_id, form_url, context)

    def answer_form(
        self, request: HttpRequest, object_id: str | None, form_url: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Answer a form's GET or POST, in one transaction."""
        return super().changeform_view(request, object_id, form_url, context)

    @non_atomic_requests
    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a list, or run an action on rows of it; each step of an action is committed by itself."""
        return super().changelist_view(request, *args, **kwargs)

    # Deleting

    def consequences(self, rows: Sequence[Any]) -> Iterable[str]:
        """Yield sentences about what stops working, or works differently, once these rows are deleted."""
        return ()

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        """Return how many rows a deletion takes along (a bot may have a million messages), and its consequences."""
        rows = list(objs)
        counts = {str(self.opts.verbose_name_plural): len(rows)}
        for name in self.cascade_counts:
            relation: Any = self.opts.get_field(name)
            deleted = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": rows})
            counts[str(relation.related_model._meta.verbose_name_plural)] = deleted.count()
        names: list[Any] = [str(row) for row in rows]
        sentences = list(self.consequences(rows))
        return [*names, *([CONSEQUENCES, sentences] if sentences else [])], counts, set(), []


class BotChildAdmin(OwnedAdmin):
    """A part of a bot's configuration. Its bot is chosen when the row is made, and never changes."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return a row. A row that will be saved is read under the bot's lock; the form compares with it."""
        obj = super().get_object(request, object_id, from_field)
        if obj is None or request.method != "POST" or not connection().in_atomic_block:
            return obj
        try:
            configuration.lock(obj.bot)
        except ObjectDoesNotExist:
            return None
        return super().get_object(request, object_id, from_field)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        return (*fields, "bot") if obj is not None else fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with configuration.editing(obj.bot):
            configuration.save(obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return _same_bot(request, obj, super().response_add(request, obj, post_url_continue))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return _same_bot(request, obj, super().response_change(request, obj))


def _same_bot(request: HttpRequest, obj: Any, answer: HttpResponse) -> HttpResponse:
    """Redirect "Save and add another" to a form for the same bot."""
    if "_addanother" in request.POST and isinstance(answer, HttpResponseRedirect):
        mark = "&" if "?" in answer.url else "?"
        answer.headers["Location"] = f"{answer.url}{mark}bot={obj.bot.pk}"
    return answer


class NonAtomicAdmin(OwnedAdmin):
    """Pages whose changes call a provider: they run outside of any transaction, also that of ``ATOMIC_REQUESTS``."""

    @method_decorator(csrf_protect)
    def answer_form(
        self, request: HttpRequest, object_id: str | None, form_url: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Answer a form's GET or POST, each step of it committed by itself."""
        page: Any = self  # the stubs lack the method that Django wraps in a transaction
        answer: HttpResponse = page._changeform_view(request, object_id, form_url, context)
        return answer

    @non_atomic_requests
    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().add_view(request, *args, **kwargs)

    @non_atomic_requests
    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().change_view(request, *args, **kwargs)

    @non_atomic_requests
    @method_decorator(csrf_protect)
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        page: Any = self
        answer: HttpResponse = page._delete_view(request, object_id, extra_context)
        return answer


class ReadOnlyAdmin:
    """Mixin for pages of rows that people read only: traffic is never added or changed by hand."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
