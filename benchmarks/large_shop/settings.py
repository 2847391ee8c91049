"""Settings of a benchmark run: nothing but the library and the shop that is measured."""

import os

import environ

SECRET_KEY = "only-for-benchmarks"  # noqa: S105
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "recommendations.apps.RecommendationsConfig",
    "benchmarks.large_shop.apps.LargeShopConfig",
]
DATABASES = {"default": environ.Env.db_url_config(os.environ["CROSSSELL_BENCHMARK_DATABASE"])}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
CROSSSELL_SHOP = "benchmarks.large_shop.crosssell.LargeShop"
RECOMMENDATIONS = {"NEIGHBOURS": int(os.environ.get("CROSSSELL_BENCHMARK_NEIGHBOURS", "20"))}
