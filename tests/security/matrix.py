"""Who gets what at which address: one entry of `matrix` per route, and a list of questions in it.

A route without an entry fails the test. For a new one add a line: `shared` for what is the same for
everybody, `own` for what is of whoever asks, `admin_model` for the pages of a model in the admin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tests.security.people import MARKER, Shop

Statuses = tuple[int, ...]
"""In the order of `people.ROLES`: anonymous, anna, bert, staff without permission, staff, owner."""

ALL: Statuses = (200,) * 6
EXPLAINED: Statuses = (403, 403, 403, 403, 200, 200)
LOGIN: Statuses = (302, 200, 200, 200, 200, 200)
MAY_VIEW: Statuses = (302, 302, 302, 403, 200, 200)
MAY_CHANGE: Statuses = (302, 302, 302, 403, 403, 200)
NOBODY: Statuses = (302, 302, 302, 403, 403, 403)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request to a route, and what each role is answered."""

    statuses: Statuses
    kind: Literal["shared", "own", "page"] = "own"
    """The same for everybody; of whoever asks and never stored; a page of the shop."""
    args: Sequence[object] = ()
    query: str = ""
    method: str = "GET"
    data: Mapping[str, object] = field(default_factory=dict)
    catalogue: bool = False
    """The page lists what the shop sells: there the titles of a customer's things are no secret."""


def asked(statuses: Statuses = ALL, *args: object, **values: Any) -> Question:
    """Return a question for what is of whoever asks."""
    return Question(statuses=statuses, args=args, **values)


def matrix(shop: Shop) -> dict[str, list[Question]]:
    """Return what is asked of every route."""
    return {
        **{f"crosssell:{name}": several for name, several in _blocks(shop).items()},
        **{f"shop:{name}": several for name, several in _pages(shop).items()},
        **{f"admin:crosssell_{name}": several for name, several in _admin(shop).items()},
    }


def posted(statuses: Statuses, *args: object, **data: object) -> Question:
    """Return a question that changes something, with a form that says nothing if it is empty."""
    return asked(statuses, *args, method="POST", data=data)


def shared(*args: object, **values: Any) -> list[Question]:
    """Return the questions for a shelf that is the same for everybody, and explained to staff."""
    plain = Question(statuses=ALL, kind="shared", args=args, **values)
    explained = asked(EXPLAINED, *args, query="explain=1")
    return [plain, explained, asked((405,) * 6, *args, method="POST")]


def own(*args: object) -> list[Question]:
    """Return the questions for a shelf of whoever asks, and explained to staff."""
    return [
        asked(ALL, *args),
        asked(EXPLAINED, *args, query="explain=1"),
        # Whose it is, nobody can name.
        asked((400,) * 6, *args, query="customer=1"),
        asked((400,) * 6, *args, query="user=1"),
    ]


def _beside(shop: Shop) -> tuple[list[Question], list[Question]]:
    """Return the questions for what stands beside an item, as JSON and as a fragment."""
    key, hidden = shop.viewed.pk, asked((404,) * 6, shop.hidden.pk)
    json = [*shared(key), asked(ALL, key, query="basket=1"), hidden]
    fragment = [
        asked(ALL, key),
        Question(statuses=ALL, kind="shared", args=(key,), query="basket=0"),
        asked((403,) * 6, key, query="explain=1"),
        asked((400,) * 6, key, query="customer=1"),
        hidden,
    ]
    return json, fragment


def _fragment(several: Sequence[Question]) -> list[Question]:
    """Return the questions for a shelf's HTML, which explains itself to nobody."""
    return [
        replace(each, statuses=(403,) * 6) if each.query == "explain=1" else each
        for each in several
    ]


def _blocks(shop: Shop) -> dict[str, list[Question]]:
    entries: dict[str, list[Question]] = {
        "basket-add": [asked((405,) * 6), posted((302,) * 6)],
        "basket-replace": [asked((405,) * 6), posted((302,) * 6)],
        "feedback": [asked((405,) * 6), posted((302,) * 6)],
        "personal": [asked((405,) * 6), posted((302,) * 6, personal="on")],
        # They read JSON, not forms.
        "api-basket-add": [asked((405,) * 6), posted((415,) * 6)],
        "api-basket-replace": [asked((405,) * 6), posted((415,) * 6)],
        "about": [asked()],
        "schema": [asked(kind="page")],
        "docs": [asked(kind="page")],
        # Everything else below the API's address.
        r"crosssell/api/v1/[\s\S]*": [],
    }
    for name in ("together", "upgrades", "also-viewed", "similar"):
        entries[name], entries[f"{name}-fragment"] = _beside(shop)
    for name in (
        "my-recommendations", "my-buy-again", "my-recently-viewed", "my-visit", "basket-upgrades",
    ):  # fmt: skip
        entries[name], entries[f"{name}-fragment"] = own(), _fragment(own())
    for name in ("trending", "new-arrivals"):
        entries[name] = shared()
        entries[f"{name}-fragment"] = [*_fragment(own()), *_fragment(shared(query="basket=0"))]
    of_items = Question(statuses=ALL, kind="shared", query=f"items={shop.viewed.pk}")
    name = "basket-recommendations"
    entries[name] = [*own(), of_items]
    entries[f"{name}-fragment"] = [*_fragment(own()), of_items]
    return entries


