"""``import_committed``: an import was written. Sent in its transaction, so that what is asked for begins after the commit."""

from django.dispatch import Signal

import_committed = Signal()
"""``sender`` is the import kind's class; ``authority`` the tenant (or None); ``kind`` its key."""
