"""Headlines: the sentences of P5 to P7 from rows with the county's totals; and what is not written, with why."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from people.packs import pack_for
from schools.choices import Phase
from schools.models import School
from targets.models import Result
from targets.pack import measures_of
from targets.selectors import By, headlines, roll_up
from tests.factories.decks import SCHOOLS, make_results
from tests.factories.people import TODAY
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(world: World) -> World:
    """A hundred primary schools whose sums are the county's: 15,900 children, 8,093 of them at 78 points with 6 in PSE and CLL."""
    schools = School.objects.bulk_create(
        School(
            authority=world.authority,
            urn=700_000 + number,
            name=f"County {number}",
            phase=Phase.PRIMARY,
            cluster=(world.north, world.south)[number % 2],
        )
        for number in range(SCHOOLS)
    )
    make_results(world.authority, schools)
    return world


def page_of(world: World, user: Any = None, year: int = 2007) -> Any:
    schools = School.objects.filter(authority=world.authority) if user is None else School.objects.visible_to(user)
    pack = pack_for(world.authority, TODAY)
    assert pack is not None
    return headlines(authority=world.authority, pack=pack, schools=schools, year=year)


def test_the_county_in_the_briefings_words(county: World, django_assert_max_num_queries: Any) -> None:
    page_of(county)
    with django_assert_max_num_queries(8):
        page = page_of(county)
    said = {sentence.code: sentence for sentence in page.written}
    assert said["fsp-aspects"].text == "Improved for the second year in succession in 12 out of 13 aspects of learning."
    assert said["fsp-target"].text.startswith("LA target met, and exceeded by 3.9 points, for children achieving at least 78 points")
    assert said["fsp-target"].rule == "8,093 of 15,900 children."
    assert said["ks1-standing"].text == "Now at the national standard for level 2 and above, and now above it for level 3 and above."
    assert said["ks2-floor-en"].text == "Another 21 schools achieved the floor target in English."
    assert said["ks2-floor-en"].rule == "34 rose to it and 13 fell below, of 100 with results of both years."
    assert said["ks2-floor-ma"].text == "Another 30 schools achieved the floor target in mathematics."
    assert said["ks2-below-both"].text == "47 schools are below the new floor of 55% in both English and mathematics."
    assert said["ks2-closing-l4"].text.startswith("At level 4 and above the gap to England closed")
    assert [row[-1] for row in said["fsp-aspects"].rows].count("yes") == 12
    missing = {entry.code: entry.why for entry in page.not_written}
    assert missing["fsp-gap"] == "No figure of 2007/08 for Gap, lowest 20% is held."
    assert "too few to call any the best" in missing["ks1-best"]
    assert set(said) & set(missing) == set()


def test_nothing_is_written_that_the_rows_do_not_support(county: World) -> None:
    Result.objects.filter(measure="fsp.wr6", academic_year=2006).delete()
    Result.objects.filter(measure__startswith="ks2", academic_year=2006).delete()
    page = page_of(county)
    written = {sentence.code for sentence in page.written}
    assert not written & {"fsp-aspects", "ks2-floor-en", "ks2-closing-l4", "ks2-below-both"}
    assert "No figure of 2006/07 for Writing 6+ is held." in {entry.why for entry in page.not_written}
    assert page_of(county, county.sip).written == []  # no school of theirs has a result
    narrow = page_of(county, county.officer)
    assert "fsp-target" not in {sentence.code for sentence in narrow.written}  # the target is the whole authority's


def test_the_command_and_the_page_say_the_same(county: World, client: Any) -> None:
    out = io.StringIO()
    call_command("headlines", "--authority", county.authority.code, "--year", "2008", "--format", "json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["programme_year"], told["results_of"]) == ("2008/09", "2007/08")
    client.force_login(county.manager)
    html = client.get("/headlines/?year=2008").content.decode()
    for sentence in told["sentences"]:
        assert sentence["text"] in html
    for entry in told["not_written"]:
        assert entry["why"] in html
    rows = client.get("/results/schools/?measure=ks2.l4_en&year=2007&only=risen").content.decode()
    assert "34 schools" in rows


def test_roll_ups_sum_the_integers(county: World) -> None:
    pack = pack_for(county.authority, TODAY)
    assert pack is not None
    part = measures_of(pack.content)
    measure = part.measure("ks2.l4_en")
    schools = School.objects.filter(authority=county.authority, phase__in=measure.phases)
    whole, lines = roll_up(schools, part, measure, year=2007, by=By.CLUSTER)
    assert [line.label for line in lines] == [county.north.name, county.south.name]
    assert whole.years[2007].pupils == sum(line.years[2007].pupils for line in lines) == 10_000
    assert whole.figure(2007) == Decimal(100 * int(whole.years[2007].reached)) / 10_000
    assert whole.floor is not None
    assert (len(whole.floor.risen), len(whole.floor.fallen), whole.floor.net) == (34, 13, 21)
    assert sum(line.floor.net for line in lines if line.floor) == 21


def test_pages_and_exports_keep_to_the_scope(county: World, client: Any) -> None:
    seen = {"manager": 200, "head_of_improvement": 200, "officer": 200, "sip": 403, "head": 403, "administrator": 403}
    for name, status in seen.items():
        client.force_login(county.people[name])
        for url in ("/headlines/", "/results/", "/results/schools/", "/results/export/csv/", "/results/schools/export/xlsx/"):
            assert client.get(url).status_code == status, (name, url)
    client.force_login(county.officer)
    csv = client.get("/results/schools/export/csv/?measure=ks2.l4_en&year=2007").content.decode("utf-8-sig")
    assert "County 0" in csv
    assert 'County 1"' not in csv  # the other cluster's
    client.force_login(county.manager)
    assert client.get("/results/export/pdf/").status_code == 404
    for by in ("cluster", "phase"):
        assert client.get(f"/results/?measure=ks2.l4_en&by={by}&year=2007").status_code == 200
    assert client.get("/results/?measure=nonsense&year=1066&group=x&by=y").status_code == 200


def test_the_schools_tab(county: World, client: Any) -> None:
    school = School.objects.get(authority=county.authority, urn=700_000)
    client.force_login(county.manager)
    url = f"/schools/{county.authority.code}/{school.urn}/results/"
    html = client.get(url).content.decode()
    assert "KS2 English L4+" in html
    assert "sip-chart" in html
    empty = client.get(f"/schools/{county.authority.code}/{county.yew.urn}/results/").content.decode()
    assert "No results are held for this school" in empty
    assert client.get(f"{url}export/csv/").content.decode("utf-8-sig").count("\r\n") == 1 + Result.objects.filter(school=school).count()
    client.force_login(county.other_manager)
    assert client.get(f"{url}export/csv/").status_code == 404
