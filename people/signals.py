"""What ``people`` tells the apps above it. A receiver may raise ``Refused``: then nothing has changed."""

from django.dispatch import Signal

account_deactivated = Signal()
"""Sent with ``user`` and ``at``, in the transaction that deactivated the account."""

sip_changing = Signal()
"""Sent with ``sip`` (as it shall be, inside the transaction) when a SIP profile changes."""
