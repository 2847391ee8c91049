"""Splits what is declared about order lines into what the line knows and what its order knows.

A shop declares everything from the line: ``order__user_id``, ``Q(order__status="paid")``. Paths
that run only through the foreign key to the order can as well be read from the orders' own table,
once per order instead of once per line and without a join in the database.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, ForeignKey, Model, Q
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import OuterRef, RawSQL, Subquery
from django.db.models.sql.query import Query

from recommendations.adapters.declarations import Lines, Path
from recommendations.adapters.paths import referenced_paths


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SplitLines:
    """Where each declared path is read. Without ``order_model`` all are read from the line."""

    line_model: type[Model]
    line_order: Path
    line_counted: Q
    order_model: type[Model] | None = None
    order_key: Path | None = None
    customer: Path | None = None
    guest: Path | None = None
    placed_at: Path
    order_counted: Q = dataclasses.field(default_factory=Q)


def split_lines(lines: Lines) -> SplitLines:
    """Split a declaration in two, or leave it whole where a path needs both tables at once."""
    model = apps.get_model(lines.model)
    whole = SplitLines(
        line_model=model,
        line_order=lines.order,
        line_counted=lines.counted,
        customer=lines.customer,
        guest=lines.guest,
        placed_at=lines.placed_at,
    )
    link = order_link(model, lines.order)
    if link is None:
        return whole
    rebase = _Rebase(link)
    attributes = [path for path in (lines.customer, lines.guest, lines.placed_at) if path]
    if any(rebase.side(path) not in {"order", "either"} for path in attributes):
        return whole
    of_line, of_order = Q(), Q()
    for condition in conjuncts(lines.counted):
        if rebase.side(condition) == "order":
            of_order &= rebase.condition(condition)
        else:  # what needs both is left to the database: the scan of lines then joins the orders
            of_line &= condition
    return SplitLines(
        line_model=model,
        line_order=F(link.attname),
        line_counted=of_line,
        order_model=link.related_model,
        order_key=F(link.target_field.attname),
        customer=rebase.optional(lines.customer),
        guest=rebase.optional(lines.guest),
        placed_at=rebase.path(lines.placed_at),
        order_counted=of_order,
    )


def order_link(model: type[Model], order: Path) -> Any | None:
    """Return the foreign key whose value ``order`` names, or None if it names none."""
    name = getattr(order, "name", order)
    if not isinstance(name, str):
        return None
    first, _, rest = name.partition(LOOKUP_SEP)
    field: Any = next(
        (
            field
            for field in model._meta.concrete_fields
            if isinstance(field, ForeignKey) and first in {field.name, field.attname}
        ),
        None,
    )
    if field is None or not isinstance(field.related_model, type):
        return None
    target = field.target_field
    allowed = {"", target.name, target.attname} | ({"pk"} if target.primary_key else set())
    return field if rest in allowed and (not rest or first == field.name) else None


def conjuncts(condition: Q) -> Iterator[Q]:
    """Yield conditions that must all hold; together they mean the same as ``condition``."""
    if (condition.connector != Q.AND and len(condition.children) > 1) or condition.negated:
        yield condition
        return
    for child in condition.children:
        if isinstance(child, Q):
            yield from conjuncts(child)
        else:
            yield Q(child)


class _Rebase:
    """Moves paths from the line model to the order model behind one foreign key."""

    def __init__(self, link: Any) -> None:
        self.link = link
        self.model: type[Model] = link.related_model
        self.key: str = link.target_field.attname

    def side(self, declared: Path | Q) -> str:
        """Return where it is read: ``order``, ``line``, ``either`` (a constant) or ``mixed``."""
        if _opaque(declared):
            return "mixed"
        sides = {self._side(path) for path in referenced_paths(declared)}
        if sides == {"order", "key"}:
            return "order"
        if sides == {"key"}:
            return "line"
        if not sides:
            return "either"
        return sides.pop() if len(sides) == 1 else ("line" if sides <= {"line", "key"} else "mixed")

    def _side(self, path: str) -> str:
        first, _, rest = path.partition(LOOKUP_SEP)
        if first == self.link.attname:
            return "key"
        if first != self.link.name:
            return "line"
        return "order" if rest and self._is_field(rest.partition(LOOKUP_SEP)[0]) else "key"

    def _is_field(self, step: str) -> bool:
        if step == "pk":
            return True
        try:
            self.model._meta.get_field(step)
        except FieldDoesNotExist:
            return any(field.attname == step for field in self.model._meta.concrete_fields)
        return True

    def optional(self, declared: Path | None) -> Path | None:
        """Return a path as the order sees it, or None for none."""
        return None if declared is None else self.path(declared)

    def path(self, declared: Path) -> Path:
        """Return a path or expression as the order sees it."""
        return F(self._name(declared)) if isinstance(declared, str) else self._expression(declared)

    def condition(self, declared: Q) -> Q:
        """Return a condition as the order sees it."""
        children = [
            (self._name(child[0]), self._expression(child[1]))
            if isinstance(child, tuple)
            else self._expression(child)
            for child in declared.children
        ]
        return Q.create(children, connector=declared.connector, negated=declared.negated)

    def _name(self, path: str) -> str:
        first, _, rest = path.partition(LOOKUP_SEP)
        if self._side(path) == "order":
            return rest
        return LOOKUP_SEP.join(filter(None, (self.key, rest if first else "")))

    def _expression(self, value: Any) -> Any:
        if isinstance(value, Q):
            return self.condition(value)
        if isinstance(value, F):
            return F(self._name(value.name))  # type: ignore[attr-defined]
        if hasattr(value, "get_source_expressions"):
            copied = value.copy()
            copied.set_source_expressions(
                [
                    None if part is None else self._expression(part)
                    for part in value.get_source_expressions()
                ]
            )
            return copied
        return value


def _opaque(value: Any) -> bool:
    """Tell whether something inside reads tables of its own, which no prefix can be taken off."""
    if isinstance(value, Subquery | Query | OuterRef | RawSQL) or hasattr(value, "query"):
        return True
    if isinstance(value, list | tuple | set):
        return any(isinstance(part, F | Q) or _opaque(part) for part in value)
    if isinstance(value, Q):
        return any(
            _opaque(child[1] if isinstance(child, tuple) else child) for child in value.children
        )
    if getattr(value, "contains_aggregate", False) or getattr(value, "contains_over_clause", False):
        return True
    if hasattr(value, "get_source_expressions"):
        return any(_opaque(part) for part in value.get_source_expressions() if part is not None)
    return False
