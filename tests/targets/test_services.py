"""Setting a target: agreed, set without agreement, or only proposed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Refused
from core.audit import AuditEvent
from targets.models import Target
from targets.services import set_target
from tests.factories.people import NOW
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(world: World) -> Target:
    return Target.objects.create(school=world.oak, measure="ks2.l4_en_ma", summer=2010, changed_at=NOW)


@pytest.mark.parametrize(("agreed", "state"), [(True, "agreed"), (False, "not_agreed"), (None, "proposed")])
def test_how_it_stands(world: World, target: Target, agreed: bool | None, state: str) -> None:
    set_target(actor=world.sip, target=target, value=Decimal("72.5"), previous=Decimal("61"), estimate=Decimal("70"), agreed=agreed, at=NOW)
    target.refresh_from_db()
    assert (target.state, target.value) == (state, Decimal("72.50"))
    assert AuditEvent.objects.get(event="target.set").changes["value"] == "72.5"


def test_the_same_again_leaves_no_event(world: World, target: Target) -> None:
    for _ in range(2):
        set_target(actor=world.sip, target=target, value=Decimal("72"), previous=None, estimate=None, agreed=None, at=NOW)
    assert AuditEvent.objects.filter(event="target.set").count() == 1


def test_what_is_refused(world: World, target: Target) -> None:
    with pytest.raises(Refused, match="less than nought"):
        set_target(actor=world.sip, target=target, value=Decimal("-1"), previous=None, estimate=None, agreed=None, at=NOW)
    with pytest.raises(Refused, match="leave the agreement open"):
        set_target(actor=world.sip, target=target, value=None, previous=None, estimate=None, agreed=True, at=NOW)
    with pytest.raises(PermissionDenied):
        set_target(actor=world.consultant, target=target, value=Decimal("50"), previous=None, estimate=None, agreed=None, at=NOW)
