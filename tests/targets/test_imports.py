"""Results from files: the department's wide files, the portal's own form, and the real files where they are at hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Refused
from core.audit import AuditEvent
from core.tabular.imports import IMPORTS
from core.tabular.services import run
from schools.choices import Phase
from schools.models import School, SchoolLink
from targets.choices import Level, Release
from targets.imports.figures import integers
from targets.models import Comparator, DataSource, Estimate, Result
from targets.published import FILES, MEASURES
from targets.selectors import rows_of, together
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_school
from tests.factories.targets import make_result

pytestmark = pytest.mark.django_db

KS2_HEAD = "RECTYPE,LEA,ESTAB,URN,SCHNAME,NFTYPE,TOTPUPS,TELIG,BELIG,GELIG,PTRWM_EXP,PTRWM_EXP_G,READPROG,READPROG_LOWER,READPROG_UPPER"


@pytest.fixture
def load(tmp_path: Path):
    def import_text(
        kind: str, text: str | bytes, *, name: str = "file.csv", authority: str = "999", actor: Any = None, **more: Any
    ) -> dict[str, Any]:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8-sig"))
        with path.open("rb") as file:
            more = {"should_commit": True, **more}
            batch = run(actor=actor, kind=kind, authority_code=authority, file=file, file_name=name, at=NOW, on=TODAY, **more)
        return {**batch.summary, "held_rows": batch.held}

    return import_text


def value(school: Any, measure: str, group: str = "all", **more: Any) -> Decimal | None:
    return Result.objects.get(school=school, measure=measure, pupil_group=group, is_current=True, **more).value


@pytest.mark.both
def test_a_wide_file_and_its_final_release(world: World, load: Any) -> None:
    """Whose row is whose; suppressed is no nought; totals are comparators; the same again changes nothing; final over provisional."""
    new = make_school(world.authority, "Hazel Primary School", urn=777001, establishment_number=2777)
    SchoolLink.objects.create(authority=world.authority, urn=555001, linked_urn=new.urn, kind="Successor")
    oak, ash = world.oak, world.ash
    rows = [
        f"1,999,{oak.establishment_number},{oak.urn},Oakfield,CY,210,26,10,16,65%,75%,1.4,-1,3.9",
        f"1,999,{ash.establishment_number},111111,Ashdown,CY,NEW,,,,,,,,",  # by DfE number; a new school: the row ends early
        "1,999,2999,555001,Old Hazel,CY,60,8,4,4,SUPP,SUPP,LOWCOV",  # by its successor
        "1,999,3999,555002,Nobody's School,CY,60,8,4,4,50%",
        "1,886,2000,555003,Elsewhere,CY,60,8,4,4,50%",
        "1,999,6001,555004,Prep,IND,60,NA,NA,NA,NA",
        "3,999, , ,Wealdshire, , ,15900,8000,7900,71%,74%",
        "4, , , , , , ,600000,300000,300000,61%,65%",
        "5, , , , , , ,590000,295000,295000,65%,70%",
    ]
    text = "\r\n".join([KS2_HEAD, *rows])
    first = load("ks2", text, year=2018, options={"release": "provisional"})
    assert (first["read"], first["created"], first["held"], first["error_count"]) == (9, 6, 1, 0)
    assert first["skipped_by"] == {"of another authority": 1, "not a state-funded school: IND": 1}
    assert "555002" in first["held_rows"][0]["label"]
    assert value(oak, "dfe.ks2.rwm_exp") == 65
    read = Result.objects.get(school=oak, measure="dfe.ks2.read_progress")
    assert (read.value, read.lower, read.upper) == (Decimal("1.4"), -1, Decimal("3.9"))
    exact = Result.objects.get(school=oak, measure="dfe.ks2.rwm_exp", pupil_group="all")
    assert (exact.numerator, exact.cohort) == (17, 26)
    hidden = Result.objects.get(school=new, measure="dfe.ks2.rwm_exp", pupil_group="all")
    assert (hidden.value, hidden.code, hidden.reason, hidden.cohort) == (None, "SUPP", "suppressed", 8)
    assert Result.objects.get(school=ash, measure="dfe.ks2.pupils").reason == "new_school"
    told = {(row.level, row.basis): row.value for row in Comparator.objects.filter(measure="dfe.ks2.rwm_exp", pupil_group="all")}
    assert told == {(Level.AUTHORITY, ""): 71, (Level.NATIONAL, "all schools"): 61, (Level.NATIONAL, ""): 65}

    again = load("ks2", text, year=2018, options={"release": "provisional"}, again=True)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 6)
    assert DataSource.objects.count() == 1

    final = load("ks2", text.replace("65%,75%", "69%,75%"), year=2018)
    assert final["created"] == 6
    assert value(oak, "dfe.ks2.rwm_exp") == 69
    both = Result.objects.filter(school=oak, measure="dfe.ks2.rwm_exp", pupil_group="all").order_by("release")
    assert [(row.release, row.value, row.is_current) for row in both] == [("final", 69, True), ("provisional", 65, False)]
    late = load("ks2", text.replace("65%,75%", "64%,75%"), year=2018, options={"release": "provisional"})
    assert (late["updated"], value(oak, "dfe.ks2.rwm_exp")) == (1, 69)
    assert AuditEvent.objects.filter(event="results.imported").count() == 4


def test_three_scales_and_what_a_record_type_means(world: World, load: Any) -> None:
    elm, oak = world.elm, world.oak
    head = "URN,LA,ESTAB,SCHOOLTYPE,NOR,NORG,PNORG,TSENELK,PSENELK,NUMEAL,PNUMEAL"
    load(
        "census",
        f"{head}\n{oak.urn},999,2001,State-funded primary,200,101,50.5,25,12.5,NA,NA\nNAT,,PRI,State-funded primary,4727089,2318560,49,595708,12.6,1002292,21.2",
        year=2018,
    )
    assert value(oak, "dfe.census.sen") == Decimal("12.5")
    assert Result.objects.get(school=oak, measure="dfe.census.eal").reason == "not_applicable"
    assert Comparator.objects.get(measure="dfe.census.sen").phase == "primary"
    premium = "URN,LAEstab,LA,Estab,School Name,Percentage of Primary pupils eligible for the Deprivation Pupil Premium"
    load("census", f"{premium}\n{oak.urn},9992001,999,2001,Oakfield,0.162", year=2019)
    assert value(oak, "dfe.census.premium_primary") == Decimal("16.2")
    head = "RECTYPE,LEA,ESTAB,URN,SCHNAME,NFTYPE,TPUP,P8MEA,P8CILOW,P8CIUPP,PTL2BASICS_94"
    rows = [
        f"1,999,4001,{elm.urn},Elmwood,CY,129,0.22,0.02,0.42,63.00%",
        "4,999,,,,,15833,-0.11,-0.13,-0.09,65.5%",
        "4,886,,,,,9,0,0,0,60%",
        "5,,,,,,605874,,,,59.5%",
        "7,,,,,,542831,-0.03,,,64.4%",
    ]
    load("ks4", "\n".join([head, *rows]), year=2018)
    told = {(row.level, row.basis): row.value for row in Comparator.objects.filter(measure="dfe.ks4.basics_94")}
    assert told == {
        (Level.AUTHORITY, ""): Decimal("65.5"),
        (Level.NATIONAL, "all schools"): Decimal("59.5"),
        (Level.NATIONAL, ""): Decimal("64.4"),
    }
    load("absence", f"LA,ESTAB,URN,PERCTOT,PPERSABS10\n999,2001,{oak.urn},4.3,SUPP\nNAT,PRI,,4.0,8.2", year=2018)
    assert value(oak, "dfe.absence.total") == Decimal("4.3")
    assert value(oak, "dfe.absence.persistent10") is None


def test_a_tidy_file_with_its_meta_file_beside_it(world: World, load: Any) -> None:
    """One row a period, place and group of pupils: the year's rows of England, the authority and its schools; codes keep their reason."""
    import io
    import zipfile

    oak = world.oak
    head = (
        "time_period,time_identifier,geographic_level,country_name,old_la_code,la_name,school_urn,school_name,gender,characteristic,"
        "t_rwm_eligible_pupils,t_rwm_met_expected_standard,pt_rwm_met_expected_standard,avg_read_progress_score,"
        "avg_read_progress_score_lower_CI,avg_read_progress_score_upper_CI"
    )
    rows = [
        "202223,Academic year,National,England,z,z,z,z,Total,Total,660000,396000,60,0.0,0.0,0.0",
        "202122,Academic year,National,England,z,z,z,z,Total,Total,660000,389400,59,0.0,0.0,0.0",
        "202223,Academic year,Regional,England,z,z,z,z,Total,Total,9000,5400,60,0.1,0.0,0.2",
        "202223,Academic year,Local authority,England,999,Wealdshire,z,z,Girls,Total,8000,5040,63,0.4,0.3,0.5",
        "202223,Academic year,Local authority,England,999,Wealdshire,z,z,Total,Total,16000,9760,61,0.3,0.2,0.4",
        "202223,Academic year,Local authority,England,999,Wealdshire,z,z,Total,SEN support,2000,400,20,-1,-1.5,-0.5",
        "202223,Academic year,Local authority,England,886,Elsewhere,z,z,Total,Total,16000,9760,61,0.3,0.2,0.4",
        f"202223,Academic year,School,England,999,Wealdshire,{oak.urn},Oakfield,Total,Total,26,17,65,1.4,-1.0,3.9",
        f"202223,Academic year,School,England,999,Wealdshire,{world.ash.urn},Ashdown,Total,Total,4,c,c,z,z,z",
    ]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("ks2.csv", "\r\n".join([head, *rows]))
        file.writestr("ks2.meta.csv", "col_name,col_type,label\r\npt_rwm_met_expected_standard,Indicator,Percentage\r\n")
    report = load("ks2", archive.getvalue(), year=2022, name="ks2.zip")
    assert (report["error_count"], report["held"]) == (0, 0), report
    assert report["skipped_by"] == {"of another authority": 2, "of another year": 1, "of a group that is not kept": 1}
    assert value(oak, "dfe.ks2.rwm_exp") == 65
    exact = Result.objects.get(school=oak, measure="dfe.ks2.rwm_exp")
    assert (exact.numerator, exact.cohort) == (17, 26)
    hidden = Result.objects.get(school=world.ash, measure="dfe.ks2.rwm_exp")
    assert (hidden.value, hidden.code, hidden.reason) == (None, "c", "suppressed")
    told = {(row.level, row.pupil_group): row.value for row in Comparator.objects.filter(measure="dfe.ks2.rwm_exp", academic_year=2022)}
    assert told == {(Level.NATIONAL, "all"): 60, (Level.AUTHORITY, "girls"): 63, (Level.AUTHORITY, "all"): 61}
    assert load("ks2", archive.getvalue(), year=2022, name="ks2.zip", again=True)["created"] == 0


