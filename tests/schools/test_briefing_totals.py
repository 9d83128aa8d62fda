"""An authority with the briefings' figures gives the briefings' own totals (P22, P23, S8 to S10)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from people.models import Authority
from tests.factories import briefing
from tests.factories.people import make_authority, make_pack

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def county(django_db_setup: None, django_db_blocker: Any) -> Iterator[Authority]:
    with django_db_blocker.unblock(), transaction.atomic():
        found = make_authority("999", "Wealdshire")
        make_pack(found)
        schools = briefing.make_county(found)
        briefing.inspect(found, schools)
        briefing.account(found, schools)
        yield found
        transaction.set_rollback(True)


def printed(*command: str) -> Any:
    out = io.StringIO()
    call_command(*command, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


def test_the_finance_summary_gives_the_briefing_s_totals(county: Authority) -> None:
    found = printed("finance_summary", "--authority", "999", "--year", "2008")
    assert (found["reserves"]["total"], found["reserves"]["change_percent"], found["reserves"]["uncommitted"]) == (
        "£67.6m",
        "7.2",
        "£28.1m",
    )
    assert found["large_balance"] == {"schools": 92, "of": 575, "percent": 16}
    assert found["persistently_high"] == 60
    assert found["static_or_falling_rolls"] == {"schools": 294, "of": 575, "percent": 51}
    assert [(line["financial_year"], line["schools"], line["total"]) for line in found["deficits"]] == [
        ("2008/09", 10, "£0.6m"),
        ("2009/10", 42, "£2.9m"),
        ("2010/11", 64, "£7.8m"),
    ]
    assert found["closed_year"] == "2007/08 (to 31 March 2008)"


def test_the_top_ten_key_issues_are_the_briefing_s(county: Authority) -> None:
    rows = printed("top_key_issues", "--authority", "999", "--phase", "primary")
    assert [row["schools"] for row in rows] == [136, 126, 98, 87, 67, 64, 64, 55, 55, 51]
    assert [row["theme"] for row in rows[:2]] == ["marking", "writing"]
    assert printed("top_key_issues", "--authority", "999", "--phase", "secondary") == []
