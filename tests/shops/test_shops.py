"""Every example shop: migrate a fresh database, no pending migration, sync, build, recommend.

Each is a Django project of its own with settings of its own, so each runs in its own process.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import POSTGRES

ROOT = Path(__file__).resolve().parents[2]
SHOPS = sorted(path.parent.name for path in Path(__file__).parent.glob("*/settings.py"))
CONTRACT = 16
"""Tests of the contract; none may go missing from a shop's suite."""


def run(shop: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "tests.shops.run", shop],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def assert_passed(done: subprocess.CompletedProcess[str]) -> None:
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    ran = re.search(r"Ran (\d+) tests", output)
    assert ran is not None, output
    assert int(ran[1]) >= CONTRACT, output
    assert "No changes detected" in output, output


def test_all_shops_are_there():
    assert set(SHOPS) == {
        "autofield", "favourites", "late", "oscar", "salesman", "several", "stranger", "uuids",
        "variants",
    }  # fmt: skip


@pytest.mark.parametrize("shop", SHOPS)
def test_shop(shop):
    assert_passed(run(shop))


@pytest.mark.postgres
@pytest.mark.parametrize("shop", SHOPS)
def test_shop_on_postgres(shop):
    assert_passed(run(shop, DATABASE_URL=POSTGRES.url))


def test_a_shop_that_breaks_the_contract_fails(tmp_path):
    """The runner reports what the contract finds: here an adapter that counts unpaid orders."""
    broken = tmp_path / "broken.py"
    broken.write_text(
        "from recommendations.adapters import Lines\n"
        "from tests.shops.uuids.crosssell import Shop as Good\n\n\n"
        "class Shop(Good):\n"
        "    lines = Lines('uuids.Line', product='product_id', order='order_id',\n"
        "                  customer='order__user_id', placed_at='order__created')\n"
    )
    done = run(
        "uuids",
        CROSSSELL_TEST_SHOP="broken.Shop",
        PYTHONPATH=os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]),
    )
    output = done.stdout + done.stderr
    assert done.returncode == 1, output
    failed = set(re.findall(r"^FAIL: (\w+)", output, re.MULTILINE))
    assert failed == {
        "test_lines_that_are_no_sale_are_left_out",
        "test_a_customer_is_one_and_nobody_is_never_the_same",
        "test_from_orders_to_recommendations",
    }, output


def code_of(path: Path, words: str) -> list[str]:
    """Return the code blocks of a page that contain certain words."""
    blocks = re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL)
    return [block for block in blocks if words in block]


@pytest.mark.parametrize("page", ["README.md", "docs/plugging-in-a-shop.md"])
def test_the_adapter_that_the_documentation_shows_is_the_one_that_runs(page):
    path = ROOT / page
    (shown,) = [
        code for code in code_of(path, "class MyShop(ShopAdapter)") if "lines = Lines(" in code
    ]
    adapter = (Path(__file__).parent / "stranger" / "crosssell.py").read_text()
    assert adapter.removeprefix("# fmt: off\n") in shown
    assert len(shown.strip().splitlines()) <= 20
