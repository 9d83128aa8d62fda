"""Rows of lower apps as the queues of quality assurance on the admin site: one section, one look. No table of their own."""

from __future__ import annotations

from people.models import Sip
from visits.models import GateReview, Round


class GateQueue(GateReview):
    class Meta:
        proxy = True
        verbose_name = "gate review"
        verbose_name_plural = "gate reviews"


class RoundToSample(Round):
    class Meta:
        proxy = True
        verbose_name = "round to sample"
        verbose_name_plural = "rounds to sample"


class SipToShadow(Sip):
    class Meta:
        proxy = True
        verbose_name = "SIP to shadow"
        verbose_name_plural = "SIPs to shadow"


class SipToMentor(Sip):
    class Meta:
        proxy = True
        verbose_name = "SIP without a mentor"
        verbose_name_plural = "SIPs without a mentor"


class SipToAskAbout(Sip):
    class Meta:
        proxy = True
        verbose_name = "SIP to ask heads and chairs about"
        verbose_name_plural = "SIPs to ask heads and chairs about"


class SipReviewDue(Sip):
    class Meta:
        proxy = True
        verbose_name = "SIP review due"
        verbose_name_plural = "SIP reviews due"
