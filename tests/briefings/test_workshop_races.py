"""Two hundred who book at the same moment get exactly the places there are (issue "Shown by"), in threads, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from briefings import services
from briefings.models import Booking, Workshop
from briefings.services import Full
from people.models import User
from tests.factories.briefings import make_workshop
from tests.factories.people import NOW, TODAY, make_sip, make_user
from tests.factories.schools import build_world

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

PEOPLE, PLACES, HANDS = 200, 20, 8


@pytest.fixture
def crowd(settings: Any, transactional_db: None) -> tuple[Workshop, list[User]]:
    settings.SIP_TODAY = TODAY
    world = build_world()
    people = [make_user(f"Sip {number}", authority=world.authority) for number in range(PEOPLE)]
    for user in people:
        make_sip(user, world.authority)
    return make_workshop(world, places=PLACES), people


def test_200_at_once_get_exactly_the_places_and_each_of_the_others_a_sentence(crowd: tuple[Workshop, list[User]]) -> None:
    """Every fourth is content to wait; then ten give their place back at once, and ten who wait get one."""
    workshop, people = crowd
    gate = threading.Barrier(HANDS)

    def book(number: int, user: User) -> str:
        if number < HANDS:
            gate.wait(timeout=20)
        try:
            row = services.book_workshop(actor=user, workshop=Workshop.objects.get(pk=workshop.pk), is_waiting=number % 4 == 0, at=NOW)
            return row.state
        except Full as refusal:
            return refusal.message

    def give_back(pk: int) -> str:
        row = Booking.objects.select_related("workshop__authority", "user").get(pk=pk)
        return str(services.cancel_booking(actor=row.user, booking=row, at=NOW).state)

    pool = ThreadPoolExecutor(max_workers=HANDS)
    try:
        done = Counter(future.result(timeout=60) for future in [pool.submit(book, n, user) for n, user in enumerate(people)])
        row = Workshop.objects.get(pk=workshop.pk)
        booked = Booking.objects.filter(workshop=row, state="booked")
        assert done["booked"] == PLACES == row.taken == booked.count(), done
        assert set(done) <= {"booked", "waiting", "All 20 places are taken. Join the waiting list."}
        assert sum(done.values()) == PEOPLE and done["waiting"] == Booking.objects.filter(workshop=row, state="waiting").count() >= 30
        mine = list(booked.values_list("pk", flat=True)[:10])
        assert Counter(f.result(timeout=60) for f in [pool.submit(give_back, pk) for pk in mine]) == {"cancelled": 10}
        row.refresh_from_db()
        assert row.taken == PLACES == Booking.objects.filter(workshop=row, state="booked").count()
    finally:
        closing = threading.Barrier(HANDS)
        for future in [pool.submit(lambda: (closing.wait(timeout=20), connections.close_all())) for _ in range(HANDS)]:
            future.result(timeout=30)
        pool.shutdown()
