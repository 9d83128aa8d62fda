"""Tables that are made together (the migrations themselves run on PostgreSQL in every `make test`)."""

from __future__ import annotations

import pytest
from django.db import models
from django.db.migrations import AddField, CreateModel
from django.db.migrations.state import ProjectState

from core.schema import MakeTables

ID = ("id", models.BigAutoField(primary_key=True))


def test_the_state_is_that_of_the_operations_one_by_one() -> None:
    operations = [
        CreateModel("Visit", [ID]),
        CreateModel("Note", [ID, ("visit", models.ForeignKey("sample.visit", models.PROTECT))]),
        AddField("visit", "note", models.ForeignKey("sample.note", models.PROTECT, null=True)),
    ]
    together, one_by_one = ProjectState(), ProjectState()
    assert together.apps is not None  # rendered, as it is in the middle of a run
    MakeTables(operations).state_forwards("sample", together)
    for operation in operations:
        operation.state_forwards("sample", one_by_one)
    assert together == one_by_one
    visit = together.apps.get_model("sample", "visit")
    assert [field.name for field in visit._meta.fields] == ["id", "note"]


def test_it_completes_no_table_that_it_does_not_make() -> None:
    with pytest.raises(ValueError, match="does not make: school"):
        MakeTables([CreateModel("Visit", [ID]), AddField("School", "roll", models.IntegerField(null=True))])
