"""Drafts of criteria: written in the pack's grammar, refused with a sentence that says where, tried, asked about, published."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.access import Conflict, Refused
from people.packs import require_pack
from schools.models import School
from support import services
from support.choices import DraftState
from support.drafts import compiled, read_scheme
from support.evaluation import evaluate
from support.models import DraftScheme, Placement, SchoolCategory
from support.pack import support_of
from support.selectors import scheme_by_code, scheme_in_force
from support.wording import number_at
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_assignment, make_school
from tests.factories.stage import person, stage, undone
from tests.support.doubles import drawn_facts, facts_from

pytestmark = pytest.mark.django_db

FLOOR = "rule/clear-of-floor/any/0/plus"
ABSENCE = "rule/absence-high/any/0/plus"
DAYS = "level/intensive/days"


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        for number in range(40):
            make_school(
                world.authority,
                f"Many {number:02d}",
                phase=("primary", "primary", "secondary", "infant", "special")[number % 5],
                cluster=world.north,
            )
        make_school(world.authority, "Little Ones", phase="nursery", cluster=world.north)
        yield world


@pytest.fixture
def there(standing: World) -> Iterator[World]:
    with undone(), facts_from(drawn_facts):
        for user in standing.people.values():
            user.forget_hats()
        yield standing


def begin(world: World) -> DraftScheme:
    scheme = support_of(require_pack(world.authority, TODAY).content).scheme("draft-july-2008")
    return services.begin_draft(actor=world.manager, authority=world.authority, frm=scheme, label="Criteria for 2009/10", at=NOW)


def fresh(draft: DraftScheme) -> DraftScheme:
    return DraftScheme.objects.select_related("authority").get(pk=draft.pk)


def as_(user: Any) -> Client:
    client = Client()
    client.force_login(person(user))
    return client


def test_a_draft_begins_as_the_scheme_that_it_is_begun_from_and_comes_to_the_same(there: World) -> None:
    draft, pack = begin(there), require_pack(there.authority, TODAY)
    schools = School.objects.filter(authority=there.authority)
    schemes = [support_of(pack.content).scheme("draft-july-2008"), read_scheme(fresh(draft).definition, pack)]
    one, two = evaluate([compiled(scheme, pack) for scheme in schemes], schools, on=TODAY, pack=pack)
    assert one.told == two.told and len(one.counts) >= 4
    assert scheme_by_code(pack, draft.public_id) is not None


def test_numbers_are_changed_by_their_place(there: World) -> None:
    draft = begin(there)
    services.change_numbers(actor=there.officer, draft=draft, numbers={FLOOR: Decimal(12), DAYS: Decimal("14.5")}, lock_version=0, at=NOW)
    kept = fresh(draft)
    assert (number_at(kept.definition, FLOOR), number_at(kept.definition, DAYS)) == (12, Decimal("14.5"))
    assert read_scheme(kept.definition, require_pack(there.authority, TODAY)).level("intensive").days == 58
    with pytest.raises(Conflict, match="Somebody else changed the draft"):
        services.change_numbers(actor=there.manager, draft=kept, numbers={FLOOR: Decimal(9)}, lock_version=0, at=NOW)
    with pytest.raises(Refused, match="no number at"):
        services.change_numbers(actor=there.manager, draft=kept, numbers={"rule/nothing/value": Decimal(9)}, lock_version=1, at=NOW)
    with pytest.raises(Refused, match="days"):
        services.change_numbers(actor=there.manager, draft=kept, numbers={DAYS: Decimal("1.1")}, lock_version=1, at=NOW)
    with pytest.raises(PermissionDenied):
        services.change_numbers(actor=there.head_of_improvement, draft=kept, numbers={FLOOR: Decimal(9)}, lock_version=1, at=NOW)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"fact": "ks2.no_such", "op": "<", "value": 5}, "names the fact 'ks2.no_such'"),
        ({"fact": "inspection.overall", "op": "<", "value": "good"}, "Give a number"),
        ({"fact": "finance.deficit_now", "op": "==", "value": "often"}, "yes or no"),
        ({"fact": "inspection.overall", "op": "around", "value": 2}, "compares with 'around'"),
        ({"rule": "no-such-rule"}, "no-such-rule"),
        ({"at_least": 3, "of": [{"fact": "inspection.overall", "op": "<", "value": 2}]}, "at least 3"),
        ({"every": []}, "The rule “Mine”"),
        ({"rule": "mine"}, "rests on itself"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_with_the_place(there: World, rule: dict[str, Any], says: str) -> None:
    draft = begin(there)
    written = {key: fresh(draft).definition[key] for key in ("rule", "level")}
    written["rule"] = [*written["rule"], {"code": "mine", "label": "Mine", "rule": rule}]
    with pytest.raises(Refused) as refusal:
        services.rewrite_draft(actor=there.manager, draft=draft, definition=written, lock_version=0, at=NOW)
    assert says in refusal.value.message and ("ine" in refusal.value.message), refusal.value.message
    assert fresh(draft).lock_version == 0


def test_rules_are_added_and_taken_out_with_their_uses(there: World) -> None:
    draft = begin(there)
    rule = {"fact": "staffing.turnover", "op": ">", "value": 40}
    services.add_rule(
        actor=there.manager,
        draft=draft,
        label="Many teachers leave",
        rule=rule,
        level="additional",
        is_enough=False,
        lock_version=0,
        at=NOW,
    )
    scheme = read_scheme(fresh(draft).definition, require_pack(there.authority, TODAY))
    assert scheme.rules[-1].code == "many-teachers-leave"
    assert "many-teachers-leave" in json.dumps(scheme.level_rules["additional"])
    services.remove_rule(actor=there.manager, draft=fresh(draft), code="finance-risk", lock_version=1, at=NOW)
    text = json.dumps(fresh(draft).definition["level"])
    assert "finance-risk" not in text and "many-teachers-leave" in text
    written = {
        "rule": [{"code": "one", "label": "One", "rule": rule}],
        "level": [{**level, "rule": {"rule": "one"}} if "rule" in level else level for level in fresh(draft).definition["level"]],
    }
    services.rewrite_draft(actor=there.manager, draft=fresh(draft), definition=written, lock_version=2, at=NOW)
    with pytest.raises(Refused, match="nothing would lead to the level"):
        services.remove_rule(actor=there.manager, draft=fresh(draft), code="one", lock_version=3, at=NOW)


def test_the_workbench_compares_tries_and_saves(there: World) -> None:
    draft = begin(there)
    client, url = as_(there.manager), draft.get_absolute_url()
    page = client.get(url).content.decode()
    assert "Who would move" in page and f'name="n.{FLOOR}"' in page and f'name="n.{DAYS}"' in page
    tried = client.post(url, {"do": "compare", f"n.{FLOOR}": "25", f"n.{ABSENCE}": "1"})
    assert tried.status_code == 302 and "25" in tried["Location"] and "absence" not in tried["Location"]
    page = client.get(tried["Location"]).content.decode()
    assert "At 25 instead of 10, " in page and "fewer school" in page
    assert fresh(draft).lock_version == 0
    assert client.post(url, {"do": "save", "lock_version": "0", f"n.{FLOOR}": "25"}).status_code == 302
    assert number_at(fresh(draft).definition, FLOOR) == 25
    assert client.post(url, {"do": "compare", f"n.{FLOOR}": "many"}, follow=True).content.decode().count("is not a number") == 1
    one = client.get(url, {"school": "Oakfield"}).content.decode()
    assert "Rules for this school" in one
    several = client.get(url, {"school": "Many"}).content.decode()
    assert "More than one school matches" in several
    exported = client.get(reverse("support:scheme-export", args=[draft.public_id, "csv"])).content.decode("utf-8-sig")
    assert exported.startswith('"School","URN"') and "Light touch" in exported
    south = as_(there.officer_south).get(url).content.decode()
    assert "Many 01" not in south  # an officer's comparison is of their own cluster
    assert as_(there.head_of_improvement).get(reverse("support:rule-add", args=[draft.public_id])).status_code == 403
    assert as_(there.sip).get(url).status_code == 404


def test_the_pages_of_a_draft_are_forms_that_call_the_services(there: World) -> None:
    draft, client = begin(there), as_(there.manager)
    begun = client.post(reverse("support:scheme-begin"), {"frm": "current", "label": "Another"})
    assert DraftScheme.objects.get(label="Another").get_absolute_url() == begun["Location"]
    assert "Criteria for 2009/10" in client.get(reverse("support:scheme-list")).content.decode()
    added = client.post(
        reverse("support:rule-add", args=[draft.public_id]),
        {"label": "Roll small", "fact": "roll.number", "op": "<", "value": "60", "level": "additional", "how": "enough"},
    )
    assert added.status_code == 302 and fresh(draft).definition["rule"][-1]["rule"] == {"fact": "roll.number", "op": "<", "value": 60}
    refused = client.post(
        reverse("support:rule-add", args=[draft.public_id]),
        {"label": "R", "fact": "roll.number", "op": "<", "value": "few", "level": "additional", "how": "enough"},
    )
    assert refused.status_code == 422 and "is not a number" in refused.content.decode()
    assert client.post(reverse("support:rule-remove", args=[draft.public_id, "roll-small"])).status_code == 302
    text = client.post(reverse("support:scheme-text", args=[draft.public_id]), {"definition": '{"rule": ['})
    assert text.status_code == 422 and "Line 1, character" in text.content.decode()
    assert client.post(reverse("support:scheme-discard", args=[draft.public_id])).status_code == 302
    assert fresh(draft).state == DraftState.DISCARDED
    with pytest.raises(Conflict):
        services.discard_draft(actor=there.manager, draft=fresh(draft), at=NOW)


def test_comparing_costs_one_query_a_fact_however_many_schools(there: World) -> None:
    draft, client = begin(there), as_(there.manager)
    pack = require_pack(there.authority, TODAY)
    schemes = [compiled(scheme_in_force(pack, TODAY), pack), compiled(read_scheme(draft.definition, pack), pack)]
    facts = sum(len(scheme.codes) for scheme in schemes)  # pooled and not pooled are two questions

    def asked(**query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(draft.get_absolute_url(), query).status_code == 200
        return len(captured)

    asked()
    few = asked()
    for number in range(30):
        make_school(there.authority, f"More {number}", cluster=there.south)
    assert asked() == few <= facts + 7 + 6
    assert asked(**{f"n.{FLOOR}": "25"}) == few  # trying a number fetches nothing twice


def test_sips_place_their_own_schools_by_hand_before_they_see_the_answer(there: World) -> None:
    make_assignment(
        there.cover_adviser, there.oak, "cover", starts_on=TODAY, ends_on=TODAY + dt.timedelta(days=30), covers=there.assignments["oak"]
    )
    draft = begin(there)
    services.open_consultation(actor=there.manager, draft=draft, closes_on=TODAY + dt.timedelta(days=20), at=NOW)
    with pytest.raises(Conflict, match="End the consultation first"):
        services.change_numbers(actor=there.manager, draft=fresh(draft), numbers={FLOOR: Decimal(1)}, lock_version=1, at=NOW)
    client = as_(there.sip)
    listed = client.get(reverse("support:consultation", args=[draft.public_id])).content.decode()
    assert "0 of 2 schools placed" in listed and "Elmwood" not in listed
    page = reverse("support:placement", args=[draft.public_id, there.oak.urn])
    before = client.get(page).content.decode()
    assert "Where would you place this school?" in before and "Rules that fire" not in before
    assert client.post(page, {"category": "standard"}).status_code == 302
    after = client.get(page).content.decode()
    assert "Rules that fire" in after and "Your comment" in after
    client.post(page, {"text": "The new head is not in the figures."})
    placed = Placement.objects.get(school=there.oak)
    assert (placed.category, placed.comment) == ("standard", "The new head is not in the figures.")
    assert placed.answer in ("intensive", "additional", "standard", "light-touch", "person")
    with pytest.raises(Conflict, match="placed already"):
        services.place_school(actor=there.sip, draft=fresh(draft), school=there.oak, category="intensive", at=NOW)
    with pytest.raises(PermissionDenied):
        services.place_school(actor=there.sip, draft=fresh(draft), school=there.elm, category="intensive", at=NOW)
    with pytest.raises(Refused, match="Another SIP"):
        services.comment_on_placement(actor=person(there.cover_adviser), placement=placed, text="t", at=NOW)
    result = as_(there.manager).get(reverse("support:scheme-consultation", args=[draft.public_id])).content.decode()
    assert "The new head is not in the figures." in result and "Agreement by criterion" in result
    assert "Oakfield" not in as_(there.officer_south).get(reverse("support:scheme-consultation", args=[draft.public_id])).content.decode()
    assert as_(there.head).get(page).status_code == 404
    services.end_consultation(actor=there.manager, draft=fresh(draft), at=NOW)
    assert client.get(page).status_code == 404


def test_published_criteria_are_in_force_from_their_day_and_change_no_school(there: World) -> None:
    draft, pack = begin(there), require_pack(there.authority, TODAY)
    begins = TODAY + dt.timedelta(days=30)
    with pytest.raises(PermissionDenied):
        services.publish_scheme(actor=there.officer, draft=draft, starts_on=begins, lock_version=0, at=NOW)
    with pytest.raises(Refused, match="today or later"):
        services.publish_scheme(actor=there.manager, draft=draft, starts_on=TODAY - dt.timedelta(days=1), lock_version=0, at=NOW)
    categories = SchoolCategory.objects.count()
    answer = as_(there.manager).post(
        reverse("support:scheme-publish", args=[draft.public_id]),
        {"starts_on_day": begins.day, "starts_on_month": begins.month, "starts_on_year": begins.year},
    )
    assert answer.status_code == 302, answer.content.decode()[:500]
    assert scheme_in_force(pack, TODAY).code == "current"
    assert scheme_in_force(pack, begins).label == "Criteria for 2009/10"
    assert SchoolCategory.objects.count() == categories
