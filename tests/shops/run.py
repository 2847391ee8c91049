"""Takes one example shop from a fresh database to recommendations: python -m tests.shops.run NAME.

Every shop is a project of its own, so each runs in a process of its own.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings

OURS = ("crosssell_recommendations", "crosssell_bundles", "crosssell_promotions")


def main(name: str) -> int:
    """Check, migrate and test a shop; return the number of failed tests."""
    os.environ["DJANGO_SETTINGS_MODULE"] = f"tests.shops.{name}.settings"
    import django
    from django.apps import apps
    from django.core.management import call_command
    from django.test.runner import DiscoverRunner

    warnings.simplefilter("default")
    django.setup()
    own = [app.label for app in apps.get_app_configs() if app.name.startswith("tests.shops.")]
    call_command("check", fail_level="WARNING", databases=["default"])
    # Exits with status 1 if a model of ours or of the shop differs from its migrations.
    call_command("makemigrations", *OURS, *own, check_changes=True, dry_run=True, verbosity=1)
    runner = DiscoverRunner(verbosity=1, interactive=False)
    importlib.import_module(f"tests.shops.{name}.suite")
    # Creating the test database migrates a fresh one.
    return runner.run_tests([f"tests.shops.{name}.suite"])


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1])))
