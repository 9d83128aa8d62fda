"""Schools' money: files and facts (S8 to S11)."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.facts import FactQuestion, Standing, gather
from core.tabular.services import run
from people.models import Authority
from people.packs import require_pack
from schools.choices import Phase
from schools.models import BudgetPlan, FinanceReturn, RollCount, School
from schools.pack import finance_of
from tests.factories.people import NOW, TODAY, make_authority, make_pack
from tests.factories.schools import make_school
from tests.factories.tables import csv_bytes, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority() -> Authority:
    found = make_authority("999", "Wealdshire")
    make_pack(found)
    make_school(found, "Oakfield Primary School", urn=300, establishment_number=2001)
    make_school(found, "Elmwood High School", urn=301, establishment_number=4002, phase=Phase.SECONDARY)
    make_school(found, "Yew Tree Primary School", urn=302, establishment_number=2003)
    return found


@pytest.fixture
def load(tmp_path: Path, authority: Authority) -> Any:
    def import_rows(kind: str, content: bytes, *, name: str = "", year: int | None = None) -> dict[str, Any]:
        path = written(tmp_path, name or f"{kind}.csv", content)
        with path.open("rb") as file:
            batch = run(
                actor=None, kind=kind, authority_code="999", file=file, file_name=path.name, at=NOW, on=TODAY, year=year, should_commit=True
            )
        return dict(batch.summary)

    return import_rows


RETURN = (
    "URN",
    "DfE number",
    "Financial year",
    "Income",
    "Committed balance",
    "Uncommitted balance",
    "Revenue reserve",
    "Revenue moved to capital",
)
PLAN = ("URN", "First year", "Version", "Received", "Balance year 1", "Balance year 2", "Balance year 3", "To capital year 1")


def facts_of(authority: Authority, school: School, *codes: str) -> list[Any]:
    table = gather(codes, FactQuestion(School.objects.filter(authority=authority), TODAY, authority))
    values = [table.value(code, school.pk) for code in codes]
    return [value.value if value.is_figure else value.standing for value in values]


def test_returns_are_kept_by_year_and_wrong_rows_say_what_is_wrong(load: Any, authority: Authority) -> None:
    rows = [
        [300, "", "2006/07", "800,000", "20000", "60000", "", ""],
        [300, "", "2007/08", "£900,000", "20000", "81000", "101000", "5000"],
        ["", "999/4002", "2007/08", "4000000", "100000", "90000", "", ""],
    ]
    assert load("finance-returns", csv_bytes(RETURN, rows))["created"] == 3
    row = FinanceReturn.objects.get(school__urn=300, financial_year=2007)
    assert (row.reserve_pence, row.uncommitted_pence, row.to_capital_pence) == (101_000_00, 81_000_00, 5_000_00)
    wrong = load(
        "finance-returns",
        csv_bytes(
            RETURN,
            [
                [300, "", "2008/09", "800000", "1", "1", "", ""],
                [300, "", "2007", "800000", "1", "1", "", ""],
                [300, "", "2007/08", "800000", "1000", "1000", "9000", ""],
                [302, "", "2007/08", "800000", "", "", "", ""],
            ],
        ),
    )
    assert [(error["row"], error["column"]) for error in wrong["errors"]] == [
        (3, "Financial year"),
        (2, "Financial year"),
        (4, "Revenue reserve"),
        (5, "Revenue reserve"),
    ]
    assert not wrong["committed"]
    corrected = load("finance-returns", csv_bytes(RETURN, [[300, "", "2007/08", "900000", "20000", "71000", "", "5000"]]))
    assert (corrected["updated"], corrected["created"]) == (1, 0)


def test_a_federation_files_one_return_and_who_supplied_none_is_not_nought(load: Any, authority: Authority) -> None:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("Guidance").write(0, 0, "Read me")
        sheet = book.add_worksheet("CFR_Data")
        sheet.write(0, 0, "School level total income and expenditure data 2007-08 (£)")
        header = (
            "LAEstab", "URN", "School Name", "Period covered by return (months)", "Did Not Supply flag", "FederatedSubmission",
            "Lead school in federation", "Total income", "B01 Committed revenue balances", "B02 Uncommitted revenue balances",
            "B06 Community-focused school revenue balances", "Revenue Reserve: B01 + B02 + B06",
        )  # fmt: skip
        for place, row in enumerate(
            [
                header,
                (9992001, 300, "Oakfield", 12, "", "Y", 9992001, 900000, 20000, 80000, 1000, 101000),
                (9992003, 302, "Yew Tree", "", "", "Y", 9992001, "", "", "", "", ""),
                (9994002, 301, "Elmwood", "", "DNS", "", "", "DNS", "", "", "", ""),
                (8862001, 900, "Elsewhere", 12, "", "", "", 1, 1, 1, 1, 3),
            ],
            start=2,
        ):
            sheet.write_row(place, 0, row)
    ahead = load("cfr", out.getvalue(), name="cfr.xlsx", year=2008)
    assert ahead["errors"][0]["message"].startswith("2008/09 has not closed: it ends on 31/03/2009.")
    report = load("cfr", out.getvalue(), name="cfr.xlsx", year=2007)
    assert (report["created"], report["skipped"], report["error_count"]) == (3, 1, 0)
    states = dict(FinanceReturn.objects.values_list("school__urn", "state"))
    assert states == {300: "supplied", 302: "federated", 301: "not_supplied"}
    assert FinanceReturn.objects.get(school__urn=302).lead_urn == 300
    assert FinanceReturn.objects.get(school__urn=301).reserve_pence is None
    oak, elm = School.objects.get(urn=300), School.objects.get(urn=301)
    assert facts_of(authority, oak, "finance.reserve", "finance.deficit_now") == [Decimal(101000), False]
    assert facts_of(authority, elm, "finance.reserve", "finance.deficit_now") == [Standing.UNKNOWN, Standing.UNKNOWN]


def test_a_plan_is_never_changed_and_other_figures_are_the_next_version(load: Any, authority: Authority) -> None:
    first = [[300, "2008/09", "", "30/05/2008", "20000", "5000", "1000", "12000"]]
    assert load("budget-plans", csv_bytes(PLAN, first))["created"] == 1
    assert load("budget-plans", csv_bytes(PLAN, [[*first[0][:3], "31/05/2008", *first[0][4:]]]))["unchanged"] == 1
    refused = load("budget-plans", csv_bytes(PLAN, [[300, "2008/09", "1", "01/09/2008", "20000", "-5000", "-9000", ""]]))
    assert [error["column"] for error in refused["errors"]] == ["Version"]
    assert load("budget-plans", csv_bytes(PLAN, [[300, "2008/09", "", "01/09/2008", "20000", "-5000", "-9000", "12000"]]))["created"] == 1
    assert list(BudgetPlan.objects.values_list("version", flat=True)) == [2, 1]
    load(
        "finance-returns",
        csv_bytes(RETURN, [[300, "", "2007/08", "900000", "20000", "81000", "", ""], [301, "", "2007/08", "1", "1", "1", "", ""]]),
    )
    oak, elm = School.objects.get(urn=300), School.objects.get(urn=301)
    codes = ("finance.deficit_forecast", "finance.deficit_first_year", "finance.capital_planned", "finance.plan_received")
    assert facts_of(authority, oak, *codes) == [True, 2, 12000, True]
    assert facts_of(authority, elm, *codes) == [Standing.UNKNOWN, Standing.UNKNOWN, Standing.UNKNOWN, False]


def test_rolls_and_shares_of_pupils(load: Any, authority: Authority) -> None:
    columns = ("URN", "January", "Pupils", "Free school meals %")
    load("january-rolls", csv_bytes(columns, [[300, 2007, 200, "10"], [300, 2008, 190, "12.5%"], [301, 2008, 900, ""]]))
    assert RollCount.objects.count() == 3
    assert load("january-rolls", csv_bytes(columns, [[300, 2009, 180, "9"]]))["errors"][0]["message"] == "January 2009 is still to come."
    oak, elm, yew = (School.objects.get(urn=urn) for urn in (300, 301, 302))
    codes = ("roll.number", "roll.change_1y", "roll.fsm", "roll.lac")
    assert facts_of(authority, oak, *codes) == [190, Decimal(-5), Decimal("12.5"), Standing.UNKNOWN]
    assert facts_of(authority, elm, *codes[:2]) == [900, Standing.UNKNOWN]
    assert facts_of(authority, yew, *codes[:2]) == [Standing.UNKNOWN, Standing.UNKNOWN]


def test_the_threshold_is_a_share_of_income_or_the_least_sum_and_net_of_commitments(authority: Authority) -> None:
    part = finance_of(require_pack(authority, TODAY).content)
    assert part.excess("primary", uncommitted=90_000_00, income=1_000_000_00) == 10_000_00
    assert part.excess("secondary", uncommitted=50_000_00, income=1_000_000_00) == 0
    assert part.excess("primary", uncommitted=9_000_00, income=50_000_00) == 0, "eight per cent is less than £10,000"
    assert part.excess("16-plus", uncommitted=1, income=1) is None
