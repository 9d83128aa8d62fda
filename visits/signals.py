"""What visits tell the apps above them."""

from django.dispatch import Signal

notes_going = Signal()
"""Sent with ``notes``, the ids of notes that retention destroys, in that transaction and before they go: what rests on them
goes first."""