@pytest.mark.parametrize(
    ("percent", "cohort", "numerator", "expected"),
    [("65", 26, None, (17, 26)), ("65", 400, None, (None, 400)), ("63.00", 129, None, (81, 129)), ("50", 1, None, (None, 1)),
     ("23", 129, 29, (None, None)), ("22", 129, 29, (29, 129)), ("0", 30, None, (0, 30)), ("100", 30, None, (30, 30)), ("65", None, None, (None, None))],
)  # fmt: skip
def test_the_pupils_behind_a_percentage(percent: str, cohort: int | None, numerator: int | None, expected: tuple[Any, Any]) -> None:
    assert integers(Decimal(percent), cohort, numerator) == expected


def test_the_portals_own_form(world: World, load: Any) -> None:
    oak, elm = world.oak, world.elm
    head = "URN,DfE number,Level,Place,Measure,Year,Group,Value,Proportion,Numerator,Cohort,Lower,Upper"
    rows = [
        f"{oak.urn},,,,ks2.l4_en_ma,2007/08,,65%,,20,31,,",
        f"{oak.urn},,school,,ks2.l4_en,2007/08,girls,,0.725,,,,",
        f",999/{oak.establishment_number:04d},,,ks2.cva,2007/08,,99.1,,,30,98.2,100",
        f"{oak.urn},,,,fsp.gld,2007/08,,,,14,29,,",
        f"{oak.urn},,,,ks1.l2_re,2007/08,fsm,80,,4,5,,",  # five pupils: the pack shows none under six
        f"{oak.urn},,,,ks1.l2_wr,2007/08,,SUPP,,,,,",
        ",,England,,ks2.l4_en_ma,2007/08,,73,,,,,",
        ",,cluster,N,ks2.l4_en_ma,2007/08,,68,,,,,",
        "555555,,,,ks2.l4_en_ma,2007/08,,70,,,,,",
    ]
    report = load("results", "\n".join([head, *rows]), options={"release": "provisional"})
    assert (report["created"], report["held"], report["errors"]) == (8, 1, [])
    assert value(oak, "ks2.l4_en", "girls") == Decimal("72.5")
    assert value(oak, "fsp.gld") == Decimal("48.2759")
    few = Result.objects.get(measure="ks1.l2_re")
    assert (few.value, few.numerator, few.reason) == (None, None, "suppressed")
    assert Comparator.objects.get(level=Level.CLUSTER).place == "N"

    wrong = [
        (f"{oak.urn},,,,ks9.nothing,2007/08,,65,,,,,", "No measure has the code"),
        (f"{oak.urn},,,,ks2.l4_en_ma,,,65,,,,,", "Enter the year"),
        (f"{oak.urn},,,,ks2.l4_en_ma,2007/08,lac,65,,,,,", "not told for the group lac of a school"),
        (f"{oak.urn},,,,ks2.l4_en_ma,2007/08,,80,,20,31,,", "is not 80%"),
        (f"{oak.urn},,,,ks2.l4_en_ma,2007/08,,165,,,,,", "no percentage"),
        (f"{oak.urn},,,,ks2.l4_en_ma,2007/08,,,,,,,", "Enter a value"),
        (f"{elm.urn},,,,ks2.l4_en_ma,2007/08,,65,,,,,", "has no pupils for"),
        (f"{oak.urn},,,,ks2.cva,2007/08,,99,,,,100,98", "both ends of the interval"),
    ]
    report = load("results", "\n".join([head, *(row for row, _ in wrong)]), name="wrong.csv")
    assert report["committed"] is False
    for error, (_, said) in zip(report["errors"], wrong, strict=True):
        assert said in error["message"]


