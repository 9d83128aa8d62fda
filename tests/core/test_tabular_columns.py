"""The column specification: what each kind of cell reads, what it says when it can't, and what comes of one spec."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest

from core.tabular.columns import DFE_CODES, CellError, Code, Coded, Column, Format, Kind, Reading, Reason, clean, lines, parse_date

DAY = dt.date(2008, 9, 1)


def cell(kind: Kind, text: str, **options):
    return Column("x", "X", kind, **options).read(text)


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "text",
    [
        "01-09-2008",
        "01/09/2008",
        "1/9/2008",
        "1.9.2008",
        "20080901",
        "2008-09-01",
        "2008-09-01 00:00:00",
        "2008-09-01T08:30:00Z",
        "2008-09-01T08:30:00.000+01:00",
    ],
)
def test_days_are_read_in_every_published_form_day_first(text):
    assert cell(Kind.DATE, text) == DAY


def test_a_day_that_could_be_read_month_first_never_is():
    assert parse_date("03/04/2008") == dt.date(2008, 4, 3)
    with pytest.raises(CellError, match="not a day of the calendar"):
        parse_date("09/13/2008")  # only month first would make it a day


@pytest.mark.parametrize(
    "text", ["01/09/08", "September 2008", "39692", "31/02/2008", "2008-13-01", "20081301", "00/00/0000", "01/09-2008x", "²0/09/2008"]
)
def test_other_days_are_refused_with_what_to_write(text):
    with pytest.raises(CellError, match="31/08/2008"):
        cell(Kind.DATE, text)


def test_a_day_that_means_nobody_knows_reads_as_none():
    column = Column("x", "X", Kind.DATE, none=("01-01-1900",))
    assert column.read("01-01-1900") is None
    assert column.read("01-01-1901") == dt.date(1901, 1, 1)


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("-7", -7), ("007", 7), ("1,234", 1234), ("12.0", 12), (" 5 ", 5), ("\xa05", 5)])
def test_whole_numbers(text, number):
    assert cell(Kind.INTEGER, text) == number


@pytest.mark.parametrize("text", ["7.5", "seven", "1,23", "1e3", "٣", "--1", "0x10", "1" * 16, "NaN", "£5"])
def test_what_is_not_a_whole_number_is_refused(text):
    with pytest.raises(CellError, match="whole number"):
        cell(Kind.INTEGER, text)


@pytest.mark.parametrize(("text", "number"), [("0.162", "0.162"), ("-0.5", "-0.5"), (".5", "0.5"), ("1,234.5", "1234.5"), ("12", "12")])
def test_numbers_are_exact(text, number):
    assert cell(Kind.DECIMAL, text) == Decimal(number)


@pytest.mark.parametrize("text", ["inf", "NaN", "1e5", "1.2.3", "12%", "SUPP"])
def test_what_is_not_a_number_is_refused(text):
    with pytest.raises(CellError, match="number"):
        cell(Kind.DECIMAL, text)


def test_three_scales_of_one_percentage_are_one_value():
    assert cell(Kind.PERCENT, "65%") == cell(Kind.PERCENT, "65") == cell(Kind.PERCENT, "0.65", scale=100) == Decimal(65)
    assert cell(Kind.PERCENT, "12.5 %") == Decimal("12.5")
    assert cell(Kind.PERCENT, "65%", scale=100) == Decimal(65), "a per cent sign says its own scale"


def test_money_is_integer_pence():
    assert cell(Kind.MONEY, "£1,234.50") == 123_450
    assert cell(Kind.MONEY, "-12") == -1200
    with pytest.raises(CellError, match="two decimal places"):
        cell(Kind.MONEY, "1.005")


def test_a_number_outside_its_span_is_refused_with_the_span():
    column = Column("x", "X", Kind.INTEGER, minimum=0, maximum=100)
    assert column.read("100") == 100
    with pytest.raises(CellError, match="from 0 to 100"):
        column.read("101")
    with pytest.raises(CellError, match="of 1 or more"):
        Column("x", "X", Kind.INTEGER, minimum=1).read("0")


def test_a_code_gets_the_zeros_back_that_a_spreadsheet_took_away():
    column = Column("x", "X", digits=7)
    assert column.read("0886123") == column.read("886123") == column.read("886123.0") == "0886123"
    for text in ("88612A", "12345678"):
        with pytest.raises(CellError, match="7 figures"):
            column.read(text)


# ---------------------------------------------------------------- text


def test_na_is_a_name_and_not_nothing():
    assert cell(Kind.TEXT, "NA") == "NA"
    assert cell(Kind.TEXT, "NULL") == "NULL"
    assert Column("x", "X", none=("NULL",)).read("NULL") is None


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  St  Mary\u2019s\xa0", "St Mary\u2019s"),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("a\r\nb", "a b"),
        ("\u200b", ""),
        ("half \ud83d", "half"),
        ("'=1+1", "=1+1"),
        ("'quoted'", "'quoted'"),
    ],
)
def test_text_is_one_clean_line(text, cleaned):
    assert clean(text) == cleaned


def test_lines_are_kept_where_they_are_wanted():
    assert lines(" one \r\n\r\n\r\n\r\ntwo\x00\n") == "one\n\ntwo"
    assert Column("x", "X", multiline=True).read("a\nb") == "a\nb"


def test_text_longer_than_its_field_is_refused():
    with pytest.raises(CellError, match="at most 5 characters; there are 6"):
        Column("x", "X", max_length=5).read("abcdef")


def test_yes_and_no_choices_and_addresses():
    assert [cell(Kind.BOOLEAN, word) for word in ("Yes", "n", "TRUE", "0")] == [True, False, True, False]
    assert cell(Kind.CHOICE, "head TEACHER", choices={"Head teacher": "head"}) == "head"
    assert cell(Kind.EMAIL, "a.b@school.example") == "a.b@school.example"
    for kind, text in (
        (Kind.BOOLEAN, "maybe"),
        (Kind.CHOICE, "cook"),
        (Kind.EMAIL, "a@b"),
        (Kind.EMAIL, "a@b.example, c@d.example"),
        (Kind.EMAIL, "a@b..example"),
    ):
        with pytest.raises(CellError, match="Enter"):
            cell(kind, text, choices={"Head teacher": "head"})


def test_a_blank_cell_is_none_unless_it_must_be_filled():
    assert cell(Kind.INTEGER, "  ") is None
    with pytest.raises(CellError, match="can't be left blank"):
        cell(Kind.TEXT, " ", filled=True)


# ---------------------------------------------------------------- special values


def test_every_published_code_becomes_a_reason_and_never_a_figure():
    column = Column("x", "X", Kind.PERCENT, codes=DFE_CODES)
    for text, code in DFE_CODES.items():
        assert column.read(text) == Coded(None, code.reason, text)
    assert column.read("65%") == Coded(Decimal(65))
    assert column.read(" ") == Coded(None, Reason.BLANK)


def test_codes_are_compared_exactly_and_other_text_is_refused():
    column = Column("x", "X", Kind.INTEGER, codes=DFE_CODES)
    for text in ("supp", "Z", "N/A", "DNS?"):
        with pytest.raises(CellError):
            column.read(text)


def test_a_figure_may_be_a_code_where_the_publisher_says_so():
    """Ofsted's 9 is no grade 9 (FORMATS.md §3)."""
    grade = Column("x", "X", Kind.INTEGER, codes={"9": Code(Reason.NOT_JUDGED, "no such judgement then")}, minimum=1, maximum=4)
    assert grade.read("9") == Coded(None, Reason.NOT_JUDGED, "9")
    assert grade.read("4") == Coded(4)


