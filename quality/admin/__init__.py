"""Quality assurance on the admin site: queues, filters and actions on many rows, by the services of the portal (domain.md §7).

Each queue is a scope; an action lists the rows, asks what it needs, and says of each that it was done or why not. The wall,
the separations, the workflow and the audit are the services' own.
"""

from . import feedback, notes, sips

__all__ = ["feedback", "notes", "sips"]
