"""Making Figures Speak, the summary sheet and the key figures of a school: what they say, and what they say of what is missing."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from core.documents import make
from schools.choices import Phase
from schools.models import School
from schools.registries import DataHeld, DataInstead, preparation_of
from targets.beside import BesideRow, Mark, beside_others
from targets.choices import EstimateKind, Level, Release, TargetState
from targets.documents import figures_document
from targets.models import Target
from targets.selectors.school import SchoolFigures
from targets.speaking import BY_CODE, Speaking
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_school
from tests.factories.targets import make_comparator, make_estimate, make_result, make_source
from tests.factories.visits import load_england_2008

pytestmark = pytest.mark.django_db

MAIN = "ks2.l4_en_ma"


@pytest.fixture
def held(world: World) -> World:
    """Oak: three summers of level 4 in both, falling below the floor; groups, one of them too small; six others to lie among."""
    source = make_source(world.authority, title="Key Stage 2 results")
    for year, reached in ((2005, 20), (2006, 18), (2007, 15)):
        release = Release.PROVISIONAL if year == 2007 else Release.FINAL
        make_result(world.oak, numerator=reached, cohort=29, year=year, release=release, source=source)
    fresh: dict[str, Any] = {"source": source, "release": Release.PROVISIONAL}
    make_result(world.oak, "ks2.l4_en", numerator=20, cohort=29, **fresh)
    make_result(world.oak, "fsp.gld", numerator=12, cohort=30, **fresh)
    make_result(world.oak, pupil_group="fsm", numerator=2, cohort=8, **fresh)
    make_result(world.oak, pupil_group="nonfsm", numerator=13, cohort=21, **fresh)
    make_result(world.oak, pupil_group="eal", reason="suppressed", code="SUPP", cohort=3, **fresh)
    make_comparator(world.authority, value="71", level=Level.AUTHORITY)
    make_comparator(world.authority, value="72")
    for number in range(6):
        make_result(make_school(world.authority), numerator=20 + number, cohort=30)
    make_estimate(world.oak, value="68", year=2009, kind=EstimateKind.D)
    Target.objects.create(
        school=world.oak, measure="ks2.l4_en_ma", summer=2010, value=Decimal(64), state=TargetState.PROPOSED, changed_at=NOW
    )
    return world


def page(world: World, name: str, url: str, status: int = 200) -> str:
    client = Client()
    client.force_login(world.people[name])
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def stage(school: School, code: str) -> str:
    return reverse("targets:figures-speak", args=[school.authority.code, school.urn, code])


def test_what_the_figures_say(held: World) -> None:
    speaking = Speaking(SchoolFigures(held.sip, held.oak, TODAY), BY_CODE["key-stage-2"])
    said = " ".join(speaking.summary)
    # 15 of 29 is 51.7%, 18 of 29 62.1%; P8: the floor of summer 2008 for both subjects together is the pack's
    assert "52% in 2008, 10 points down on 2007; 19 points below Wealdshire and 20 points below England" in said
    assert "One pupil is 3.4 points." in said
    assert "1 figure of summer 2008 is suppressed: so few pupils could be known." in said
    kinds = [type(chart).__name__ for chart in speaking.charts]
    assert kinds == ["Trend", "Bars", "Gaps", "Distribution"]
    gaps = speaking.charts[2]
    assert ["English as an additional language", "", "", ""] in [list(row) for row in gaps.rows]  # suppressed: no figure, never nought
    assert any(row[3] == "\N{MINUS SIGN}37" for row in gaps.rows)
    spread = speaking.charts[3]
    assert sum(int(row[1]) for row in spread.rows) == 7
    assert next(row[0] for row in spread.rows if "(" in row[0]).startswith("45 to 54")
    assert speaking.ahead == [("KS2 E and M L4+", "2010", "", "68%", "64%, proposed", None)]


def test_the_pages(held: World) -> None:
    text = page(held, "sip", stage(held.oak, "key-stage-2"))
    assert "provisional, 2 September 2008" in text
    assert "not held" in text  # level 4 in English has one summer only
    assert "The same figures as a table" in text
    page(held, "sip", stage(held.oak, "key-stage-4"), 404)  # not for a primary school
    page(held, "other_sip", stage(held.oak, "key-stage-2"), 404)
    assert "No results of this stage are held" in page(held, "sip", stage(held.oak, "key-stage-1"))
    overview = page(held, "head", held.oak.get_absolute_url())
    for words in ("Key figures", "64% in 2010", "Making Figures Speak"):
        assert words in overview
    sheet = page(held, "sip", reverse("targets:summary-sheet", args=["999", held.oak.urn]))
    assert "To know of" in sheet
    assert "64%, proposed" in sheet


def test_so_few_schools_that_a_band_would_name_them(held: World) -> None:
    """The pack's smallest number that is shown; the wall is no matter: nobody is named."""
    for school in School.objects.filter(results__measure="ks2.l4_en_ma").exclude(pk=held.oak.pk).distinct()[:2]:
        school.results.all().delete()
    charts = Speaking(SchoolFigures(held.sip, held.oak, TODAY), BY_CODE["key-stage-2"]).charts
    assert "Distribution" not in [type(chart).__name__ for chart in charts]


