"""Finance over the schools of one's scope: totals, thresholds, forecasts, flags, beside standards; and what other thresholds would say."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from core import audit, clock
from core.access import PortalView
from core.calendar import FinancialYear
from core.components.fields import Affixed, MoneyField
from core.components.forms import PortalFilterForm
from core.numbers import format_change, format_percent, format_total
from core.tabular.writing import export_response
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import Page, chosen_authority
from schools.models import School
from schools.pack import FinancePart, Threshold, finance_of
from schools.selectors.finance import FinanceSummary, Money, money_of, opening_year, summarise
from support.beside_standards import beside_standards, codes
from support.flags import FinanceFlags, finance_flags

EXPORTS = ("csv", "xlsx")


class _Asked:
    request: Any
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.FINANCE_OVERVIEW)

    @cached_property
    def policy(self) -> AuthorityPack:
        return require_pack(self.object, clock.today())

    @cached_property
    def part(self) -> FinancePart:
        return finance_of(self.policy.content)

    @cached_property
    def mine(self) -> QuerySet[School]:
        found: QuerySet[School] = (
            School.objects.granting(self.request.user, P.FINANCE_OVERVIEW).filter(authority=self.object).open_on(clock.today())
        )
        return found

    @cached_property
    def flags(self) -> FinanceFlags:
        return finance_flags(self.mine, self.policy, clock.today(), also=codes(self.part))

    @cached_property
    def rows(self) -> list[School]:
        return list(self.mine.select_related("authority", "cluster").order_by("name", "urn"))

    @property
    def chosen(self) -> str:
        code = str(self.request.GET.get("flag") or "")
        return code if code in {flag.code for flag in self.part.flags} else ""

    def shown(self) -> list[tuple[School, Money]]:
        """The schools on which the chosen flag is raised, or all; those above the threshold by most first."""
        found = [(school, self.flags.money[school.pk]) for school in self.rows]
        if self.chosen:
            found = [
                (school, money) for school, money in found if any(fired.flag.code == self.chosen for fired in self.flags.of(school.pk))
            ]
        return sorted(found, key=lambda pair: (-(pair[1].excess or 0), pair[0].name))

    def summary(self) -> FinanceSummary:
        static = self.policy.content.setting_decimal("static_roll_percent", self.object.settings)
        return summarise(self.flags.money.values(), self.flags.rolls, self.flags.year, static_percent=static)


class FinanceOverviewView(_Asked, Page):
    """Totals as the term's briefing gives them, flags with their counts, and every school (S8 to S11)."""

    permission = P.FINANCE_OVERVIEW
    template_name = "support/finance_overview.html"

    def authority_id(self) -> int | None:
        return self.object.pk

    def context(self) -> dict[str, Any]:
        found, summary = self.flags, self.summary()
        change = summary.change_percent
        beside = beside_standards(self.rows, found.money, found.table, self.part)
        shown = self.shown()
        return {
            "summary": summary,
            "reserves": format_total(summary.reserves),
            "change": f"{format_change(change, 1)}% on the year before" if change is not None else "",
            "uncommitted": format_total(summary.uncommitted),
            "deficits": [
                (line, format_total(line.total), format_total(line.total_before), line.schools_before) for line in summary.deficits
            ],
            "counts": [(flag, found.counts.get(flag.code, 0), found.unknown_counts.get(flag.code, 0)) for flag in self.part.flags],
            "lines": [_line(school, money, found) for school, money in shown],
            "chosen": self.part.flag(self.chosen) if self.chosen else None,
            "chart": beside.chart(f"Returns to {summary.closed.long_label}; latest results held") if beside.cells else None,
            "beside_without": beside.without,
            "plan_years": [FinancialYear(year) for year in range(found.year, found.year + self.part.plan_years)],
            "may_upload": self.user.hats.may_somewhere(P.FINANCE_IMPORT)
            and self.object.pk in self.user.hats.authorities_granting(P.FINANCE_IMPORT),
            "query": self.request.GET.urlencode(),
        }


def _line(school: School, money: Money, found: FinanceFlags) -> dict[str, Any]:
    over, known = money.years_excess
    return {
        "school": school,
        "money": money,
        "share": format_percent(money.percent, 1) if money.percent is not None else "",
        "years": f"{over} of {known}" if known else "",
        "balances": [(balance, balance is not None and balance < 0) for balance in money.balances],
        "flags": [fired.flag for fired in found.of(school.pk)],
    }


