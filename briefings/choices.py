"""The states of what ``briefings`` keeps, and the tone in which each is shown."""

from __future__ import annotations

from django.db import models


class BriefingState(models.TextChoices):
    """A date of the year's list; its invitations sent; held, with who came; called off."""

    PLANNED = "planned", "Date set"
    CALLED = "called", "Invited"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Called off"


BRIEFING_TONES: dict[str, str] = {
    BriefingState.PLANNED: "rest",
    BriefingState.CALLED: "work",
    BriefingState.HELD: "done",
    BriefingState.CANCELLED: "late",
}


class ResourceState(models.TextChoices):
    """Of a resource of the library: which of its versions is current, ``Resource.current`` says."""

    DRAFT = "draft", "Not published yet"
    PUBLISHED = "published", "Current"
    RETIRED = "retired", "Retired"


RESOURCE_TONES: dict[str, str] = {
    ResourceState.DRAFT.value: "work",
    ResourceState.PUBLISHED.value: "done",
    ResourceState.RETIRED.value: "rest",
}


class OfferState(models.TextChoices):
    """Of a question that somebody offers to the bank (P18)."""

    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "In the bank"
    DECLINED = "declined", "Not taken up"


OFFER_TONES: dict[str, str] = {
    OfferState.OFFERED.value: "wait",
    OfferState.ACCEPTED.value: "done",
    OfferState.DECLINED.value: "rest",
}


class SuggestionState(models.TextChoices):
    """Of what somebody would like to see in the library (P32)."""

    MADE = "made", "Waiting for an answer"
    ANSWERED = "answered", "Answered"


class Reply(models.TextChoices):
    """What somebody who is invited has said."""

    NONE = "", "No reply yet"
    COMING = "coming", "Coming"
    NOT_COMING = "not_coming", "Not coming"


class BulletinState(models.TextChoices):
    DRAFT = "draft", "Being written"
    PUBLISHED = "published", "Published"


BULLETIN_TONES: dict[str, str] = {BulletinState.DRAFT: "work", BulletinState.PUBLISHED: "done"}


class ItemKind(models.TextChoices):
    """What an item of a bulletin wants of its reader."""

    ACTION = "action", "For action"
    INFORMATION = "information", "For information"


class WorkshopState(models.TextChoices):
    OPEN = "open", "Open"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Called off"


WORKSHOP_TONES: dict[str, str] = {WorkshopState.OPEN: "work", WorkshopState.HELD: "done", WorkshopState.CANCELLED: "late"}


class BookingState(models.TextChoices):
    BOOKED = "booked", "Booked"
    WAITING = "waiting", "On the waiting list"
    CANCELLED = "cancelled", "Cancelled"


BOOKING_TONES: dict[str, str] = {BookingState.BOOKED: "done", BookingState.WAITING: "work", BookingState.CANCELLED: "rest"}
