"""What ``people`` tells the apps above it. A receiver may raise ``Refused``: then nothing has changed."""

from django.dispatch import Signal

sip_changing = Signal()
"""Sent with ``sip`` (as it shall be, inside the transaction) when a SIP profile changes."""
