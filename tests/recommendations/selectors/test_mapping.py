"""What ``crosssell_check`` finds wrong with what a shop maps."""

from __future__ import annotations

from recommendations.selectors.mapping import ProductMapping, problems


def told(**example):
    example = {"key": "1", "title": "Kettle", **example}
    mapping = ProductMapping(model="shop.Product", products=1, shown=1, example=example)
    return [problem for problem in problems([mapping], []) if "shop.Product" in problem]


def test_addresses_that_blocks_leave_out_are_told_and_cannot_write_to_a_terminal():
    assert told(url="/p/1/", image_url="https://cdn.example.com/1.png") == []
    (problem,) = told(url="javascript:\x1b[2J", image_url="")
    assert "leave out the url 'javascript:\\x1b[2J'" in problem
    assert len(told(url="data:x", image_url="data:y")) == 2
