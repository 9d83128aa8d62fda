"""Results, estimates and comparators: what the database refuses, and who sees which rows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from targets.choices import Level, Release
from targets.models import Comparator, Estimate, Result
from tests.factories.schools import World
from tests.factories.targets import make_comparator, make_estimate, make_result

pytestmark = pytest.mark.django_db


@pytest.mark.both
def test_what_the_database_refuses(world: World) -> None:
    make_result(world.oak, numerator=20, cohort=30)
    wrong = [
        {"value": "66.7"},  # the same figure of the same release twice
        {"value": "66.7", "release": Release.REVISED},  # two current figures
        {"value": None, "year": 2006},  # neither a value nor why not
        {"value": "0", "reason": "suppressed", "code": "SUPP", "year": 2006},  # both
        {"numerator": 31, "cohort": 30, "year": 2006},
        {"value": "99.8", "lower": Decimal(100), "upper": Decimal(99), "year": 2006},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_result(world.oak, **values)
    make_result(world.oak, value="64", release=Release.PROVISIONAL, is_current=False)
    make_result(world.ash, reason="suppressed", code="SUPP", cohort=4)
    assert Result.objects.count() == 3


def test_who_sees_them(world: World) -> None:
    for school in (world.oak, world.elm, world.birch):
        make_result(school, numerator=20, cohort=30)
        make_estimate(school)
    for authority in (world.authority, world.other):
        make_comparator(authority, value="73")
        make_comparator(authority, value="71", level=Level.AUTHORITY)
    seen = {
        "manager": {"oak", "elm"},
        "sip": {"oak"},
        "officer": {"oak"},
        "officer_south": {"elm"},
        "head": {"oak"},
        "other_sip": {"birch"},
        "officer_chair": {"oak", "elm"},  # chairs elm: the wall takes the officer's right, the chair's own stays
        "outsider": set(),
    }
    named = {world.schools[name].pk: name for name in ("oak", "elm", "birch")}
    for name, expected in seen.items():
        user = world.people[name]
        for model in (Result, Estimate):
            assert {named[pk] for pk in model.objects.visible_to(user).values_list("school_id", flat=True)} == expected, name
    assert {row.authority_id for row in Comparator.objects.visible_to(world.manager)} == {world.authority.pk}
