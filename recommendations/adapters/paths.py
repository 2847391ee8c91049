"""Looks inside declared paths: which columns they name and whether those exist."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, Q
from django.db.models.constants import LOOKUP_SEP

if TYPE_CHECKING:
    from recommendations.adapters.declarations import Path


class PathError(ValueError):
    """A declared path names something that the model does not have."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def referenced_paths(declared: Path | Q | None) -> Iterator[str]:
    """Yield every ``a__b__c`` that a path, condition or expression reads."""
    if declared is None:
        return
    if isinstance(declared, str):
        yield declared
    elif isinstance(declared, F):
        yield str(declared.name)  # type: ignore[attr-defined]
    elif isinstance(declared, Q):
        for child in declared.children:
            if isinstance(child, tuple):
                yield child[0]
                yield from _values(child[1])
            else:
                yield from referenced_paths(child)  # type: ignore[arg-type]
    else:
        yield from _values(declared)


def _values(value: Any) -> Iterator[str]:
    """Yield the paths inside an expression; plain values hold none."""
    if isinstance(value, F | Q):
        yield from referenced_paths(value)
    elif hasattr(value, "get_source_expressions"):
        for source in value.get_source_expressions():
            if source is not None:
                yield from _values(source)


def check_path(model: type[Model], path: str) -> list[str]:
    """Return the steps of ``path`` that are fields; what remains are transforms and lookups.

    Raises
    ------
    PathError
        If the first step, or a step behind a relation, is no field of its model.

    """
    steps: list[str] = []
    at: type[Model] | None = model
    for step in path.split(LOOKUP_SEP):
        if at is None:  # behind a plain column: a transform or lookup, Django judges those
            break
        if step == "pk":
            steps.append(step)
            at = None
            continue
        field = _field(at, step, path)
        steps.append(step)
        # "user_id" names the column, nothing can be followed behind it.
        follows = field.is_relation and getattr(field, "attname", None) != step
        at = getattr(field, "related_model", None) if follows or step == field.name else None
    return steps


def _field(model: type[Model], step: str, path: str) -> Any:
    try:
        return model._meta.get_field(step)
    except FieldDoesNotExist:
        for field in model._meta.get_fields():
            if getattr(field, "attname", None) == step:
                return field
    names = sorted(
        {field.name for field in model._meta.get_fields()}
        | {str(f.attname) for f in model._meta.concrete_fields}
    )
    near = get_close_matches(step, names, n=1)
    message = f"{path!r}: {model._meta.label} has no field {step!r}."
    hint = f"Did you mean {near[0]!r}?" if near else f"It has: {', '.join(names)}."
    raise PathError(message, hint)


def many_valued_step(model: type[Model], path: str) -> str | None:
    """Return the first step of ``path`` that leads from one row to several, if there is one."""
    at: Any = model
    for step in check_path(model, path):
        if at is None or step == "pk":
            return None
        field = _field(at, step, path)
        if field.one_to_many or field.many_to_many:
            return step
        at = field.related_model if field.is_relation else None
    return None


def follows_foreign_key(model: type[Model], path: str) -> bool:
    """Tell whether ``path`` is a foreign key of the model itself, as in ``"order_id"``."""
    first, *rest = path.split(LOOKUP_SEP)
    if rest not in ([], ["pk"]):
        return False
    field = _field(model, first, path)
    return bool(field.many_to_one or field.one_to_one) and field.concrete