def test_floors_that_do_not_apply(world: World) -> None:
    unit = make_school(world.authority, phase=Phase.SPECIAL, cluster=world.north)
    make_result(unit, numerator=1, cohort=12)
    said = " ".join(Speaking(SchoolFigures(world.manager, unit, TODAY), BY_CODE["key-stage-2"]).summary)
    assert "Floors do not apply to this kind of school." in said
    assert "floor of" not in said


def parts_of(world: World, school: School) -> dict[str, Any]:
    return {part.code: part for part in preparation_of(world.sip, [school], TODAY)[school.pk] if isinstance(part, DataHeld | DataInstead)}


def test_what_is_ready_for_the_preparation(held: World) -> None:
    """P4's list: each with its source, release and date, and where to read it; what has no figures is not said to be there."""
    parts = parts_of(held, held.oak)
    assert parts["ks2-mfs"].release == "summer 2008, provisional"
    assert parts["ks2-mfs"].url == stage(held.oak, "key-stage-2")
    assert {"fsp-mfs", "sip-summary", "ks2", "fft-school-y456"} <= parts.keys()
    assert "ks1-mfs" not in parts
    assert parts["fft-school-y456"].release == "type D for summer 2010"
    assert parts["indicative-2010"].words == "FFT D estimate instead: level 4+ in both 68%."
    Target.objects.update(indicative=70)
    assert parts_of(held, held.oak)["indicative-2010"].release == "1 measure"


def test_the_document(held: World) -> None:
    """Tagged, with the page's own markup, in one to four pages."""
    speaking = Speaking(SchoolFigures(held.sip, held.oak, TODAY), BY_CODE["key-stage-2"])
    made = make(
        figures_document(
            school=held.oak, title="Making Figures Speak: Key Stage 2", body="targets/figures_speak.html",
            context={"it": speaking, "sources": speaking.figures.sources}, prepared_for="A SIP", at=NOW,
        )
    )  # fmt: skip
    assert 1 <= made.pages <= 4
    with pikepdf.open(io.BytesIO(made.pdf)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "en-GB"


def test_beside_others_each_marked_and_no_other_school_named(world: World) -> None:
    """A cluster's figure is computed from enough schools, or else said to be of too few; what was supplied is marked published."""
    load_england_2008(world.authority)
    oak = world.oak
    make_result(oak, MAIN, numerator=20, cohort=40)
    make_comparator(world.authority, MAIN, 70, level=Level.AUTHORITY)

    def row() -> BesideRow:
        figures = SchoolFigures(world.fresh("head"), School.objects.select_related("authority", "cluster").get(pk=oak.pk), TODAY)
        return next(one for one in beside_others(figures, figures.measures) if one.measure.code == MAIN)

    assert row().cluster == Mark("", "too few schools")
    for number in range(5):
        make_result(make_school(world.authority, f"Beside {number}", cluster=oak.cluster), MAIN, numerator=32, cohort=40)
    found = row()
    assert (found.own, found.cluster, found.authority) == ("50%", Mark("75%", "computed"), Mark("70%", "published"))
    assert found.england == Mark("73%", "pack")
    make_comparator(world.authority, MAIN, 68, level=Level.CLUSTER, place=oak.cluster.code)
    assert row().cluster == Mark("68%", "published")
