"""The file of a pupil-level sheet: its columns, and what makes it be refused before a row of it is read (domain.md §5)."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from core.tabular.columns import CellError, Column, Format, Kind
from core.tabular.reading import Forbidden, Limits

NAMES: Final = Forbidden(
    words=(
        "name",
        "names",
        "forename",
        "forenames",
        "surname",
        "firstname",
        "lastname",
        "initials",
        "pupil name",
        "address",
        "postcode",
        "ethnicity",
    ),
    message=(
        "The column {column!r} names pupils or describes them. The portal keeps no names: nothing of the file was read. "
        "Take the column out, give each pupil a reference of your own, and send it again."
    ),
)
BIRTHS: Final = Forbidden(
    words=("dob", "birth", "birthday", "born", "birthdate", "age in months"),
    message="The column {column!r} holds dates of birth, which the portal does not keep. Nothing of the file was read. Take the column out and send it again.",
)
NPD: Final = Forbidden(
    words=(
        "npd",
        "pupilmatchingrefanonymous",
        "pupilmatchingrefnonanonymous",
        "pmr",
        "upn_npd",
        "idaci",
        "candno",
        "matchprob",
        "laestab_npd",
    ),
    message=(
        "The column {column!r} is of an extract of the National Pupil Database, which may not be loaded here. Nothing of the file was "
        "read. Enter the school\N{RIGHT SINGLE QUOTATION MARK}s own sheet instead."
    ),
)

_UPN: Final = re.compile(r"[A-HJ-NP-RT-Z]\d{11}[0-9A-HJ-NP-RT-Z]", re.ASCII | re.IGNORECASE)
_OWN: Final = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9/._-]{0,15}", re.ASCII)
_DATE: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", re.ASCII)


def is_upn(reference: str) -> bool:
    return bool(_UPN.fullmatch(reference))


def reference(cell: str) -> str:
    """A reference of the school's own: letters, figures, a figure among them, no spaces; or a UPN. Raises CellError."""
    if _DATE.fullmatch(cell) or not (is_upn(cell) or _OWN.fullmatch(cell)):
        raise CellError("A reference is up to 16 letters and figures without spaces, such as M5-04. It is never a name or a date.")
    return cell.upper()


def kept_reference(cell: str, authority_code: str) -> str:
    """As it is stored: a UPN hashed with a secret of the authority's own, which is in no database; another as it stands."""
    if not is_upn(cell):
        return cell
    secret = HKDF(algorithm=SHA256(), length=32, salt=b"", info=f"upn {authority_code}".encode()).derive(settings.SECRET_KEY.encode())
    return f"U-{hmac.new(secret, cell.upper().encode(), hashlib.sha256).hexdigest()[:16]}"


_SCALE: Final = re.compile(r"P([1-3])[ (]*(I{1,2})\)?", re.ASCII)


def _level(cell: str) -> str:
    if scale := _SCALE.fullmatch(cell.upper()):
        return f"P{scale[1]}({scale[2].lower()})"
    return {"below 3": "below 3", "<3": "below 3", "B": "below 3"}.get(cell.lower() if len(cell) > 1 else cell.upper(), cell.upper())


def _subjects(key: str, name: str, **values: Any) -> list[Column]:
    return [
        Column(
            f"{key}_{short}", f"{name} {subject}", **{"aliases": tuple(f"{alias} {other}" for alias in (name,) for other in more), **values}
        )
        for short, subject, more in (("en", "English", ()), ("ma", "mathematics", ("maths",)))
    ]


PUPIL_SHEET: Final = Format(
    "pupil-sheet",
    "a sheet of pupils\N{RIGHT SINGLE QUOTATION MARK} targets",
    (
        Column(
            "reference",
            "Reference",
            aliases=("Pupil", "Pupil reference", "UPN"),
            required=True,
            filled=True,
            parser=reference,
            example="M5-04",
        ),
        Column("year_group", "Year group", Kind.INTEGER, aliases=("Year",), required=True, filled=True, minimum=1, maximum=13, example="5"),
        *_subjects("prior", "Prior level", parser=_level, help="At the key stage before.", example="2B"),
        *_subjects("target", "Target", parser=_level, help="The teacher\N{RIGHT SINGLE QUOTATION MARK}s target.", example="4"),
        *(
            column
            for kind in "ABD"
            for column in _subjects(f"estimate_{kind.lower()}", f"FFT {kind}", kind=Kind.PERCENT, minimum=0, maximum=100, example="63%")
        ),
        Column(
            "target_five",
            "Five A*-C",
            Kind.BOOLEAN,
            aliases=("Five A* to C", "5 A*-C", "5A*-C", "5+ A*-C"),
            help="Key Stage 4: whether five or more grades at A* to C are the target.",
            example="",
        ),
        Column("is_girl", "Girl", Kind.BOOLEAN, example="yes"),
        Column("is_fsm", "FSM", Kind.BOOLEAN, aliases=("Free school meals",), example="no"),
        Column("is_sen", "SEN", Kind.BOOLEAN, aliases=("Special educational needs",), example="no"),
        Column("is_eal", "EAL", Kind.BOOLEAN, aliases=("English as an additional language",), example="no"),
    ),
    description="One row a pupil, by a reference of the school\N{RIGHT SINGLE QUOTATION MARK}s own. No names, no dates of birth.",
    limits=Limits(upload_bytes=2 << 20, csv_rows=1_000, xlsx_rows=1_000, columns=60),
    forbidden=(NAMES, BIRTHS, NPD),
)
