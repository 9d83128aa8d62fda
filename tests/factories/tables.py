"""Made-up files in the published formats: the register, links, contacts, assignments."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

# The state-funded bulk file's columns, in its order (FORMATS.md §10).
GIAS = (
    "URN", "LA (code)", "LA (name)", "EstablishmentNumber", "EstablishmentName", "TypeOfEstablishment (name)", "EstablishmentStatus (name)",
    "ReasonEstablishmentOpened (name)", "OpenDate", "PhaseOfEducation (name)", "StatutoryLowAge", "StatutoryHighAge", "Boarders (name)",
    "OfficialSixthForm (name)", "Gender (name)", "ReligiousCharacter (name)", "AdmissionsPolicy (name)", "UKPRN", "Street", "Locality",
    "Address3", "Town", "County (name)", "Postcode", "SchoolWebsite", "TelephoneNum", "HeadTitle (name)", "HeadFirstName", "HeadLastName",
    "HeadPreferredJobTitle", "GOR (name)", "ParliamentaryConstituency (code)", "ParliamentaryConstituency (name)",
)  # fmt: skip
# What the full-field export of a search has besides.
FULL = (
    *GIAS,
    "EstablishmentTypeGroup (name)",
    "ReasonEstablishmentClosed (name)",
    "CloseDate",
    "Diocese (name)",
    "SchoolCapacity",
    "CensusDate",
    "NumberOfPupils",
    "Easting",
    "Northing",
    "LastChangedDate",
)
LINKS = ("URN", "LinkURN", "LinkName", "LinkType", "LinkEstablishedDate")

PLAIN: Mapping[str, Any] = {
    "LA (code)": 999, "LA (name)": "Wealdshire", "TypeOfEstablishment (name)": "Community school", "EstablishmentStatus (name)": "Open",
    "ReasonEstablishmentOpened (name)": "Not applicable", "OpenDate": "01-09-1998", "PhaseOfEducation (name)": "Primary", "StatutoryLowAge": 4,
    "StatutoryHighAge": 11, "Boarders (name)": "No boarders", "OfficialSixthForm (name)": "Does not have a sixth form", "Gender (name)": "Mixed",
    "ReligiousCharacter (name)": "Does not apply", "AdmissionsPolicy (name)": "Not applicable", "Street": "Mill Lane", "Town": "Brede",
    "County (name)": "Kent", "Postcode": "WS1 1AA", "SchoolWebsite": "www.school.example", "TelephoneNum": "01632960001",
    "HeadTitle (name)": "Mrs", "HeadFirstName": "Canary", "HeadLastName": "Headname", "HeadPreferredJobTitle": "Headteacher", "GOR (name)": "South East",
}  # fmt: skip


def school(urn: int, name: str = "", **values: Any) -> dict[str, Any]:
    """One row of the register. Keywords are column names with their spaces and brackets left out, or the common ones' short forms."""
    short = {
        "la": "LA (code)", "la_name": "LA (name)", "estab": "EstablishmentNumber", "type": "TypeOfEstablishment (name)",
        "status": "EstablishmentStatus (name)", "phase": "PhaseOfEducation (name)", "low": "StatutoryLowAge", "high": "StatutoryHighAge",
        "opened": "OpenDate", "closed": "CloseDate", "close_reason": "ReasonEstablishmentClosed (name)", "roll": "NumberOfPupils",
        "roll_on": "CensusDate", "website": "SchoolWebsite", "telephone": "TelephoneNum", "changed": "LastChangedDate", "town": "Town",
        "diocese": "Diocese (name)", "capacity": "SchoolCapacity",
    }  # fmt: skip
    row = {**PLAIN, "URN": urn, "EstablishmentNumber": 2000 + urn % 7000, "EstablishmentName": name or f"School {urn}"}
    return row | {short.get(key, key): value for key, value in values.items()}


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, Any] | Sequence[Any]], encoding: str = "cp1252") -> bytes:
    """As the department writes it: CRLF, text quoted, whole numbers not. A row that is a sequence is written as it is."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(column, "") for column in columns] if isinstance(row, Mapping) else row)
    return out.getvalue().encode(encoding)


def gias_bytes(*rows: Mapping[str, Any], columns: Sequence[str] = GIAS, encoding: str = "cp1252") -> bytes:
    return csv_bytes(columns, rows, encoding)


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook_bytes(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