def test_estimates_and_a_workbook(world: World, load: Any) -> None:
    from core.tabular.writing import Sheet, write_workbook

    oak = world.oak
    rows = [[oak.urn, "ks2.l4_en_ma", "2008/09", kind, number, 29] for kind, number in (("A", 66), ("B", 70), ("FFT D", 76))]
    book = write_workbook([Sheet("Estimates", ["URN", "Measure", "Year", "Type", "Value", "Cohort"], rows)])
    assert load("estimates", book, name="fft.xlsx")["created"] == 3
    assert load("estimates", book, name="fft.xlsx", again=True)["unchanged"] == 3
    assert dict(Estimate.objects.values_list("kind", "value")) == {"A": 66, "B": 70, "D": 76}


def test_who_may_and_what_is_refused(world: World, load: Any) -> None:
    text = f"URN,Measure,Year,Value\n{world.oak.urn},ks2.l4_en_ma,2007/08,65"
    assert load("results", text, actor=world.administrator)["committed"]
    for actor in (world.manager, world.sip, world.other_administrator):
        with pytest.raises(PermissionDenied):
            load("results", text, name="x.csv", actor=actor)
    with pytest.raises(Refused, match="Say which year"):
        load("ks2", text)
    with pytest.raises(Refused, match="takes no release"):
        load("estimates", text, options={"release": "final"})
    with pytest.raises(Refused, match="Give one of these for release"):
        load("results", text, options={"release": "guessed"})


