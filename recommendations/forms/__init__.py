"""Form fields that several parts of the admin share."""

from recommendations.forms.conditions import ConditionField

__all__ = ["ConditionField"]
