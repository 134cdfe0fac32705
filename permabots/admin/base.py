"""What the pages share: people see what is their own, and what the pipeline refuses is told at the field."""

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
from permabots.admin.redirects import LeadsToBot
from permabots.admin.versions import OVERWRITE, SEEN
from permabots.database import connection, non_atomic_requests
from permabots.exceptions import PermabotsError
from permabots.pipeline.authoring import configuration

_REFUSAL = "_permabots_refusal"
WHAT_COMES_OF_IT = "What comes of it:"
STYLE = "permabots/admin.css"
DELETED = "It was deleted in the meantime."


class OwnedAdmin(LeadsToBot):
    """Rows under a bot. Whoever is no superuser sees only what is under bots of their own, wherever rows are chosen.

    Attributes:
        owner: the look-up from a row to its owner.
        cascade_counts: relations whose rows are deleted with a row: they are counted, not listed.
    """

    owner: ClassVar[str] = "bot__owner"
    cascade_counts: ClassVar[tuple[str, ...]] = ()
    form = PipelineErrorForm
    show_full_result_count = False

    class Media:
        css = {"all": [STYLE]}

    @property
    def styles(self) -> forms.Media:
        """What a page without a form needs: none of the scripts of Django's forms, which weigh a lot."""
        return forms.Media(css={"all": [STYLE]})

    def page_of_site(self, request: HttpRequest, template: str, context: Mapping[str, Any]) -> TemplateResponse:
        """Return a page of ours. Its links stay in the admin site that it is asked of: a project may have several."""
        request.current_app = self.admin_site.name
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.styles}
        return TemplateResponse(request, f"admin/permabots/{template}", {**shared, **context})

    # Whose rows

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return self.visible_to(request)

    def visible_to(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the rows that somebody may see, without what only lists show of them."""
        rows = super().get_queryset(request)
        user: Any = request.user
        return rows if user.is_superuser else self.owned_by(rows, user)

    def owned_by(self, rows: models.QuerySet[Any], user: Any) -> models.QuerySet[Any]:
        """Return those of the rows that are a user's."""
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
        """Return a row; 404 for what is not there, or is somebody else's: Django leads to the index with a message."""
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
        """Return what a page shows of a row beside its form, by what it is called: somebody else may change it."""
        return {}

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a form, with what it carries along of the version that it was opened with."""
        page: Any = context["adminform"]
        carried = [name for name in (SEEN, OVERWRITE) if name in page.form.fields]
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
        """Show a form or save it; what was refused while saving is shown in it, and nothing is written."""
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
        """Show a list or act on rows of it, each act committed by itself."""
        return super().changelist_view(request, *args, **kwargs)

    # Deleting

    def consequences(self, rows: Sequence[Any]) -> Iterable[str]:
        """Yield, in sentences, what will work no more or otherwise once these rows are deleted."""
        return ()

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        """Return what a deletion takes along, in numbers: a bot may have a million messages; and what comes of it."""
        rows = list(objs)
        counts = {str(self.opts.verbose_name_plural): len(rows)}
        for name in self.cascade_counts:
            relation: Any = self.opts.get_field(name)
            found = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": rows})
            counts[str(relation.related_model._meta.verbose_name_plural)] = found.count()
        told: list[Any] = [str(row) for row in rows]
        said = list(self.consequences(rows))
        return [*told, *([WHAT_COMES_OF_IT, said] if said else [])], counts, set(), []


class BotChildAdmin(OwnedAdmin):
    """A part of a bot's configuration: whose it is is said when it is made, and stays."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return a row; one that is to be saved is read while nobody else writes, and the form compares with that."""
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
    """Have another one, where that is wanted, made for the same bot."""
    if "_addanother" in request.POST and isinstance(answer, HttpResponseRedirect):
        mark = "&" if "?" in answer.url else "?"
        answer.headers["Location"] = f"{answer.url}{mark}bot={obj.bot.pk}"
    return answer


class NonAtomicAdmin(OwnedAdmin):
    """Pages whose changes ask a provider: outside of any transaction, that of a host's ``ATOMIC_REQUESTS`` too."""

    @method_decorator(csrf_protect)
    def answer_form(
        self, request: HttpRequest, object_id: str | None, form_url: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Answer a form's GET or POST, each step of it committed by itself."""
        page: Any = self  # the stubs leave out what Django puts a transaction around
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
    """Mixed into pages of rows that people look at and do not write: what came in is never made or changed by hand."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
