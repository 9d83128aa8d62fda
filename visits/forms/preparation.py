"""What is ticked on the preparation page. Its fields are the rows of the pack, which the page itself sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import clock
from core.components.fields import ProseField
from core.components.formats import day
from core.components.forms import PortalForm
from visits.preparation import DatasetLine, SchoolPack
from visits.services import Asked


class PrepareForm(PortalForm):
    own = ProseField(label="Your own question", rows=2, max_length=600, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, pack: SchoolPack) -> None:
        super().__init__(data)
        self.pack = pack
        self.wrong: dict[str, str] = {}

    def refuse(self, field: str | None, message: str) -> None:
        """A refusal about the version of one data set belongs to its own row."""
        if field is not None and field.startswith("version-"):
            self.wrong[field] = message
            super().refuse(None, message)
        else:
            super().refuse(field, message)

    # -- as the page shows it

    def is_ticked(self, name: str, saved: bool) -> bool:
        return name in self.data if self.is_bound else saved

    def lines(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The data sets in their groups, each as ticked or typed."""
        return [(title, [self._line(line) for line in lines]) for title, lines in self.pack.groups]

    def _line(self, line: DatasetLine) -> dict[str, Any]:
        typed = f"version-{line.code}"
        version = self.data.get(typed, "") if self.is_bound else line.studied.version if line.studied and line.held is None else ""
        return {
            "it": line,
            "is_ticked": self.is_ticked(f"studied-{line.code}", line.studied is not None),
            "version": version,
            "error": self.wrong.get(typed, ""),
        }

    # -- as it was sent

    def studied(self) -> dict[str, str]:
        """Code → version of each data set ticked. The school's own, with no version entered, is cited by the day."""
        found = {}
        for line in self.pack.lines:
            if f"studied-{line.code}" not in self.data:
                continue
            typed = str(self.data.get(f"version-{line.code}", "")).strip()
            if line.held is not None:
                found[line.code] = line.version
            elif line.is_schools and not typed:
                found[line.code] = line.version or f"as it stood on {day(clock.today())}"
            else:
                found[line.code] = typed
        return found

    def questions(self) -> list[Asked]:
        chosen = [line for line in self.pack.questions if f"ask-{line.key}" in self.data]
        asked = [Asked(line.text, code=line.code, figure=line.figure, why=line.why) for line in chosen]
        own = str(self.cleaned_data.get("own") or "").strip()
        return [*asked, *([Asked(own)] if own else [])]
