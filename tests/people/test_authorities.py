"""Authorities, their colours and settings, clusters and packs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.packs import PackContent, PackInvalid
from people.models import Pack
from people.packs import pack_for
from people.services import create_authority, create_cluster, load_pack, rename_cluster, store_pack, update_authority
from tests.factories.people import NOW, TODAY, england_2008
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


def other_content(version: str, first: int | None = None, last: int | None = None) -> PackContent:
    content = england_2008()
    return replace(
        content,
        version=version,
        digest=f"{version}{content.digest}"[:64],
        first_academic_year=first or content.first_academic_year,
        last_academic_year=last or content.last_academic_year,
    )


def test_an_authority_is_made_at_the_machine_only(world: World) -> None:
    made = create_authority(actor=None, code="777", name="Lowmark", brand_colour="#224466", at=NOW)
    assert made.brand_colour == "#224466"
    with pytest.raises(Conflict):
        create_authority(actor=None, code="777", name="Again", at=NOW)
    with pytest.raises(Refused, match="at the machine"):
        create_authority(actor=world.administrator, code="778", name="Mine", at=NOW)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"brand_colour": "#8fb8c0"}, "brand_colour"),
        ({"link_colour": "#9fc1e0"}, "link_colour"),
        ({"brand_colour": "teal"}, "brand_colour"),
        ({"brand_colour": "#000000;} body{"}, "brand_colour"),
        ({"name": " "}, "name"),
        ({"email": "no address"}, "email"),
        ({"closure_days": ["24 December"]}, "closure_days"),
        ({"settings": {"no_such_setting": 1}}, "settings"),
        ({"settings": {"finish_notes_office_days": 61}}, "settings"),
        ({"settings": {"finish_notes_office_days": "many"}}, "settings"),
    ],
)
def test_what_an_authority_cannot_be(world: World, values: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as caught:
        update_authority(actor=world.administrator, authority=world.authority, at=NOW, **values)
    assert caught.value.field == field
    world.authority.refresh_from_db()
    assert world.authority.name == "Wealdshire"


def test_own_values_of_settings_count(world: World) -> None:
    update_authority(
        actor=world.administrator, authority=world.authority, settings={"finish_notes_office_days": 10}, closure_days=["2008-12-24"], at=NOW
    )
    pack = pack_for(world.authority, TODAY)
    assert pack is not None
    assert pack.whole("finish_notes_office_days") == 10
    assert not pack.office_days.is_day(pack.closures[0])
    assert AuditEvent.objects.get(event="authority.changed").changes["closure_days"] == [[], ["2008-12-24"]]
    for name in ("manager", "other_administrator"):
        with pytest.raises(PermissionDenied):
            update_authority(actor=world.people[name], authority=world.authority, name="Mine", at=NOW)


def test_clusters(world: World) -> None:
    east = create_cluster(actor=world.administrator, authority=world.authority, code="E", name="East", at=NOW)
    with pytest.raises(Conflict):
        create_cluster(actor=world.administrator, authority=world.authority, code="E2", name="east", at=NOW)
    rename_cluster(actor=world.administrator, cluster=east, name="Far east", at=NOW)
    with pytest.raises(Conflict):
        rename_cluster(actor=world.administrator, cluster=east, name="North", at=NOW)
    with pytest.raises(PermissionDenied):
        rename_cluster(actor=world.other_administrator, cluster=east, name="Ours", at=NOW)


# ---------------------------------------------------------------- packs


def test_a_pack_is_loaded_once_however_often(world: World) -> None:
    folder = settings.BASE_DIR / "packs" / "england-2008"
    first = load_pack(actor=world.other_administrator, authority=world.other, folder=folder, at=NOW)
    events = AuditEvent.objects.count()
    assert load_pack(actor=world.other_administrator, authority=world.other, folder=folder, at=NOW) == first
    assert AuditEvent.objects.count() == events
    assert Pack.objects.filter(authority=world.other).count() == 1
    for name in ("administrator", "other_manager"):
        with pytest.raises(PermissionDenied):
            load_pack(actor=world.people[name], authority=world.other, folder=folder, at=NOW)


def test_a_pack_with_a_fault_changes_nothing(world: World, tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text('pack = "broken"\n')
    with pytest.raises(PackInvalid):
        load_pack(actor=world.administrator, authority=world.authority, folder=tmp_path, at=NOW)
    assert Pack.objects.filter(authority=world.authority).count() == 1


def test_a_later_version_supersedes_and_the_earlier_stays_as_it_is(world: World) -> None:
    old = world.pack
    assert old is not None
    new = store_pack(actor=world.administrator, authority=world.authority, content=other_content("2"), at=NOW)
    kept = Pack.objects.get(pk=old.pk)
    assert (kept.superseded_at, kept.file_id, kept.digest) == (NOW, old.file_id, old.digest)
    assert pack_for(world.authority, TODAY).row == new  # type: ignore[union-attr]
    back = store_pack(actor=world.administrator, authority=world.authority, content=england_2008(), at=NOW)
    assert back.pk == old.pk
    assert pack_for(world.authority, TODAY).row == old  # type: ignore[union-attr]
    assert Pack.objects.filter(authority=world.authority, superseded_at__isnull=True).count() == 1


def test_one_pack_in_force_a_year(world: World) -> None:
    old = world.pack
    assert old is not None
    later = other_content("3", old.last_year + 1, old.last_year + 3)
    store_pack(actor=world.administrator, authority=world.authority, content=later, at=NOW)
    assert Pack.objects.filter(authority=world.authority, superseded_at__isnull=True).count() == 2
    across = other_content("4", old.last_year, old.last_year + 1)
    if old.first_year < old.last_year:
        with pytest.raises(Refused, match="Load a pack that covers all of these years, or none of them"):
            store_pack(actor=world.administrator, authority=world.authority, content=across, at=NOW)
