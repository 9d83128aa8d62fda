"""Print the finance briefing's totals: ``python manage.py finance_summary --authority 999 --year 2008 --format json``.

``--year`` is the year that opens: 2008 is the closing balances of 2007/08 and the plans from 2008/09.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.access import Refused
from core.calendar import FinancialYear
from core.components.formats import plural
from core.numbers import format_millions, format_percent
from people.models import Authority
from people.packs import require_pack
from schools.models import School
from schools.pack import finance_of
from schools.selectors.finance import FinanceSummary, money_of, opening_year, rolls_of, summarise


class Command(BaseCommand):
    help = "Total the reserves, deficits forecast and rolls of the open schools (S8 to S10)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE")
        parser.add_argument("--year", type=int, help="the year that opens, by its first calendar year; by default the latest with returns")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        authority = Authority.objects.filter(code=options["authority"]).first()
        if authority is None:
            raise CommandError(f"No authority here has the code {options['authority']}.")
        on = clock.today()
        try:
            pack = require_pack(authority, on)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        year = options["year"] or opening_year(authority.pk, on)
        schools = School.objects.filter(authority=authority).open_on(on)
        money = money_of(schools, year, finance_of(pack.content))
        static = pack.content.setting_decimal("static_roll_percent", authority.settings)
        found = summarise(money.values(), rolls_of(schools, year - 1, year), year, static_percent=static)
        if options["format"] == "json":
            self.stdout.write(json.dumps(as_json(found), indent=2, ensure_ascii=False))
            return
        change = found.change_percent
        self.stdout.write(
            f"Reserves at the end of {found.closed}: {format_millions(found.reserves)}"
            + (f" ({format_percent(change, 1)} on the year before)" if change is not None else "")
        )
        self.stdout.write(f"Uncommitted: {format_millions(found.uncommitted)}")
        self.stdout.write(f"Above the large balance: {found.large}")
        self.stdout.write(f"Above the threshold year after year: {found.persistent}")
        self.stdout.write(f"Static or falling rolls, January {found.january}: {found.static_rolls}")
        for line in found.deficits:
            self.stdout.write(
                f"Deficit forecast in {line.year}: {plural(line.schools, 'school')}, {format_millions(line.total)} (before: {line.schools_before}, {format_millions(line.total_before)})"
            )


def as_json(found: FinanceSummary) -> dict[str, Any]:
    """Sums in pence, and as the briefing words them. Labels name both kinds of year that the figures rest on."""
    change = found.change_percent
    return {
        "year": found.year,
        "closed_year": found.closed.long_label,
        "plans_from": FinancialYear(found.year).label,
        "schools": found.schools,
        "reserves": {
            "total_pence": found.reserves,
            "total": format_millions(found.reserves),
            "before_pence": found.reserves_before,
            "change_percent": str(round(change, 1)) if change is not None else None,
            "uncommitted_pence": found.uncommitted,
            "uncommitted": format_millions(found.uncommitted),
        },
        "large_balance": _share(found.large.numerator, found.large.cohort, found.large.percent()),
        "over_threshold": {"schools": found.over_threshold, "excess_pence": found.excess},
        "persistently_high": found.persistent,
        "static_or_falling_rolls": _share(found.static_rolls.numerator, found.static_rolls.cohort, found.static_rolls.percent()),
        "deficits": [
            {
                "financial_year": line.year.label,
                "schools": line.schools,
                "total_pence": line.total,
                "total": format_millions(line.total),
                "schools_before": line.schools_before,
                "total_before_pence": line.total_before,
            }
            for line in found.deficits
        ],
        "without": {"return": found.without_return, "plan": found.without_plan, "roll": found.without_roll},
    }


def _share(schools: int, of: int, percent: Any) -> dict[str, Any]:
    return {"schools": schools, "of": of, "percent": int(percent) if percent is not None else None}