def test_few_queries_however_many_rows(world: World, load: Any, django_assert_max_num_queries: Any) -> None:
    for count in (2, 60):
        schools = [make_school(world.authority, f"S{count} {number}", phase=Phase.PRIMARY) for number in range(count)]
        rows = [f"1,999,{school.establishment_number},{school.urn},S,CY,200,30,15,15,67%,67%,1,0,2" for school in schools]
        with django_assert_max_num_queries(24):
            load("ks2", "\n".join([KS2_HEAD, *rows]), year=2018, name=f"{count}.csv")
    make_result(world.oak, value="50", release=Release.FINAL)


# ---------------------------------------------------------------- the real files

NOT_BY_ROUNDING = {
    # Published for the authority with pupils of schools that are suppressed (five or fewer in the group): their rows have no figure.
    (2017, "dfe.ks2.rwm_exp"): {"disadv", "eal", "girls", "nondisadv", "prior_high", "prior_low"},
    (2017, "dfe.ks2.rwm_high"): {"eal", "girls"},
    (2018, "dfe.ks2.rwm_exp"): {"eal", "nondisadv", "prior_low"},
    (2018, "dfe.ks2.rwm_high"): {"nondisadv"},
    # And in Key Stage 4 with pupils of small special schools, all of whose rows are suppressed, and of PRUs, which have no rows.
    (2017, "dfe.ks4.basics_94"): {"all", "boys", "disadv", "girls", "nondisadv", "prior_low", "prior_mid"},
    (2017, "dfe.ks4.basics_95"): {"all", "boys", "disadv", "girls", "nondisadv", "prior_low", "prior_mid"},
    (2017, "dfe.ks4.ebacc_entry"): {"all"},
    (2017, "dfe.ks4.five_94"): {"all"},
    (2018, "dfe.ks4.basics_94"): {"boys", "disadv", "prior_low"},
    (2018, "dfe.ks4.basics_95"): {"boys", "disadv", "girls"},
    (2018, "dfe.ks4.ebacc_entry"): {"all"},
}
"""Where the schools' rows and the authority's own differ by more than rounding; each is within it once the missing pupils are allowed for."""


