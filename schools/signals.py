"""What schools say to the apps above."""

from django.dispatch import Signal

contact_confirmed = Signal()
"""Sent with ``contact`` and ``at``, in the transaction that confirmed it: what was held for this person can go."""
