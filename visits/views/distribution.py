"""Who was sent a note, what became of it, and who has read it: for all who may read the note, the head included."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from core import clock
from core.access import can, get_visible
from core.outbox import OutboxEmail
from people.roles import Permission as P
from people.views.base import Deed
from visits import services
from visits.choices import DeliveryState
from visits.models import Delivery, NoteOfVisit
from visits.selectors import deliveries_of, notes_with_visits, openings_of, who_can_see

from .notes import ReadsRecords
from .pages import AboutNote, visit_words

NOT_ARRIVED = (DeliveryState.BOUNCED, DeliveryState.FAILED)


class NoteDistributionView(AboutNote, ReadsRecords):
    """Both dispatches with every delivery, its tries and its end; beneath, who opened or downloaded which version, and when."""

    permission = P.NOTE_OPEN
    template_name = "visits/note_distribution.html"

    def get_object(self) -> NoteOfVisit:
        return get_visible(notes_with_visits(NoteOfVisit.objects.all()), self.request.user, public_id=self.kwargs["note"])

    def context(self) -> dict[str, Any]:
        note, user = self.note, self.user
        records = self.records
        # of other schools of a group, and of a note that they cannot read, a person learns nothing
        deliveries = deliveries_of(note, {record.school_id for record in records}) if records else []
        if can(user, P.NOTE_RELEASE, note):
            deliveries = deliveries_of(note, [school.pk for school in note.covered])
        emails: dict[str, list[OutboxEmail]] = {}
        for email in OutboxEmail.objects.filter(
            context_kind="delivery", context_reference__in=[delivery.public_id for delivery in deliveries]
        ).order_by("pk"):
            emails.setdefault(email.context_reference, []).append(email)
        by_id = {record.public_id: record for record in records}
        may_send = can(user, P.NOTE_RELEASE, note)
        return {
            "title": visit_words(note.visit),
            "rows": [
                {
                    "delivery": delivery,
                    "tries": sum(email.attempts for email in emails.get(delivery.public_id, ())),
                    "is_wrong": delivery.state in (*NOT_ARRIVED, DeliveryState.HELD),
                    "may_send": may_send and delivery.state in NOT_ARRIVED,
                }
                for delivery in deliveries
            ],
            "openings": [(event, by_id[event.subject_id]) for event in openings_of(records)],
            "privacy": who_can_see(note),
        }


class DeliveryResendView(Deed):
    """Send once more what has not arrived."""

    permission = P.NOTE_RELEASE

    def get_object(self) -> NoteOfVisit:
        return get_visible(notes_with_visits(NoteOfVisit.objects.all()), self.request.user, public_id=self.kwargs["note"])

    def deed(self) -> str:
        found = Delivery.objects.select_related("dispatch", "contact__user", "school").filter(dispatch__note=self.object)
        delivery: Delivery = get_object_or_404(found, public_id=self.kwargs["delivery"])
        delivery.dispatch.note = self.object
        services.resend_delivery(actor=self.request.user, delivery=delivery, at=clock.now())
        return f"It is on its way to {delivery.name} again."

    def back(self) -> str:
        return reverse("visits:note-distribution", args=[self.object.public_id])