WITHOUT_COHORT: set[str] = set()
"""Percentages of the authority's rows whose file gives no number of pupils, so that they cannot be computed from the schools': none."""


def _half(value: Decimal, published_in_tenths: bool = False) -> Decimal:
    return Decimal("0.05") if published_in_tenths or value != value.to_integral_value() else Decimal("0.5")


@pytest.mark.real_data
def test_the_published_files(load: Any, real_data: Path) -> None:
    """FORMATS.md §6: row counts, suppressed figures; twice changes nothing; the authority's average from its schools' rows."""

    def real(kind: str, path: str, year: int, authority: str = "936", **more: Any) -> dict[str, Any]:
        return load(kind, (real_data / path).read_bytes(), name=Path(path).name, year=year, authority=authority, **more)

    load("gias", (real_data / "gias/results_20210506_936.csv").read_bytes(), name="results_20210506_936.csv", authority="936")
    links = "gias/links_edubasealldata20240312_886_887_936.csv"
    load("gias-links", (real_data / links).read_bytes(), name=Path(links).name, authority="936")

    report = real("ks2", "ks2/2018-2019_936_ks2final.csv", 2018)
    assert (report["read"], report["tables"][0]["short_rows"]) == (242, 12)  # eleven of 25 or 26 cells, one of 315
    by = report["created_by"]
    assert by["comparator"] == 3
    assert sum(count for name, count in by.items() if name != "comparator") + report["held"] == 223 + 16
    report = real("ks2", "ks2/2017-2018_936_ks2final.csv", 2017)
    assert (report["read"], report["tables"][0]["short_rows"]) == (238, 10)
    assert sum(count for name, count in report["created_by"].items() if name != "comparator") + report["held"] == 222 + 13
    for year in (2017, 2018):
        assert real("ks4", f"ks4/{year}-{year + 1}_936_ks4final.csv", year)["created_by"]["comparator"] == 3
    provisional = real("ks4", "ks4/2018-2019_england_ks4provisional.csv", 2018, options={"release": "provisional"})
    assert (provisional["read"], provisional["created_by"]["comparator"]) == (5652, 3)
    assert value_of_final() == ("final", True)
    absence = real("absence", "absence/2018-2019_england_abs.csv", 2018)
    assert (absence["read"], absence["created_by"]["comparator"]) == (21_217, 3)
    assert sum(absence["created_by"].values()) - 3 + absence["held"] == 385
    old = real("ks2", "ks2/2012-2013_england_ks2final_cutcols_886_887_936.csv", 2012)
    assert (old["read"], old["created_by"]["comparator"], old["created_by"]["school, by successor"]) == (740, 2, 90)
    assert real("census", "census/pupil-premium-2019-2020_886_887_936.csv", 2019)["error_count"] == 0
    assert real("census", "census/2018-2019_england_census_886_887_936.csv", 2018)["created_by"]["comparator"] == 3
    assert real("ks4", "ks4/202324_information_about_schools_final_886_887_936.csv", 2023)["error_count"] == 0

    again = real("ks2", "ks2/2018-2019_936_ks2final.csv", 2018, again=True)
    assert (again["created"], again["updated"]) == (0, 0)

    surprising: dict[tuple[int, str], set[str]] = {}
    uncounted: set[str] = set()
    schools = School.objects.filter(authority__code="936")
    for year in (2017, 2018):
        comparators = Comparator.objects.filter(level=Level.AUTHORITY, academic_year=year, value__isnull=False, is_current=True)
        for row in comparators:
            if MEASURES[row.measure].unit != "%":
                continue
            if row.cohort is None:
                uncounted.add(row.measure)
                continue
            measure = MEASURES[row.measure]
            computed = together(rows_of(schools, [row.measure], [year], row.pupil_group)[row.measure], measure)[year].figure
            agrees, allowing, least, most = _agrees(row)
            assert computed is not None and least - Decimal("0.0001") <= computed <= most + Decimal("0.0001"), (year, row.measure)
            assert allowing, (year, row.measure, row.pupil_group)
            if not agrees:
                surprising.setdefault((year, row.measure), set()).add(row.pupil_group)
    assert surprising == NOT_BY_ROUNDING
    assert uncounted == WITHOUT_COHORT


