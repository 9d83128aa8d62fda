"""Rows of several tables in one query are the rows that each table's own query gives."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.forms.models import model_to_dict

from core.together import read_together
from targets.models import Target
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits.models import ActionReview, AgreedAction, GateReview, Judgement, NoteOfVisit, NoteSection

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def columns(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_each_table_as_it_is(world: World, django_assert_num_queries: Any) -> None:
    make.load_england_2008(world.authority)
    note = make.bring_to("in_review", author=world.sip, school=world.oak, manager=world.manager)
    Target.objects.create(
        school=world.oak,
        measure="ks2.l5_sc",
        summer=2010,
        value=Decimal("72.50"),
        previous=Decimal("0.10"),
        was_agreed=False,
        flags=["below_floor", {"by": 1.5}],
        changed_at=NOW,
    )
    NoteSection.objects.filter(note=note).order_by("pk").update(body="Words: 'so' \"and\" \\ 100%\n“–” é")
    asked = (
        NoteOfVisit.objects.filter(pk=note.pk),
        NoteSection.objects.filter(note=note),
        Judgement.objects.filter(section__note=note),
        AgreedAction.objects.filter(note=note) | AgreedAction.objects.filter(school=world.oak),
        ActionReview.objects.filter(section__note=note, status="no such"),
        Target.objects.filter(school=world.oak),
        GateReview.objects.filter(note=note),
    )
    with django_assert_num_queries(1):
        found = read_together(*asked)
    for rows, queryset in zip(found, asked, strict=True):
        alone = {row.pk: row for row in queryset}
        assert {row.pk: columns(row) for row in rows} == {pk: columns(row) for pk, row in alone.items()}
        assert all(type(row) is queryset.model and not row._state.adding for row in rows)
    target = next(row for row in found[5] if row.measure == "ks2.l5_sc")
    assert (target.value, str(target.previous), target.was_agreed) == (Decimal("72.5"), "0.10", False)
    assert target.changed_at == NOW and target.changed_at.utcoffset() == dt.timedelta(0)
    assert found[1] and found[2] and not found[4]
    assert model_to_dict(found[6][0])["reasons"]
