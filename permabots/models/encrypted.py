"""A column for secrets: encrypted in the database, decrypted when a row's attribute is read.

A row that was read has the encrypted text, and decrypts it whenever its attribute is read. So a list of rows costs no
decryption, a secret that is not used is in no memory, and a row whose secret cannot be decrypted can still be listed
and deleted. Queries give the encrypted text only, as `Encrypted`.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Exact
from django.db.models.query_utils import DeferredAttribute

from permabots.exceptions import SecretUnreadable
from permabots.security.encryption import Encrypted, encrypt


class SecretAttribute(DeferredAttribute):
    """The attribute of a row: it decrypts what was read, and returns what was assigned as it is.

    Raises:
        SecretUnreadable: no key decrypts what was read.
    """

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        return value.decrypt() if isinstance(value, Encrypted) else value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedCharField(models.CharField):
    """A text that is encrypted in the database, where "" and NULL stay as they are.

    `max_length` is that of the secret, for forms and serializers; the column takes any text. A condition on the content
    is refused: whoever may filter a list by it could find out the secret letter by letter.
    """

    descriptor_class = SecretAttribute

    def get_internal_type(self) -> str:
        """Return the type that decides about the column: the encrypted text is longer than the secret."""
        return "TextField"

    def from_db_value(self, value: str | None, *_: Any) -> Encrypted | str | None:
        """Return a column's value as rows have it."""
        return Encrypted(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Return the value to write: the very text that was read, where nothing else was assigned."""
        name = self.attname
        return vars(model_instance)[name] if name in vars(model_instance) else super().pre_save(model_instance, add)

    def get_prep_value(self, value: Any) -> Any:
        """Return the column's text of a secret, or of one that is encrypted already."""
        if isinstance(value, Encrypted):
            return value.text
        value = super().get_prep_value(value)
        return encrypt(value).text if value else value

    def value_from_object(self, obj: models.Model) -> Any:
        """Return the value that a form begins with: "" for a secret that cannot be decrypted, to be typed anew."""
        try:
            return super().value_from_object(obj)
        except SecretUnreadable:
            return ""

    def value_to_string(self, obj: models.Model) -> str:
        """Return the secret, for ``dumpdata``: what it writes can be loaded where other keys are.

        Raises:
            SecretUnreadable: no key decrypts it.
        """
        return str(getattr(obj, self.attname))

    def get_lookup(self, lookup_name: str) -> Any:
        """Return the conditions that do not depend on the secret.

        Raises:
            FieldError: the condition does.
        """
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        if lookup_name == "exact":
            return StoredExact
        raise _refusal(self)

    def get_transform(self, lookup_name: str) -> Any:
        """Return None: the encrypted text has no parts."""
        return None


class StoredExact(Exact):
    """Whether a column is empty, or has this very encrypted text."""

    def get_prep_lookup(self) -> Any:
        if isinstance(self.rhs, Encrypted):
            return self.rhs.text
        if self.rhs == "":
            return ""
        raise _refusal(self.lhs.output_field)


def _refusal(field: Any) -> FieldError:
    return FieldError(f"{field.model.__name__}.{field.name} is encrypted: rows cannot be looked up by its content")


def is_readable(value: Any) -> bool:
    """Return whether a value of a row or a query is no secret, or one that can be decrypted."""
    try:
        return not isinstance(value, Encrypted) or value.decrypt() is not None
    except SecretUnreadable:
        return False


def is_set(row: models.Model, name: str) -> bool:
    """Return whether a row's attribute holds something, which is not decrypted for that."""
    return bool(vars(row)[name] if name in vars(row) else getattr(row, name))


def encrypted_fields(model: type[models.Model]) -> list[EncryptedCharField]:
    """Return a table's columns of secrets."""
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedCharField)]


def stored_values(row: models.Model) -> dict[str, Encrypted]:
    """Return the encrypted texts of a row that was read, by column; without those that are empty."""
    values = {field.attname: vars(row).get(field.attname) for field in encrypted_fields(type(row))}
    return {name: value for name, value in values.items() if isinstance(value, Encrypted)}