@pytest.mark.real_data
def test_the_counts_of_kent(load: Any, real_data: Path) -> None:
    """FORMATS.md §6: absence 21,214 schools and 3 footers, 864 suppressed, Kent 577; KS4 provisional, Kent 169 rows, one of them the
    authority's. Every row is a school's, held for a person, not served, or a total: none is lost."""

    def real(kind: str, path: str, year: int | None = None, **more: Any) -> dict[str, Any]:
        return load(kind, (real_data / path).read_bytes(), name=Path(path).name, year=year, authority="886", **more)

    def of_kent(report: dict[str, Any]) -> int:
        served = sum(count for name, count in report["created_by"].items() if name != "comparator") + report["held"]
        return served + sum(count for name, count in report["skipped_by"].items() if name != "of another authority")

    real("gias", "gias/edubaseallstatefunded20260602_886_887_936.csv")
    real("gias-links", "gias/links_edubasealldata20240312_886_887_936.csv")
    path = "absence/2018-2019_england_abs.csv"
    with (real_data / path).open("rb") as file:
        reading = IMPORTS["absence"].format.read(file, name="england_abs.csv")
    rows = [row for row in reading.rows if row.get("la") != "NAT"]
    assert (len(rows), len(reading.rows) - len(rows)) == (21_214, 3)
    assert sum(1 for row in rows if (cell := row.get("PPERSABS10")) is not None and cell.code == "SUPP") == 864
    assert sum(1 for row in rows if row.get("la") == "886") == 577
    absence = real("absence", path, 2018)
    assert (of_kent(absence), absence["created_by"]["comparator"]) == (577, 3)
    ks4 = real("ks4", "ks4/2018-2019_england_ks4provisional.csv", 2018, options={"release": "provisional"})
    assert (ks4["read"], of_kent(ks4) + 1) == (5652, 169)  # and the authority's own row
    census = real("census", "census/2018-2019_england_census_886_887_936.csv", 2018)
    assert (census["read"], of_kent(census)) == (1267, 656)


