"""The real export, and the figures that its publisher's documentation gives after cleaning."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model

from shop.importing.source import OrderFile
from shop.importing.survey import survey_file
from shop.importing.writer import write_sales
from shop.models import Order, OrderLine, Product

pytestmark = pytest.mark.real_data


@pytest.mark.django_db
def test_the_figures_of_the_first_edition(online_retail):
    survey = survey_file(OrderFile(online_retail), zone=ZoneInfo("Europe/London"))
    report = write_sales(survey, currency="GBP")
    assert report.rows == 525_461
    assert report.sale_lines == OrderLine.objects.count() == 509_152
    assert report.orders == Order.objects.count() == 20_573
    assert Product.objects.count() == 4_213
    assert get_user_model().objects.count() == 4_285
    assert report.rows == report.sale_lines + report.rows_left_out
