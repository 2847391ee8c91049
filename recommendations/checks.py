"""System checks of the contract with the shop and of our settings. None touches the database."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db.models import Model, Q

from recommendations.adapters import Lines, Products, Ratings, ShopAdapter, Views, get_adapter
from recommendations.adapters.declarations import LARGEST_RATING
from recommendations.adapters.paths import (
    PathError,
    check_path,
    follows_foreign_key,
    many_valued_step,
    referenced_paths,
)
from recommendations.conf import AppSettings, recommendation_settings
from recommendations.models import Item

TAG = "crosssell"

AN_ADAPTER = (
    "Write a subclass of recommendations.adapters.ShopAdapter and name it: CROSSSELL_SHOP = "
    '"myshop.crosssell.MyShop". See docs/plugging-in-a-shop.md.'
)


OPTIONAL = frozenset({"ratings", "views"})
"""What a shop need not declare."""

Declaration: TypeAlias = Products | Lines | Ratings | Views


@register(TAG)
def check_adapter(**kwargs: Any) -> list[CheckMessage]:
    """Check that the adapter can be found and that each of its declarations can be read."""
    try:
        adapter = get_adapter()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint=AN_ADAPTER, id="crosssell.E001")]
    wrong = list(_undeclared(adapter))
    if wrong:
        return wrong
    messages: list[CheckMessage] = list(_check_products_as_a_whole(adapter))
    for products in adapter.sources().values():
        messages += _check_declaration(adapter, "products", products)
    for lines in adapter.line_sources():
        messages += _check_declaration(adapter, "lines", lines)
    for ratings in adapter.rating_sources():
        messages += _check_declaration(adapter, "ratings", ratings)
    for views in adapter.view_sources():
        messages += _check_declaration(adapter, "views", views)
    return messages


@register(TAG)
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Check that each name of ``RECOMMENDATIONS`` means something and that its value can work."""
    return setting_errors(recommendation_settings, invalid="E010", unknown="E011")


def setting_errors(
    app_settings: AppSettings[Any], *, invalid: str, unknown: str
) -> list[CheckMessage]:
    """Return what is wrong with the dictionary of an app of ours, under the ids given."""
    try:
        nearest = app_settings.unknown()
        app_settings()
    except ImproperlyConfigured as error:
        hint = f"{app_settings.schema.__module__} explains every name and its range."
        return [Error(str(error), hint=hint, id=f"crosssell.{invalid}")]
    known = ", ".join(app_settings.names())
    return [
        Error(
            f"{app_settings.setting} has no setting {given!r}.",
            hint=f"Did you mean {near!r}?" if near else f"It has: {known}.",
            id=f"crosssell.{unknown}",
        )
        for given, near in nearest.items()
    ]


@register(TAG, Tags.caches, deploy=True)
def check_cache(**kwargs: Any) -> list[CheckMessage]:
    """Check, for a public site, that processes share what they cache."""
    backend = str(settings.CACHES.get("default", {}).get("BACKEND", ""))
    if not backend.endswith(("LocMemCache", "DummyCache")):
        return []
    return [
        Warning(
            f"The default cache is {backend.rpartition('.')[2]}: every process reads each list "
            "from the database for itself.",
            hint="Set a cache that processes share, such as Redis.",
            id="crosssell.W020",
        )
    ]


def _undeclared(adapter: ShopAdapter) -> Iterator[CheckMessage]:
    """Yield an error for each declaration that is missing or of another type."""
    declarations = {"products": Products, "lines": Lines, "ratings": Ratings, "views": Views}
    for name, kind in declarations.items():
        declared = getattr(adapter, name, None)
        several = declared if isinstance(declared, list | tuple) else [declared]
        if not several and name in OPTIONAL:
            continue
        if not several or not all(isinstance(one, kind) for one in several):
            yield Error(
                f"{_name(adapter)}.{name} must be a {kind.__name__} or a list of them, "
                f"not {declared!r}.",
                hint=f'For example: {name} = {kind.__name__}("app.Model", ...).',
                id="crosssell.E002",
            )


def _check_products_as_a_whole(adapter: ShopAdapter) -> Iterator[CheckMessage]:
    products = adapter.products
    several: Sequence[Products] = [products] if isinstance(products, Products) else products
    if len(adapter.sources()) < len(several):
        yield Error(
            f"{_name(adapter)}.products declares a model twice.",
            hint="One Products per model; narrow it with counted=Q(...).",
            id="crosssell.E006",
        )
    named: list[Lines | Ratings | Views] = [
        *adapter.line_sources(),
        *adapter.rating_sources(),
        *adapter.view_sources(),
    ]
    for declared in named:
        if len(adapter.sources()) > 1 and declared.product_model is None:
            yield Error(
                f"{_name(adapter)} sells several models, but {type(declared).__name__}"
                f"({declared.model!r}) does not say which one a row is of.",
                hint='Declare product_model: the path to the label ("catalog.book") or to the '
                "content type's id.",
                id="crosssell.E005",
            )


