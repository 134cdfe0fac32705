"""The providers in use, by slug: imported by their dotted paths, so that no module names a provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from permabots.exceptions import ConfigurationError
from permabots.providers.base.contract import Provider
from permabots.providers.base.facts import Facts

REQUIRED_ATTRIBUTES = tuple(name for name in Facts.__annotations__ if not hasattr(Facts, name))
"""The names of the attributes that every provider's class must set."""


def load(paths: tuple[str, ...], options: Callable[[str], Mapping[str, str]]) -> Mapping[str, Provider]:
    """Import providers and build one instance of each.

    Args:
        paths: dotted paths of subclasses of `Provider`.
        options: returns the settings of a provider by its slug.

    Returns:
        The providers by slug, in the order of the paths.

    Raises:
        ConfigurationError: a path cannot be imported, a class is no complete provider, two providers have the same
            slug, or an option is not a number, or not on or off, where it must be.
    """
    providers: dict[str, Provider] = {}
    for path in paths:
        provider_class = _checked(path, _imported(path))
        slug = provider_class.slug
        if slug in providers:
            raise ConfigurationError(f"{path}: there is a provider with the slug {slug!r} already")
        provider = providers[slug] = provider_class(options(slug))
        for name, default in provider_class.default_options.items():
            if default.replace(".", "", 1).isdecimal():
                provider.number(name, 0)  # raises at the start where the option is not a number
            elif default == "false":
                provider.flag(name)  # likewise
    return MappingProxyType(providers)


def _imported(path: str) -> object:
    module, _, name = path.rpartition(".")
    if not module:
        raise ConfigurationError(f"{path!r} is no dotted path of a provider")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"the provider {path} cannot be imported: {error}") from error


def _checked(path: str, loaded: object) -> type[Provider]:
    if not (isinstance(loaded, type) and issubclass(loaded, Provider)):
        raise ConfigurationError(f"{path} is no subclass of permabots.providers.base.contract.Provider")
    if missing := [name for name in REQUIRED_ATTRIBUTES if not hasattr(loaded, name)]:
        raise ConfigurationError(f"{path} does not say its {', '.join(missing)}")
    if unwritten := sorted(loaded.__abstractmethods__):
        raise ConfigurationError(f"{path} does not implement {', '.join(unwritten)}")
    if not (loaded.slug.isidentifier() and loaded.slug.islower()):
        raise ConfigurationError(f"{path}: the slug {loaded.slug!r} is no identifier in lower case")
    if loaded.has_webhook and "api_url" not in loaded.default_options:
        raise ConfigurationError(f"{path} has no api_url among its default_options")
    return loaded
