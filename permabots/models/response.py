"""The parts of handlers and hooks: requests to user APIs, and the templates of answers."""

from __future__ import annotations

from typing import ClassVar, cast

from django.core.exceptions import ValidationError
from django.db import models

from permabots.engine.definitions import Method, ParameterDefinition, RequestDefinition, ResponseDefinition
from permabots.models.revision import ConfigurationModel
from permabots.validators import (
    validate_data_template,
    validate_header,
    validate_keyboard_template,
    validate_parameter_template,
    validate_text_template,
    validate_url_template,
)


class Response(ConfigurationModel):
    """The templates of an answer.

    Attributes:
        text_template: a Jinja template that renders to a text with Telegram's HTML tags.
        keyboard_template: a Jinja template that renders to a list of rows of buttons; "" for none.
    """

    BOT_PATHS: ClassVar[tuple[str, ...]] = ("handler__bot", "hook__bot")

    text_template = models.TextField(validators=[validate_text_template])
    keyboard_template = models.TextField(blank=True, default="", validators=[validate_keyboard_template])

    def __str__(self) -> str:
        return self.text_template[:50]

    def definition(self) -> ResponseDefinition:
        return ResponseDefinition(self.text_template, self.keyboard_template)


class Request(ConfigurationModel):
    """An HTTP request to a user API.

    Attributes:
        url_template: a Jinja template whose values are percent-encoded.
        method: Get, Post, Put, Delete or Patch.
        data: JSON whose strings are templates, or one string that is a template as a whole; None for no body.
    """

    class MethodChoice(models.TextChoices):
        GET = "Get"
        POST = "Post"
        PUT = "Put"
        DELETE = "Delete"
        PATCH = "Patch"

    BOT_PATHS: ClassVar[tuple[str, ...]] = ("handler__bot",)

    url_template = models.CharField(max_length=255, validators=[validate_url_template])
    method = models.CharField(max_length=6, choices=MethodChoice, default=MethodChoice.GET)
    data = models.JSONField(null=True, blank=True, default=None, validators=[validate_data_template])

    def __str__(self) -> str:
        return f"{self.method} {self.url_template}"

    def definition(self) -> RequestDefinition:
        return RequestDefinition(
            self.url_template,
            cast(Method, self.method),
            self.data,
            tuple(parameter.definition() for parameter in self.url_parameters.all()),
            tuple(parameter.definition() for parameter in self.header_parameters.all()),
        )


class Parameter(ConfigurationModel):
    """A parameter of a request.

    Attributes:
        key: its name, unique in the request.
        value_template: the template of its value.
    """

    BOT_PATHS: ClassVar[tuple[str, ...]] = ("request__handler__bot",)

    key = models.CharField(max_length=255)
    value_template = models.CharField(max_length=255, validators=[validate_parameter_template])

    class Meta(ConfigurationModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.key

    def definition(self) -> ParameterDefinition:
        return ParameterDefinition(self.key, self.value_template)


class UrlParam(Parameter):
    """A query parameter."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="url_parameters")

    class Meta(Parameter.Meta):
        constraints = [models.UniqueConstraint(fields=["request", "key"], name="permabots_url_key")]


class HeaderParam(Parameter):
    """A header."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="header_parameters")

    class Meta(Parameter.Meta):
        constraints = [models.UniqueConstraint(fields=["request", "key"], name="permabots_header_key")]

    def clean(self) -> None:
        """Refuse a header that cannot be sent, and one whose name the request has in another case already.

        Raises:
            django.core.exceptions.ValidationError: names the field.
        """
        validate_header(self.key, self.value_template)
        others = HeaderParam.objects.filter(request=self.request_id, key__iexact=self.key).exclude(key=self.key)
        if (other := others.exclude(pk=self.pk).first()) is not None:
            raise ValidationError(
                {
                    "key": ValidationError(
                        f"It is the same header as {other.key}: letters of either size.", code="unique"
                    )
                }
            )