def _check_declaration(
    adapter: ShopAdapter, kind: str, declared: Declaration
) -> Iterator[CheckMessage]:
    where = f"{_name(adapter)}.{kind}"
    try:
        model = apps.get_model(declared.model)
    except (LookupError, ValueError) as error:
        yield Error(
            f"{where}: the model {declared.model!r} is unknown. {error}",
            hint='Give the label "app.Model" of an installed app, as in INSTALLED_APPS.',
            id="crosssell.E003",
        )
        return
    broken = False
    for name, path in _paths(declared):
        for message in _check_path(model, f"{where}, {name}", path, kind):
            broken = broken or isinstance(message, Error)
            yield message
    if not broken and isinstance(declared, Products):
        yield from _check_products(model, where, declared)
    elif not broken and isinstance(declared, Lines):
        yield from _check_lines(model, where, declared)
    elif not broken:
        yield from _check_events(where, declared)


def _paths(declared: Declaration) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of everything declared that is read from the database."""
    for field in dataclasses.fields(declared):
        value = getattr(declared, field.name)
        if field.name == "attributes":
            yield from ((f"attributes[{name!r}]", path) for name, path in value.items())
        elif field.name not in {"model", "lowest", "highest"} and value is not None:
            yield field.name, value


def _check_path(model: type[Model], where: str, path: Any, kind: str) -> Iterator[CheckMessage]:
    try:
        if isinstance(path, Q):
            model._default_manager.filter(path)
        else:
            model._default_manager.values_list(path)
    except (FieldError, ValueError, TypeError, AttributeError) as error:
        message, hint = _explained(model, path) or (str(error), "Paths start at the model.")
        yield Error(f"{where}: {message}", hint=hint, id="crosssell.E004")
        return
    step = _many_valued(model, path)
    if step and kind != "products":
        yield Error(
            f"{where}: {step!r} leads to several rows, so rows would be read several times.",
            hint="Use a path of single steps, or Exists() in a condition.",
            id="crosssell.E007",
        )
    elif step and not isinstance(path, Q):
        yield Warning(
            f"{where}: {step!r} leads to several rows, of which the smallest is taken.",
            hint="Say which one with Subquery() or an aggregate.",
            id="crosssell.W003",
        )


def _explained(model: type[Model], path: Any) -> tuple[str, str] | None:
    """Return what is wrong with a path and the nearest name, as far as we can tell."""
    for referenced in referenced_paths(path):
        try:
            check_path(model, referenced)
        except PathError as error:
            return str(error), error.hint
    return None


def _many_valued(model: type[Model], path: Any) -> str | None:
    """Return a step that leads to several rows; names of annotations lead nowhere."""
    if getattr(path, "contains_aggregate", False):
        return None
    for referenced in referenced_paths(path):
        try:
            step = many_valued_step(model, referenced)
        except PathError:
            continue
        if step:
            return step
    return None


def _check_products(model: type[Model], where: str, declared: Products) -> Iterator[CheckMessage]:
    if declared.price is not None and declared.currency is None:
        yield Warning(
            f"{where}: a price without a currency is not shown.",
            hint='For a shop of one currency: currency=Value("EUR").',
            id="crosssell.W002",
        )
    pk: Any = model._meta.pk
    if not getattr(pk, "column", None):
        yield Error(
            f"{where}: {model._meta.label} has a primary key of several columns.",
            hint="An item's key holds one value. Declare a model with a single-column key.",
            id="crosssell.E008",
        )
        return
    room = (Item._meta.get_field("key").max_length or 0) - len(declared.model) - 1
    if (pk.max_length or 0) > room:
        yield Warning(
            f"{where}: primary keys may be {pk.max_length} characters long, an item's key holds "
            f"{room}. Products with longer keys are left out.",
            hint="Nothing to do if your keys are shorter in fact.",
            id="crosssell.W004",
        )


def _check_lines(model: type[Model], where: str, declared: Lines) -> Iterator[CheckMessage]:
    if declared.amount is not None and declared.currency is None:
        yield Warning(
            f"{where}: an amount without a currency cannot be added up.",
            hint='For a shop of one currency: currency=Value("EUR").',
            id="crosssell.W002",
        )
    order = declared.order
    if not isinstance(order, str) or not follows_foreign_key(model, order):
        yield Warning(
            f"{where}, order: {order!r} is no foreign key of {model._meta.label}. Orders and lines "
            "are read in one joined scan, which takes about three times as long.",
            hint='Name the foreign key to the order, as in order="order_id".',
            id="crosssell.W001",
        )


def _check_events(where: str, declared: Declaration) -> Iterator[CheckMessage]:
    """Check what paths cannot tell of ratings and views: whose they are, and the scale."""
    if isinstance(declared, Ratings | Views) and not (declared.customer or declared.guest):
        yield Error(
            f"{where} says of nobody whose rows these are.",
            hint='Declare customer="user_id", or guest=... as in Lines.',
            id="crosssell.E012",
        )
    if isinstance(declared, Ratings) and not (
        -LARGEST_RATING < declared.lowest < declared.highest < LARGEST_RATING
    ):
        yield Error(
            f"{where}: the scale runs from {declared.lowest!r} to {declared.highest!r}.",
            hint="Give lowest and highest as finite numbers, as in lowest=1, highest=5.",
            id="crosssell.E013",
        )


def _name(adapter: ShopAdapter) -> str:
    return f"{type(adapter).__module__}.{type(adapter).__qualname__}"