class FinanceExportView(_Asked, PortalView):
    """The schools that the page shows, with every figure, as CSV or a workbook. Sums in pounds."""

    permission = P.FINANCE_OVERVIEW

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        assert isinstance(request.user, User)
        if kind not in EXPORTS:
            raise Http404("Not found.")
        year = FinancialYear(self.flags.year)
        plan_years = [FinancialYear(found) for found in range(year.first, year.first + self.part.plan_years)]
        columns = (
            "School", "URN", "Phase", "Cluster", f"Income {year.previous}", f"Revenue reserve {year.previous}", "Uncommitted", "Share of income %",
            "Above the threshold by", "Years above, of those known", "Moved to capital", *(f"Plan {found}" for found in plan_years), "Plan version", "Flags",
        )  # fmt: skip
        rows = []
        for school, money in self.shown():
            closed = money.closed
            rows.append(
                (
                    school.name,
                    school.urn,
                    school.get_phase_display(),
                    school.cluster.name if school.cluster else "",
                    _pounds(closed.income_pence if closed else None),
                    _pounds(money.reserve),
                    _pounds(money.uncommitted),
                    money.percent.quantize(Decimal("0.1")) if money.percent is not None else None,
                    _pounds(money.excess),
                    "{} of {}".format(*money.years_excess),
                    _pounds(closed.to_capital_pence if closed else None),
                    *(_pounds(balance) for balance in money.balances),
                    money.plan.version if money.plan else None,
                    "; ".join(fired.flag.label for fired in self.flags.of(school.pk)),
                )
            )
        changes = {"rows": len(rows), "kind": kind, "flag": self.chosen}
        audit.record("finance.exported", actor=request.user, at=clock.now(), subject=request.user, authority=self.object, changes=changes)
        return export_response(f"finance-{year.previous.first}", columns, rows, kind)


def _pounds(pence: int | None) -> Decimal | None:
    return Decimal(pence).scaleb(-2) if pence is not None else None


# ---------------------------------------------------------------- what other thresholds would say


class ThresholdForm(PortalFilterForm):
    """Other thresholds to try; nothing is kept."""

    secondary = forms.DecimalField(label="Secondary", min_value=0, max_value=100, widget=Affixed(suffix="%"))
    others = forms.DecimalField(label="Primary, special and PRU", min_value=0, max_value=100, widget=Affixed(suffix="%"))
    least = MoneyField(label="Or, if greater")
    large = MoneyField(label="A large balance is above")


class ThresholdTryView(_Asked, Page):
    """How many schools other thresholds would take in, beside today's: who comes in, who goes out, and how much (S11)."""

    permission = P.FINANCE_OVERVIEW
    template_name = "support/threshold_try.html"

    def authority_id(self) -> int | None:
        return self.object.pk

    def context(self) -> dict[str, Any]:
        year = opening_year(self.object.pk, self.today)
        money = money_of(self.mine, year, self.part)
        now: dict[str, Any] = {"secondary": self.part.percent_for("secondary"), "others": self.part.percent_for("primary")}
        now |= {"least": self.part.minimum_excess, "large": self.part.large_balance}
        form = ThresholdForm(self.request.GET) if self.request.GET else ThresholdForm(initial=now)
        tried = self._tried(form.cleaned_data) if form.is_bound and form.is_valid() else None
        lines: list[tuple[str, int, int]] = []
        moves: list[tuple[School, str, str, Money]] = []
        if tried is not None:
            then = {pk: dataclasses.replace(row, part=tried) for pk, row in money.items()}
            lines = [(label, _count(money.values(), test), _count(then.values(), test)) for label, test in TESTS]
            excess = sum(row.excess or 0 for row in money.values()), sum(row.excess or 0 for row in then.values())
            moves = [
                (school, label, "comes in" if test(then[school.pk]) else "goes out", money[school.pk])
                for label, test in TESTS
                for school in self.rows
                if school.pk in money and bool(test(money[school.pk])) != bool(test(then[school.pk]))
            ]
        return {
            "form": form,
            "closed": FinancialYear(year - 1),
            "lines": lines,
            "excess": [format_total(sum_) for sum_ in excess] if tried is not None else [],
            "moves": moves,
            "unknown": sum(row.excess is None for row in money.values()),
            "of": len(money),
        }

    def _tried(self, asked: dict[str, Any]) -> FinancePart:
        thresholds = tuple(
            Threshold(row.code, row.phases, asked["secondary"] if "secondary" in row.phases else asked["others"])
            for row in self.part.thresholds
        )
        return dataclasses.replace(self.part, thresholds=thresholds, minimum_excess=asked["least"], large_balance=asked["large"])


TESTS: tuple[tuple[str, Any], ...] = (
    ("Above the threshold, net of commitments", lambda row: bool(row.excess)),
    ("Revenue reserve that is large", lambda row: row.is_large),
    ("Above the threshold in each of the five years", lambda row: row.is_persistent),
)


def _count(rows: Any, test: Any) -> int:
    return sum(1 for row in rows if test(row))