@pytest.mark.real_data
def test_the_meta_files_describe_what_is_read(real_data: Path) -> None:
    """Every column of the department's own list of fields that we read under its name is described there as what we take it for."""
    import csv

    for path, kind, words in (
        ("ks2/2018-2019_ks2_meta.csv", "ks2", {"PTRWM_EXP": "expected standard", "TELIG": "eligible", "READPROG": "progress", "PTGPS_HIGH": "high"}),
        ("ks4/2018-2019_ks4_final_meta.csv", "ks4", {"P8MEA": "progress 8", "ATT8SCR": "attainment 8", "PTL2BASICS_94": "english and", "TPUP": "pupils"}),
    ):  # fmt: skip
        with (real_data / path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        described = {row[1].strip().upper(): row[2].casefold() for row in rows[1:] if len(row) > 2}
        for column, word in words.items():
            assert word in described[column], (path, column, described[column])
        read = {name.upper() for published in FILES[kind] for columns in published.columns.values() for name in columns.names}
        assert len(read & described.keys()) > 30
        assert read - described.keys() == NOT_IN_THE_LIST[kind], path


NOT_IN_THE_LIST: dict[str, set[str]] = {
    "ks2": {f"PT2MATH12{tail}" for tail in ("", "_B", "_G", "_L", "_M", "_H")} | {"PT2READ12", "PT2WRITTA12", "PTREADX", "TAPS"},
    "ks4": {"AVG_KS2_SCALEDSCORE"},
}
"""Columns of other years: levels of 2012/13, and the newer site's own name for prior attainment."""


def value_of_final() -> tuple[str, bool]:
    row = Result.objects.filter(
        measure="dfe.ks4.basics_94", academic_year=2018, value__isnull=False, pupil_group="all", is_current=True
    ).first()
    assert row is not None
    return row.release, Result.objects.filter(
        measure="dfe.ks4.basics_94", academic_year=2018, release=Release.PROVISIONAL, is_current=False
    ).exists()


def _agrees(row: Comparator) -> tuple[bool, bool, Decimal, Decimal]:
    """Whether the schools' rows give the authority's figure within rounding; whether they do once missing pupils are allowed for; and
    the least and the most that they can come to.

    Every rounded percentage stands for an interval of pupils, so their sum does, and so does the published figure.
    """
    least = most = Decimal(0)
    pupils = 0
    for one in Result.objects.filter(
        measure=row.measure, pupil_group=row.pupil_group, academic_year=row.academic_year, release=row.release, value__isnull=False
    ):
        if one.cohort is None:
            continue
        half = _half(one.value)
        pupils += one.cohort
        least += one.numerator if one.numerator is not None else max(one.value - half, Decimal(0)) * one.cohort / 100
        most += one.numerator if one.numerator is not None else min(one.value + half, Decimal(100)) * one.cohort / 100
    half = _half(row.value, row.measure.startswith("dfe.ks4") and row.academic_year == 2017)
    low, high = row.value - half, row.value + half
    missing = max(row.cohort - pupils, 0)
    agrees = 100 * least / pupils <= high and 100 * most / pupils >= low
    whole = pupils + missing
    allowing = 100 * least / whole <= high and 100 * (most + missing) / whole >= low
    return agrees, allowing, 100 * least / pupils, 100 * most / pupils
