"""What schools answer to a change below them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from core.access import Refused
from people.models import Sip, User
from people.signals import sip_changing, sip_named
from schools.indexing import index_adviser
from schools.models import Assignment
from schools.selectors.allocation import BY_PROFILE


@receiver(sip_changing, dispatch_uid="schools.profile_bears_assignments")
def profile_bears_assignments(sip: Sip, **kwargs: Any) -> None:
    """domain.md §3: no assignment may start before accreditation, outlast the profile, or be of a phase not served."""
    rows = Assignment.objects.filter(
        authority_id=sip.authority_id, adviser_id=sip.user_id, kind__in=BY_PROFILE, starts_on__gte=sip.starts_on
    )
    if sip.ends_on is not None:
        rows = rows.filter(starts_on__lte=sip.ends_on)
        beyond = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=sip.ends_on)).select_related("school").first()
        if beyond is not None:
            raise Refused(f"The assignment to {beyond.school.name} goes beyond that day. End or hand it over first.", field="ends_on")
    before = rows.filter(starts_on__lt=sip.accredited_on).first() if sip.accredited_on else rows.first()
    if before is not None:
        starts = f"{before.starts_on.day} {before.starts_on:%B %Y}"
        raise Refused(f"An assignment starts on {starts}: no assignment may start before accreditation.", field="accredited_on")
    unserved = rows.exclude(school__phase__in=sip.phases).filter(Q(ends_on__isnull=True)).select_related("school").first()
    if unserved is not None:
        raise Refused(
            f"{unserved.school.name} is {unserved.school.get_phase_display()}: end or hand over that assignment first.", field="phases"
        )


@receiver(sip_named, dispatch_uid="schools.index_adviser")
def find_sip_by_name(user: User, **kwargs: Any) -> None:
    index_adviser(user)
