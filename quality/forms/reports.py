"""What the manager writes in a report."""

from __future__ import annotations

from core.components.fields import ProseField
from core.components.forms import PortalForm


class ReportTextForm(PortalForm):
    text = ProseField(
        label="What the report says here",
        help_text="Name no school and no person: the regional coordinator reads this. Without words the heading is left out.",
        required=False,
        rows=12,
    )
