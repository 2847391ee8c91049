"""The adapter a shop writes: declare the plain case, override the odd one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac

from recommendations.adapters.compiled import CompiledRows
from recommendations.adapters.declarations import Lines, Path, Products, Ratings, Views
from recommendations.adapters.values import BasketLine, Money
from recommendations.conf import recommendation_settings

if TYPE_CHECKING:
    from django.http import HttpRequest

PRICE, CURRENCY, TITLE = "crosssell_price", "crosssell_currency", "crosssell_title"
"""Names of the annotations that ``live_queryset`` adds, so that a page needs no further query."""


class ShopAdapter:
    """Tells where a shop keeps its products and order lines, and answers for what is live.

    Declare ``products`` and ``lines``, and ``ratings`` and ``views`` where the shop has them.
    Override a method only where the plain answer is wrong.
    """

    products: ClassVar[Products | Sequence[Products]]
    lines: ClassVar[Lines | Sequence[Lines]]
    ratings: ClassVar[Ratings | Sequence[Ratings]] = ()
    views: ClassVar[Views | Sequence[Views]] = ()

    fixed_live_query: ClassVar[bool] = False
    """Say True where ``live_queryset`` returns the same query whoever asks, whenever and in
    whatever language: it is then compiled once and not for every page. Never where Python puts the
    time, the language, the site or a tenant into it."""

    # -- what is declared --------------------------------------------------------------------

    def sources(self) -> dict[str, Products]:
        """Return the declarations of sellable models by lower-case label."""
        return self._sources

    @cached_property
    def _sources(self) -> dict[str, Products]:
        declared = self.products
        several = [declared] if isinstance(declared, Products) else list(declared)
        return {source.model.lower(): source for source in several}

    def line_sources(self) -> list[Lines]:
        """Return the declarations of order-line models."""
        return [self.lines] if isinstance(self.lines, Lines) else list(self.lines)

    def rating_sources(self) -> list[Ratings]:
        """Return the declarations of ratings; none where customers do not rate."""
        return [self.ratings] if isinstance(self.ratings, Ratings) else list(self.ratings)

    def view_sources(self) -> list[Views]:
        """Return the declarations of page views; none where they are not recorded."""
        return [self.views] if isinstance(self.views, Views) else list(self.views)

    def source_of(self, product: Model) -> Products:
        """Return the declaration that covers this product: of its class, else the nearest base.

        A proxy is covered by the declaration of its concrete model, and the other way round.
        """
        sources = self.sources()
        for model in type(product).__mro__:
            meta = getattr(model, "_meta", None)
            if meta is None or meta.abstract:
                continue
            if meta.label_lower in sources:
                return sources[meta.label_lower]
            for source in sources.values():
                if _model(source)._meta.concrete_model is model:
                    return source
        msg = f"{type(product).__name__} is none of the declared products: {', '.join(sources)}."
        raise ValueError(msg)

    # -- keys --------------------------------------------------------------------------------

    def key(self, product: Model) -> str:
        """Return the soft key of a product: its primary key, after the label of several models."""
        source = self.source_of(product)
        # A subclass may have a primary key of its own; lines know the declared model's.
        pk: Any = _model(source)._meta.pk
        return self.key_for(source.model, getattr(product, pk.attname))

    def key_for(self, label: str, pk: object) -> str:
        """Return the key of the row ``pk`` of a declared model."""
        return f"{label.lower()}:{pk}" if len(self.sources()) > 1 else str(pk)

    def split_key(self, key: str) -> tuple[str, str] | None:
        """Return (label, primary key as text) of a key, or None if it is none of ours."""
        sources = self.sources()
        if len(sources) == 1:
            return next(iter(sources)), key
        label, separator, pk = key.partition(":")
        return (label, pk) if separator and label in sources else None

    def embeddings(self, keys: Sequence[str]) -> Mapping[str, Sequence[float]]:
        """Return vectors of these keys' products, of their text or pictures, all of one length.

        Products left out have none. Read by builds, a page of keys at a time; default: none.
        """
        return {}

    # -- live values -------------------------------------------------------------------------

    def item_queryset(self, source: Products) -> QuerySet[Any]:
        """Return the rows that become items: what is sold, and the parents it is shown as."""
        rows: QuerySet[Any] = _model(source)._default_manager.all()
        if not source.counted:
            return rows
        sold = rows.filter(source.counted)
        if source.parent is None:
            return sold
        # EXISTS looks up one parent; IN would gather every variant for each page of a shop.
        children = sold.annotate(crosssell_parent=_expression(source.parent))
        return rows.filter(
            source.counted | Q(Exists(children.filter(crosssell_parent=OuterRef("pk"))))
        )

    def live_queryset(self, source: Products) -> QuerySet[Any]:
        """Return what may be shown now, with everything a block displays in one query."""
        queryset = self.item_queryset(source)
        if isinstance(source.active, Q):
            queryset = queryset.filter(source.active)
        elif isinstance(source.active, str):
            queryset = queryset.filter(**{source.active: True})
        elif source.active is not None:
            queryset = queryset.alias(crosssell_active=source.active).filter(crosssell_active=True)
        declared = {PRICE: source.price, CURRENCY: source.currency, TITLE: source.title}
        further = {
            name: _expression(path)
            for name, path in declared.items()
            if path is not None and not _is_at_hand(path)
        }
        return queryset.annotate(**further) if further else queryset

    def live_products(
        self, keys: Iterable[str], *, request: HttpRequest | None = None
    ) -> dict[str, Any]:
        """Return the products of these keys that may be shown now; one query per sellable model."""
        wanted: dict[str, list[str]] = {}
        for key in keys:
            split = self.split_key(key)
            if split is not None:
                wanted.setdefault(split[0], []).append(split[1])
        found: dict[str, Any] = {}
        for label, pks in wanted.items():
            source = self.sources()[label]
            valid = _valid_pks(_model(source), pks)
            if valid:
                for product in self._live_rows(source, valid):
                    found[self.key_for(label, product.pk)] = product
        return found

    def title(self, product: Any) -> str:
        """Return the product's name as a shopper reads it."""
        return str(self._declared_value(product, TITLE, self.source_of(product).title) or "")

    def price(self, product: Any, *, request: HttpRequest | None = None) -> Money | None:
        """Return what this shopper would pay for one now; None hides the price and the total."""
        source = self.source_of(product)
        amount = self._declared_value(product, PRICE, source.price)
        currency = self._declared_value(product, CURRENCY, source.currency)
        if amount is None or not currency:
            return None
        exact = Decimal(str(amount))  # through text: 9.9 as a float is 9.9000000000000003…
        return Money(exact, str(currency)) if exact.is_finite() else None

    def attributes(self, product: Any) -> Mapping[str, str]:
        """Return what a comparison tells of a product, name to value as a shopper reads them.

        From what ``live_queryset`` has loaded, in the order of the product's page. Default: none.
        """
        return {}

    def available(
        self, product: Any, *, quantity: int = 1, request: HttpRequest | None = None
    ) -> bool:
        """Tell whether this many can be bought now. Default: whatever may be shown."""
        return True

    def needs_choice(self, product: Any, *, request: HttpRequest | None = None) -> bool:
        """Tell whether a variant must be chosen first: a block then has a link, no tick box."""
        return False

    def url(self, product: Any, *, request: HttpRequest | None = None) -> str:
        """Return the address of the product's page."""
        absolute = getattr(product, "get_absolute_url", None)
        return str(absolute()) if callable(absolute) else ""

    def image_url(self, product: Any, *, request: HttpRequest | None = None) -> str:
        """Return the address of a picture, or nothing."""
        return ""

    # -- the shopper -------------------------------------------------------------------------

    def basket(self, request: HttpRequest) -> Sequence[BasketLine]:
        """Return what the shopper holds now."""
        return ()

    def customer(self, request: HttpRequest) -> str | None:
        """Return the key of the shopper, or None for an anonymous visitor."""
        user = getattr(request, "user", None)
        return str(user.pk) if user is not None and user.is_authenticated else None

    def guest_address(self, request: HttpRequest) -> str:
        """Return the address under which a guest's orders stand, as ``Lines.guest`` holds it.

        Only where the shop has made sure that it is this shopper's: what was bought under it is
        then left out and asked for by rules. Default: nobody's.
        """
        return ""

    def guest_key(self, email: str) -> str:
        """Return what stands for a guest: a keyed hash, since we keep no addresses."""
        salt = recommendation_settings().guest_key_salt
        digest = salted_hmac(salt, email.strip().lower(), algorithm="sha256").hexdigest()
        return f"guest:{digest[:32]}"

    def can_add_to_basket(self) -> bool:
        """Tell whether blocks may offer *add all to basket*: only where it is overridden."""
        return type(self).add_to_basket is not ShopAdapter.add_to_basket

    def add_to_basket(self, request: HttpRequest, product: Any, quantity: int = 1) -> None:
        """Put a product into the basket, or raise ``ValueError`` with words for the shopper."""
        msg = f"{type(self).__name__} does not override add_to_basket()."
        raise TypeError(msg)

    def remove_from_basket(self, request: HttpRequest, key: str, quantity: int = 1) -> None:
        """Take so many pieces of a key out of the basket, all of them at once or none.

        Raise ``ValueError`` with words for the shopper where the basket holds fewer.
        """
        msg = f"{type(self).__name__} does not override remove_from_basket()."
        raise TypeError(msg)

    def can_replace_in_basket(self) -> bool:
        """Tell whether an upgrade may take the place of a line: else its offer is a link only."""
        own = type(self)
        return own.replace_in_basket is not ShopAdapter.replace_in_basket or (
            self.can_add_to_basket()
            and own.remove_from_basket is not ShopAdapter.remove_from_basket
        )

    def replace_in_basket(
        self, request: HttpRequest, key: str, product: Any, quantity: int = 1
    ) -> None:
        """Put so many pieces of a product in the place of as many of ``key``, or change nothing.

        Raise ``ValueError`` with words for the shopper where that cannot be. Called in a
        transaction, which a ``ValueError`` undoes. Default: add the product, then take out
        ``key``, so that a basket outside the database holds too much at worst, never too little.
        """
        self.add_to_basket(request, product, quantity)
        self.remove_from_basket(request, key, quantity)

    def search(self, text: str, *, limit: int = 20) -> list[Any]:
        """Return products that a person means by ``text``: used by pickers and by the admin."""
        found: list[Any] = []
        for source in self.sources().values():
            titled = self.live_queryset(source).alias(crosssell_words=_expression(source.title))
            matching = titled.filter(crosssell_words__icontains=text).order_by("pk")
            found.extend(matching[: limit - len(found)])
            if len(found) >= limit:
                break
        return found

    # -- helpers -----------------------------------------------------------------------------

    def _live_rows(self, source: Products, pks: Sequence[Any]) -> Iterable[Any]:
        """Return live products by primary key, unordered: the caller has an order of its own."""
        if not self.fixed_live_query:
            return self.live_queryset(source).filter(pk__in=pks).order_by()
        if source.model not in self._compiled_rows:
            self._compiled_rows[source.model] = CompiledRows(self.live_queryset(source))
        return self._compiled_rows[source.model](pks)

    @cached_property
    def _compiled_rows(self) -> dict[str, CompiledRows]:
        return {}

    def _declared_value(self, product: Any, annotation: str, path: Path | None) -> Any:
        """Read an annotated value, else walk a plain path, else ask the database."""
        if annotation in product.__dict__:
            return product.__dict__[annotation]
        if path is None:
            return None
        if isinstance(path, str):
            value: Any = product
            for step in path.split("__"):
                value = getattr(value, step, None)
                if value is None:
                    return None
            return value
        constant = getattr(path, "value", None)  # Value("EUR")
        if constant is not None:
            return constant
        rows = type(product)._base_manager.filter(pk=product.pk)
        return rows.values_list(_expression(path), flat=True).first()


def _is_at_hand(path: Path) -> bool:
    """Tell whether a loaded product answers by itself: a column of its own, or a constant.

    Each annotation that is not needed saves a page about a tenth of a millisecond.
    """
    return "__" not in path if isinstance(path, str) else hasattr(path, "value")


def _expression(path: Path) -> Any:
    return F(path) if isinstance(path, str) else path


def _model(source: Products) -> type[Model]:
    return apps.get_model(source.model)


def _valid_pks(model: type[Model], pks: Sequence[str]) -> list[Any]:
    """Return the primary keys that the model could hold; nothing else reaches the database."""
    field: Any = model._meta.pk
    while field.remote_field is not None:  # a subclass' key is a relation to its base's
        field = field.target_field
    valid = []
    for text in pks:
        # No database takes these in a text, and no product is called so.
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            continue
        try:
            pk = field.to_python(text)
            field.run_validators(pk)
        except (ValidationError, ValueError, TypeError, OverflowError):
            continue
        valid.append(pk)
    return valid