def _pages(shop: Shop) -> dict[str, list[Question]]:
    anna, bert = (shop.orders[name] for name in MARKER)
    page = Question(statuses=ALL, kind="page", catalogue=True)
    category = shop.viewed.category
    assert category is not None
    return {
        "home": [page],
        "products": [page],
        "category": [replace(page, args=(category.slug,))],
        "search": [replace(page, query="q=Everyday")],
        "product": [
            replace(page, args=(shop.viewed.slug,), catalogue=False),
            asked((404,) * 6, shop.hidden.slug),
        ],
        "review": [posted((302,) * 6, shop.viewed.slug, stars=1)],
        "picture": [asked((404,) * 6, 0, "none")],
        "category_picture": [asked((404,) * 6, 0, "none")],
        "basket": [asked(kind="own")],
        "basket_add": [posted((302,) * 6, product=shop.hidden.pk, quantity=1)],
        "basket_change": [posted((302,) * 6, product=shop.hidden.pk, quantity=1)],
        "checkout": [asked((302, 200, 200, 302, 302, 302))],
        "confirmation": [
            asked((404, 200, 404, 404, 404, 404), anna),
            asked((404, 404, 200, 404, 404, 404), bert),
        ],
        "account": [asked(LOGIN)],
        "login": [asked((200, 302, 302, 302, 302, 302))],
        "logout": [asked((405,) * 6)],
        "sign_up": [asked((200, 302, 302, 302, 302, 302))],
        "order": [
            asked((302, 200, 404, 404, 404, 404), anna),
            asked((302, 404, 200, 404, 404, 404), bert),
        ],
        # Nobody's own: whoever asks for another's order is told that there is none.
        "cancel": [
            posted((302, 404, 404, 404, 404, 404), "N-0"),
            asked((302, 405, 405, 405, 405, 405), anna),
        ],
    }


def _admin(shop: Shop) -> dict[str, list[Question]]:
    rows, item = shop.rows, shop.rows["item"]
    entries = {
        **admin_model("promotions_campaign", rows["campaign"]),
        **admin_model("promotions_coupon", rows["coupon"]),
        **admin_model("bundles_bundle", rows["bundle"]),
        **admin_model("recommendations_placement", rows["placement"]),
        **admin_model("recommendations_exclusion", rows["exclusion"]),
        **admin_model("recommendations_merchandising", rows["merchandising"]),
        **admin_model("recommendations_item", item, add=NOBODY, delete=NOBODY),
        **admin_model("recommendations_build", rows["build"], add=NOBODY, delete=NOBODY),
        **admin_model("recommendations_modelchoice", rows["choice"], add=NOBODY, delete=NOBODY),
        # Its pages are one: who opens a row is sent there.
        "recommendations_modelchoice_change": [asked((302,) * 6, rows["choice"])],
    }
    build, choice = "recommendations_build", "recommendations_modelchoice"
    return entries | {
        f"{build}_compare": refused(),
        f"{build}_rebuild": refused("together"),
        f"{build}_roll_back": refused("together"),
        f"{build}_publish": refused(rows["build"]),
        f"{build}_force": refused(rows["build"]),
        f"{build}_progress": [asked(MAY_VIEW, rows["build"])],
        f"{choice}_progress": [asked(MAY_VIEW)],
        f"{choice}_choose": refused("item"),
        f"{choice}_auto": refused("item"),
        "recommendations_item_ladder": refused(item, rule="offer", upgrade=item),
        "recommendations_placement_preview": [
            posted(MAY_VIEW, slug="product", count=3, preview_item=item)
        ],
        "recommendations_placement_products": [asked(MAY_VIEW, query="q=Kettle")],
        # Blocks of a shopper's own are explained as for a stranger, whoever asks.
        "recommendations_placement_explain": [
            asked((302, 302, 302, 405, 405, 405), method="POST"),
            *(
                asked(MAY_VIEW, query=f"placement={slug}&product={shop.viewed.pk}&customer=1")
                for slug in ("product", "basket", "customer", "buy-again", "recently-viewed")
            ),
        ],
    }


def refused(*args: object, **data: object) -> list[Question]:
    """Return the question for a button: a POST that only those may make who have a permission."""
    return [posted(MAY_CHANGE[:5], *args, **data)]


def admin_model(
    name: str, pk: object, *, add: Statuses = MAY_CHANGE, delete: Statuses = MAY_CHANGE
) -> dict[str, list[Question]]:
    """Return the questions for Django's own pages of a model in the admin."""
    return {
        f"{name}_changelist": [asked(MAY_VIEW)],
        f"{name}_add": [asked(add), posted(add[:5])],
        f"{name}_history": [asked(MAY_VIEW, pk)],
        f"{name}_delete": [asked(delete, pk), posted(delete[:5], pk)],
        f"{name}_change": [asked(MAY_VIEW, pk), posted(MAY_CHANGE[:5], pk)],
    }
