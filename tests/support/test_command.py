"""``evaluate_scheme``: counts by category, and for each school the rules that fired, with their figures."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from support import services
from tests.factories.people import NOW
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("evaluate_scheme", *arguments, "--on", "2008-10-14", stdout=out)
    return out.getvalue()


def test_the_command_says_for_each_school_which_rules_fired(world: World) -> None:
    services.give_warning_notice(actor=world.manager, school=world.oak, grounds="g", on=dt.date(2008, 10, 1), at=NOW)
    told = json.loads(run("current", "--authority", "999", "--format", "json"))
    assert told["schools"] == 7 == sum(told["counts"].values()) == told["counts"]["person"]  # nothing but notices is known here
    oak = next(school for school in told["by_school"] if school["school"] == "Oakfield Primary School")
    assert (oak["category"], oak["known_facts_alone"]) == ("person", "intensive")
    (fired,) = oak["fired"]
    assert (fired["code"], fired["decides"]) == ("warned", True)
    assert fired["figures"] == [{"fact": "concern.warning_notice", "label": "A warning notice is in force", "value": "yes"}]
    other = next(school for school in told["by_school"] if school["school"] == "Yew Tree Primary School")
    assert other["category"] == "person" and "known" in other["why_a_person_decides"]
    text = run("current", "--authority", "999")
    assert "Oakfield Primary School: For a person to decide (" in text


def test_the_command_says_what_is_not_there(world: World) -> None:
    with pytest.raises(CommandError, match="no authority 777"):
        run("current", "--authority", "777")
    with pytest.raises(CommandError, match="no scheme nothing"):
        run("nothing", "--authority", "999")
