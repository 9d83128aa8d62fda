"""Tables for others: CSV and Excel files in which nothing runs when they are opened (assurance.md, "Exports").

In CSV a text that a spreadsheet would take for a formula gets an apostrophe before it, which ``core.tabular.columns``
takes off again on the way in; numbers and dates are left as they are. In a workbook a text is stored as text, so it
needs no guard, and neither formulas nor links are ever written. Days are written day first, as the department's are.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from core.tabular.columns import RISKY

MAX_CELL = 32_767  # characters in a cell of an Excel workbook
MAX_ROWS = 1_048_575  # rows below the header

SAME_BYTES = dt.datetime(2008, 9, 1, tzinfo=dt.UTC)
"""The creation date of every workbook, so that the same content gives the same bytes."""

_RISKY = re.compile(f"'*[{re.escape(RISKY)}]")
_LOOKS_GUARDED = re.compile(f"'+[{re.escape(RISKY)}]")

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet might run; ``core.tabular.columns.unguard`` is its inverse."""
    return "'" + text if _RISKY.match(text) else text


def local(moment: dt.datetime) -> dt.datetime:
    """The clock on the wall, as a file has no time zones."""
    return timezone.localtime(moment).replace(tzinfo=None) if timezone.is_aware(moment) else moment


def csv_cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dt.datetime():
            return local(value).strftime("%d/%m/%Y %H:%M")
        case dt.date():
            return value.strftime("%d/%m/%Y")
        case Decimal():
            return format(value, "f")
        case int() | float():
            return str(value)
        case _:
            return guard(str(value))


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark (Excel needs it to show accents), every cell quoted, CRLF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([guard(name) for name in columns])
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """An .xlsx workbook: one sheet or more, header in bold and frozen, text as text, dates as dates."""
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": SAME_BYTES})
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for number, sheet in enumerate(sheets, start=1):
            page = book.add_worksheet(sheet_name(sheet.name, number))
            page.freeze_panes(1, 0)
            for place, title in enumerate(sheet.columns):
                page.set_column(place, place, min(max(len(title) + 2, 10), 50))
            for place, title in enumerate(sheet.columns):
                page.write_string(0, place, title, bold)
            for at, row in enumerate(sheet.rows, start=1):
                if at > MAX_ROWS:
                    raise ValueError("There are more rows than a workbook can hold. Export them as CSV.")
                for place, value in enumerate(row):
                    if value is None or value == "":
                        continue
                    if isinstance(value, bool):
                        page.write_string(at, place, "yes" if value else "no")
                    elif _is_number(value):
                        page.write_number(at, place, value)
                    elif isinstance(value, dt.datetime):
                        page.write_datetime(at, place, local(value), moment)
                    elif isinstance(value, dt.date):
                        page.write_datetime(at, place, value, day)
                    else:
                        page.write_string(at, place, _workbook_text(str(value)))
    return out.getvalue()


def _is_number(value: Any) -> bool:
    """Whether a workbook holds the value exactly as a number: it keeps 15 figures."""
    return isinstance(value, int | float | Decimal) and -(10**15) < value < 10**15


def _workbook_text(text: str) -> str:
    if _LOOKS_GUARDED.match(text):
        text = "'" + text  # or the way back in would take its own apostrophe off
    if len(text) > MAX_CELL:
        raise ValueError("A cell has more text than a workbook can hold. Export it as CSV.")
    return text


def sheet_name(name: str, number: int) -> str:
    """A name that Excel accepts: 31 characters, none of ``[]:*?/\\``, no apostrophe at either end."""
    return re.sub(r"[\[\]:*?/\\]", " ", name).strip().strip("'")[:31] or f"Sheet{number}"


def file_name(name: str, kind: str) -> str:
    return f"{slugify(name)[:80] or 'export'}.{kind}"


def export_response(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], kind: str) -> HttpResponse:
    """A download of the table. ``kind`` is ``csv`` or ``xlsx``; the caller audits it with the number of rows."""
    if kind == "csv":
        body = write_csv(columns, rows)
    elif kind == "xlsx":
        body = write_workbook([Sheet(name, columns, rows)])
    else:
        raise ValueError(f"No export of the kind {kind!r}.")
    return file_response(file_name(name, kind), body, kind)


def file_response(name: str, body: bytes, kind: str) -> HttpResponse:
    """Bytes as a download that no browser shows in the page."""
    response = HttpResponse(body, content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
