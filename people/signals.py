"""What ``people`` tells the apps above it. A receiver may raise ``Refused``: then nothing has changed."""

from django.dispatch import Signal

account_deactivated = Signal()
"""Sent with ``user`` and ``at``, in the transaction that deactivated the account."""

sip_named = Signal()
"""Sent with ``user`` when a person becomes a SIP, or one who is gets another name."""

sip_changing = Signal()
"""Sent with ``sip`` (as it shall be, inside the transaction) when a SIP profile changes."""