# ---------------------------------------------------------------- formats


FORMAT = Format(
    "visits",
    "a list of visits",
    (
        Column("urn", "URN", Kind.INTEGER, required=True, filled=True, help="The school.", example="999123"),
        Column("name", "School name", aliases=("SCHNAME",)),
        Column("on", "Date", Kind.DATE),
        Column("share", "Share", Kind.PERCENT, codes=DFE_CODES),
    ),
)


def reading(tmp_path: Path, text: str, form: Format = FORMAT) -> Reading:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with path.open("rb") as file:
        return form.read(file, name="a.csv")


def test_rows_hold_the_columns_that_the_file_has_and_no_others(tmp_path):
    result = reading(tmp_path, "URN,SCHNAME\n1,Hill\n2,\n")
    assert [row.values for row in result.rows] == [{"urn": 1, "name": "Hill"}, {"urn": 2, "name": None}]
    assert not result.rows[0].has("on"), "not told is not empty"
    assert (result.read, result.errors) == (2, [])


def test_a_wrong_cell_is_told_by_row_column_and_value_and_its_row_is_left_out(tmp_path):
    result = reading(tmp_path, "URN,School name,Date,Share\n1,A,01/09/2008,SUPP\nx,B,31/02/2008,65%\n3,C,,lots\n")
    assert [row["urn"] for row in result.rows] == [1]
    assert [(e.row, e.column, e.value) for e in result.errors] == [(3, "URN", "x"), (3, "Date", "31/02/2008"), (4, "Share", "lots")]
    assert all(e.message and e.table == "a.csv" for e in result.errors)
    assert (result.error_count, result.bad_rows, result.read) == (3, 2, 3)


def test_errors_are_counted_beyond_those_that_are_kept(tmp_path):
    result = reading(tmp_path, "URN\n" + "x\n" * 700)
    assert (len(result.errors), result.error_count) == (500, 700)


def test_a_long_row_is_an_error_since_its_cells_may_have_moved(tmp_path):
    result = reading(tmp_path, "URN,School name,Date\n1,St Mary,Hill,01/09/2008\n2,B,01/09/2008,,\n")
    assert [row["urn"] for row in result.rows] == [2]
    assert {(e.row, e.column) for e in result.errors} >= {(2, "")}
    assert any("1 more cells" in e.message for e in result.errors)


def test_a_long_row_keeps_its_tail_where_the_format_has_a_place_for_it(tmp_path):
    form = Format("g", "a register", (Column("urn", "URN", Kind.INTEGER, required=True),), overflow="linked")
    assert reading(tmp_path, "URN\n1,123,456 \n2\n", form).rows[0].values == {"urn": 1, "linked": "123, 456"}


def test_a_specification_that_contradicts_itself_is_refused_at_once():
    column = Column("a", "A", required=True)
    with pytest.raises(ValueError, match="twice"):
        Format("f", "a table", (column, Column("b", "B", aliases=("a",))))
    with pytest.raises(ValueError, match="no required column"):
        Format("f", "a table", (Column("a", "A"),))


def test_the_template_is_a_file_that_the_format_reads(tmp_path):
    for kind in ("csv", "xlsx"):
        path = tmp_path / f"template.{kind}"
        path.write_bytes(FORMAT.template(kind))
        with path.open("rb") as file:
            result = FORMAT.read(file, name=path.name)
        assert (result.rows, result.errors, result.tables[0].missing) == ([], [], ())
    assert next(csv.reader(io.StringIO(FORMAT.template("csv").decode("utf-8-sig")))) == ["URN", "School name", "Date", "Share"]


def test_the_documentation_names_every_column_its_rules_and_the_special_values():
    text = FORMAT.documentation()
    for words in ("# A list of visits", "| URN |", "must be filled in", "SCHNAME", "date, day first", "`SUPP`: suppressed"):
        assert words in text
