"""Files that others made, and files made to do harm: what is read, what is refused, and that only the child suffers."""

from __future__ import annotations

import contextlib
import gzip
import io
import time
import zipfile
from pathlib import Path

import pytest

from core.tabular.columns import Column, Format, Kind
from core.tabular.reading import Keep, Limits, Reader, TableInfo, Unreadable, Want

WANT = [
    Want("urn", "URN", ("URN", "school_urn"), True),
    Want("name", "Name", ("Name", "SCHNAME"), True),
    Want("town", "Town", ("Town",), False),
]


def read(path: Path, *, want=WANT, **options) -> tuple[list[list[str]], list[TableInfo], list[str]]:
    with path.open("rb") as file:
        reader = Reader(file, name=path.name, title="a register", want=want, **options)
        rows = [row.cells for row in reader]
    return rows, reader.tables, reader.notes


def refusal(path: Path, **options) -> str:
    started = time.monotonic()
    with pytest.raises(Unreadable) as caught:
        read(path, **options)
    assert time.monotonic() - started < 20, "a refusal takes too long"
    return str(caught.value)


@pytest.fixture
def make(tmp_path: Path):
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def zipped(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


# ---------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("content", "encoding", "name"),
    [
        ("URN,Name\n1,Café St Mary’s\n".encode("utf-8-sig"), "utf-8-sig", "Café St Mary’s"),
        ("URN,Name\n1,Café St Mary’s\n".encode(), "utf-8", "Café St Mary’s"),
        ("URN,Name\r\n1,Café St Mary’s\r\n".encode("cp1252"), "cp1252", "Café St Mary’s"),
        (b"URN,Name\n1,Plain\n", "utf-8", "Plain"),
        (b"URN,Name\r1,Old Mac\r", "utf-8", "Old Mac"),
    ],
)
def test_it_decodes_by_mark_then_utf8_then_windows_and_says_which(make, content, encoding, name):
    rows, [table], _ = read(make("a.csv", content))
    assert rows == [["1", name]]
    assert table.encoding == encoding


def test_a_character_beyond_the_first_block_decides_the_encoding_too(make):
    body = "URN,Name\n" + "1,Plain\n" * 60_000 + "2,Café\n"
    rows, [table], _ = read(make("a.csv", body.encode("cp1252")))
    assert table.encoding == "cp1252"
    assert rows[-1] == ["2", "Café"]


def test_bytes_of_no_encoding_are_refused(make):
    assert "neither UTF-8 nor Windows-1252" in refusal(make("a.csv", b"URN,Name\n1,caf\xe9\n2,\x81\n"))


def test_utf16_is_refused_with_what_to_do(make):
    assert "CSV UTF-8" in refusal(make("a.csv", "URN,Name\n1,A\n".encode("utf-16")))


def test_a_mark_before_bytes_that_are_not_utf8_is_refused(make):
    assert "not all UTF-8" in refusal(make("a.csv", b"\xef\xbb\xbfURN,Name\n1,caf\xe9\n"))


# ---------------------------------------------------------------- headers


def test_the_header_is_found_below_titles_and_columns_by_name_whatever_their_order_case_and_spaces(make):
    rows, [table], _ = read(make("a.csv", "Schools of the county\n,,\nname,  Town ,SCHOOL_urn\nA,X,1\n"))
    assert rows == [["1", "A", "X"]]
    assert table.header_row == 3
    assert table.missing == ()


def test_the_header_is_not_sought_below_row_five(make):
    assert "none of its first 5 rows" in refusal(make("a.csv", "x\n" * 5 + "URN,Name\n1,A\n"))


def test_missing_and_unknown_columns_are_reported_and_optional_ones_done_without(make):
    rows, [table], _ = read(make("a.csv", "URN,Name,Colour,\n1,A,red,\n"))
    assert rows == [["1", "A"]]
    assert (table.missing, table.unknown, table.keys) == (("Town",), ("Colour",), ("urn", "name"))


def test_a_header_that_lacks_a_required_column_says_which(make):
    assert refusal(make("a.csv", "URN,Town\n1,X\n")) == "It is not a register: the column names in row 1 lack 'Name'."


def test_other_separators_are_named(make):
    assert "semicolons" in refusal(make("a.csv", "URN;Name;Town;X;Y\n1;A;B;C;D\n"))


def test_duplicate_headers_are_refused(make):
    assert (
        refusal(make("a.csv", "URN,Name,name \n1,A,B\n"))
        == "The column 'name' is there twice. Keep one of the two and send the file again."
    )


def test_a_column_under_two_of_its_names_is_refused(make):
    assert "two names of one column" in refusal(make("a.csv", "URN,school_urn,Name\n1,2,A\n"))


def test_nameless_columns_are_passed_over(make):
    assert read(make("a.csv", ",URN,,Name\n0,1,x,A\n"))[0] == [["1", "A"]]


# ---------------------------------------------------------------- rows


def test_short_rows_are_padded_long_ones_keep_their_tail_and_blank_ones_are_counted(make):
    path = make("a.csv", 'URN,Name,Town\n1\n\n" ",,\n2,B,Y,more,"and, more"\n3,C,Z,,\n')
    with path.open("rb") as file:
        reader = Reader(file, name="a.csv", title="a register", want=WANT)
        rows = [(row.number, row.cells, row.extra) for row in reader]
    assert rows == [(2, ["1", "", ""], []), (5, ["2", "B", "Y"], ["more", "and, more"]), (6, ["3", "C", "Z"], [])]
    assert (reader.tables[0].read, reader.tables[0].blank, reader.tables[0].short) == (3, 2, 1)


def test_quotation_marks_out_of_place_are_refused_since_they_swallow_cells(make):
    assert "row 3" in refusal(make("a.csv", 'URN,Name\n1,A\n2,"B" C\n3,D\n'))
    assert "do not match" in refusal(make("a.csv", 'URN,Name\n1,A\n2,"B\n3,D\n'))


def test_line_breaks_inside_quotation_marks_are_kept_and_rows_count_as_a_spreadsheet_counts(make):
    path = make("a.csv", 'URN,Name\n1,"A\nB"\n2,C\n')
    with path.open("rb") as file:
        assert [(row.number, row.cells[1]) for row in Reader(file, name="a.csv", title="a register", want=WANT)] == [(2, "A\nB"), (3, "C")]


def test_codes_and_leading_zeros_stay_text(make):
    assert read(make("a.csv", "URN,Name,Town\n0886123,NA,NULL\n"))[0] == [["0886123", "NA", "NULL"]]


def test_only_the_rows_asked_for_come_and_the_rest_are_counted_and_tallied(make):
    path = make("a.csv", "URN,Name,Town\n1,A,886\n2,B,887\n3,C, 886 \n4,D,936\n")
    rows, [table], _ = read(path, keep=[Keep("town", ("886",)), Keep("urn", ("4",))], tally=["town"])
    assert [row[0] for row in rows] == ["1", "3", "4"]
    assert (table.read, table.left, table.tally) == (4, 1, {"town": {"886": 2, "887": 1, "936": 1}})


# ---------------------------------------------------------------- archives


def test_gzip_is_read(make):
    rows, [table], _ = read(make("a.csv.gz", gzip.compress("URN,Name\n1,Café\n".encode("cp1252"))))
    assert (rows, table.encoding) == ([["1", "Café"]], "cp1252")


def test_all_csv_files_of_an_archive_are_read_and_the_rest_left_aside_in_words(make):
    content = zipped(
        **{"one.csv": "URN,Name\n1,A\n", "folder/two.CSV": "Name,URN\nB,2\n", "read me.txt": "x", "codes.csv": "Code,Word\n1,x\n"}
    )
    rows, tables, notes = read(make("a.zip", content))
    assert rows == [["1", "A"], ["2", "B"]]
    assert [table.name for table in tables] == ["one.csv", "two.CSV"]
    assert any(note.startswith("read me.txt in the archive is not a CSV file") for note in notes)
    assert any(note.startswith("codes.csv in the archive was left aside. It is not a register") for note in notes)


def test_an_archive_without_a_usable_table_says_why_of_each(make):
    message = refusal(make("a.zip", zipped(**{"one.csv": "X\n1\n", "two.csv": "Y\n1\n"})))
    assert "one.csv: It is not a register" in message
    assert "two.csv: It is not a register" in message
    assert refusal(make("b.zip", zipped(**{"a.txt": "x"}))) == "It holds no CSV file."


def test_a_name_in_an_archive_is_never_a_path_nor_a_control_character(make):
    _, [table], _ = read(make("a.zip", zipped(**{"../../etc/\x1b[31mone.csv": "URN,Name\n1,A\n"})))
    assert table.name == "[31mone.csv"


def test_more_members_than_allowed_are_refused(make):
    assert "21 files" in refusal(make("a.zip", zipped(**{f"{n}.csv": "URN,Name\n1,A\n" for n in range(21)})))


def test_a_locked_archive_is_refused(make):
    content = bytearray(zipped(**{"a.csv": "URN,Name\n1,A\n"}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1  # the flag of the member in the central directory
    assert "password" in refusal(make("a.zip", bytes(content)))


def test_a_damaged_archive_is_refused(make):
    content = zipped(**{"a.csv": "URN,Name\n" + "1,A\n" * 500})
    assert "damaged" in refusal(make("a.zip", content[: len(content) // 2]))
    assert "damaged" in refusal(make("a.csv.gz", gzip.compress(b"URN,Name\n" + b"1,A\n" * 5000)[:60]))


# ---------------------------------------------------------------- files made to do harm


def test_a_bomb_is_refused_by_its_ratio_before_and_while_it_unpacks(make):
    bomb = b"URN,Name\n" + b"1,A\n" * 2_000_000
    assert "100 times" in refusal(make("a.zip", zipped(**{"a.csv": bomb})))
    assert "100 times" in refusal(make("a.csv.gz", gzip.compress(bomb)))


def test_an_archive_that_lies_about_its_size_is_stopped_while_it_unpacks(make):
    """Its directory claims a few bytes; what is really unpacked is metered."""
    content = bytearray(zipped(**{"a.csv": b"URN,Name\n" + b"1,A\n" * 2_000_000}))
    for signature, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.index(signature)
        content[at + place : at + place + 4] = (100).to_bytes(4, "little")
    assert refusal(make("a.zip", bytes(content)))


def test_overlapping_members_are_judged_by_the_size_of_the_archive(make):
    """Many directory entries that point at one piece of data: each looks modest, together they are a bomb."""
    content = zipped(**{"a.csv": b"URN,Name\n" + bytes(range(48, 58)) * 40_000})
    at, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entry = content[at:end]
    directory = bytearray(content[end:])
    directory[8:10] = directory[10:12] = (20).to_bytes(2, "little")
    directory[12:16] = (len(entry) * 20).to_bytes(4, "little")
    assert "100 times" in refusal(make("a.zip", content[:at] + entry * 20 + bytes(directory)))


def test_a_file_that_unpacks_beyond_the_limit_is_refused(make):
    import random

    noise = random.Random(1).randbytes(300_000).hex()
    body = "URN,Name\n" + "\n".join(f"{n},{noise[n : n + 4000]}" for n in range(2_000))
    assert "7 MB" in refusal(make("a.csv.gz", gzip.compress(body.encode(), 1)), limits=Limits(unpacked_bytes=7 << 20, ratio=10_000))


def test_too_many_rows_columns_and_characters_are_refused(make):
    rows = make("a.csv", "URN,Name\n" + "1,A\n" * 11)
    assert "more than 10 rows" in refusal(rows, limits=Limits(csv_rows=10))
    assert "more than 1,000 columns" in refusal(make("b.csv", "URN,Name" + ",x" * 1_000 + "\n1,A\n"))
    assert "more than 1,000 columns" in refusal(make("c.csv", "URN,Name\n1,A" + ",x" * 1_000 + "\n"))
    assert "longer than 131,072 characters" in refusal(make("d.csv", f'URN,Name\n1,"{"x" * 140_000}"\n'))
    assert "empty rows" in refusal(make("e.csv", "URN,Name\n" + "\n" * 300_000 + "1,A\n"))


def test_a_file_over_the_upload_limit_is_refused(make):
    assert "larger than 1 MB" in refusal(make("a.csv", b"URN,Name\n" + b"1,A\n" * 300_000), limits=Limits(upload_bytes=1 << 20))


@pytest.mark.parametrize("name", ["a.txt", "a.xlsm", "a.csv.bz2", "a"])
def test_other_endings_are_refused(make, name):
    assert "whose name ends in .csv" in refusal(make(name, "URN,Name\n1,A\n"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", zipped(**{"a.csv": "URN,Name\n1,A\n"})),
        ("a.csv", gzip.compress(b"URN,Name\n1,A\n", mtime=0)),
        ("a.xlsx", b"URN,Name\n1,A\n"),
        ("a.zip", b"URN,Name\n1,A\n"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    ],
)
def test_a_name_that_lies_about_the_content_is_refused(make, name, content):
    assert "Its name ends in" in refusal(make(name, content))


def test_an_empty_file_and_one_that_is_not_text_are_refused(make):
    assert refusal(make("a.csv", b"")) == "It is empty."
    assert "not text" in refusal(make("b.csv", b"\x7fELF\0\0\0\0"))


def test_a_process_that_takes_too_long_is_killed(make):
    path = make("a.csv", "URN,Name\n" + "1,A\n" * 200_000)
    assert "longer than" in refusal(path, limits=Limits(wall_seconds=0))


def test_a_process_that_needs_too_much_memory_dies_alone(make):
    assert "memory" in refusal(make("a.csv", "URN,Name\n1,A\n"), limits=Limits(memory_bytes=1 << 20))


def test_the_process_sees_no_secrets_and_writes_no_files(make, monkeypatch):
    """Its environment is empty but for the locale, and its limit of file size is nought."""
    import subprocess

    seen = {}
    start = subprocess.Popen

    def spy(arguments, **options):
        seen.update(options, arguments=arguments)
        return start(arguments, **options)

    monkeypatch.setenv("SECRET_KEY", "canary")
    monkeypatch.setattr(subprocess, "Popen", spy)
    assert read(make("a.csv", "URN,Name\n1,A\n"))[0] == [["1", "A"]]
    assert seen["env"] == {"LC_ALL": "C.UTF-8"}
    assert "-I" in seen["arguments"]
    assert seen["cwd"] == "/"


def test_giving_up_half_way_leaves_no_process(make):
    path = make("a.csv", "URN,Name\n" + "1,A\n" * 100_000)
    with path.open("rb") as file:
        rows = iter(Reader(file, name="a.csv", title="a register", want=WANT))
        assert next(rows).number == 2
        rows.close()  # type: ignore[attr-defined]


# ---------------------------------------------------------------- workbooks


def workbook(**sheets: list[list[object]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def raw_workbook(sheet: str, **more: str) -> bytes:
    """A workbook with hand-written sheet XML, for what no writer would make."""
    content = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **more,
    }
    return zipped(**content)


SHEET = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}<sheetData>{}</sheetData></worksheet>'
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>URN</t></is></c><c r="B1" t="inlineStr"><is><t>Name</t></is></c></row>'


def test_numbers_dates_and_zeros_come_from_a_workbook_as_text(make):
    import datetime as dt

    rows, [table], _ = read(
        make(
            "a.xlsx",
            workbook(
                S=[
                    ["URN", "Name", "Town"],
                    [100001, "0012", dt.datetime.fromisoformat("2008-09-01")],
                    [100002.0, 12.5, True],
                    [3, 0.1 + 0.2, dt.datetime.fromisoformat("2008-09-01T14:05")],
                    [None, None, None],
                    [4, dt.date(1900, 1, 1), None],
                ]
            ),
        )
    )
    assert rows == [
        ["100001", "0012", "2008-09-01"],
        ["100002", "12.5", "TRUE"],
        ["3", "0.3", "2008-09-01 14:05:00"],
        ["4", "1900-01-01", ""],
    ]
    assert (table.encoding, table.blank) == ("workbook", 1)


def test_the_sheet_with_the_header_is_found_and_a_named_one_comes_first(make):
    content = workbook(Notes=[["About this file"]], First=[["Title"], ["URN", "Name"], [1, "A"]], Second=[["URN", "Name"], [2, "B"]])
    rows, [table], _ = read(make("a.xlsx", content))
    assert (rows, table.name, table.header_row) == ([["1", "A"]], "First", 2)
    assert read(make("b.xlsx", content), sheets=["second"])[0] == [["2", "B"]]


def test_a_formula_is_read_as_the_value_stored_beside_it_and_never_computed(make):
    cells = '<row r="2"><c r="A2"><f>40+2</f><v>7</v></c><c r="B2"><f>1+1</f></c></row>'
    assert read(make("a.xlsx", raw_workbook(SHEET.format("", HEAD + cells))))[0] == [["7", ""]]


def test_a_cell_at_the_far_corner_is_refused_by_the_walk(make):
    """4.8 KB that claim nothing and hold XFD1048576 abort calamine and cost pandas 4 GB."""
    cells = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert "A sheet reaches over" in refusal(make("a.xlsx", raw_workbook(SHEET.format("", HEAD + cells))))


def test_a_wide_cell_is_refused_by_the_walk(make):
    cells = '<row r="2"><c r="XFD2"><v>1</v></c></row>'
    assert "16,384 columns" in refusal(make("a.xlsx", raw_workbook(SHEET.format("", HEAD + cells))))


def test_a_claimed_range_is_refused_before_the_walk(make):
    assert "1,048,576 rows" in refusal(make("a.xlsx", raw_workbook(SHEET.format('<dimension ref="A1:XFD1048576"/>', HEAD))))


def test_a_claim_that_is_too_small_hides_no_cells(make):
    cells = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>A</t></is></c></row>'
    assert read(make("a.xlsx", raw_workbook(SHEET.format('<dimension ref="A1"/>', HEAD + cells))))[0] == [["1", "A"]]


def test_entities_in_a_workbook_are_refused(make):
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    for entity in ("&b;", "&c;"):
        sheet = SHEET.format("", HEAD + f'<row r="2"><c r="A2" t="inlineStr"><is><t>{entity}</t></is></c></row>')
        message = refusal(make("a.xlsx", raw_workbook(sheet.replace("<worksheet", doctype + "<worksheet", 1))))
        assert "can't be read as a table" in message


def test_a_workbook_that_unpacks_too_far_is_refused(make):
    row = "".join("<row><c><v>1</v></c></row>" for _ in range(200_000))
    assert "100 times" in refusal(make("a.xlsx", raw_workbook(SHEET.format("", HEAD + row))))


def test_an_archive_named_as_a_workbook_and_the_other_way_round_are_refused(make):
    assert "can't be read" in refusal(make("a.xlsx", zipped(**{"a.csv": "URN,Name\n1,A\n"})))
    assert "Excel workbook" in refusal(make("a.zip", workbook(S=[["URN", "Name"]])))


def test_noise_is_refused_and_never_raises_anything_else(make):
    import random

    for seed in range(12):
        noise = random.Random(seed)
        good = workbook(S=[["URN", "Name"], [1, "A"]]) if seed % 2 else zipped(**{"a.csv": "URN,Name\n1,A\n"})
        broken = bytearray(good)
        for _ in range(20):
            broken[noise.randrange(4, len(broken))] = noise.randrange(256)
        path = make("a.xlsx" if seed % 2 else "a.zip", bytes(broken))
        with contextlib.suppress(Unreadable):
            rows, _, _ = read(path)
            assert rows == [["1", "A"]], "what is read in spite of the noise is what was written"


def test_a_format_may_be_tighter(make):
    tight = Format("t", "a table", (Column("urn", "URN", Kind.INTEGER, required=True),), limits=Limits(csv_rows=2))
    with make("a.csv", "URN\n1\n2\n3\n").open("rb") as file, pytest.raises(Unreadable, match="more than 2 rows"):
        tight.read(file, name="a.csv")


# ---------------------------------------------------------------- the real files


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("path", "header", "rows", "encoding"),
    [
        ("gias/results_20210506_936.csv", "URN", 590, "utf-8"),
        ("gias/links_edubasealldata20240312.csv.gz", "URN", 32_359, "cp1252"),
        ("ks2/2018-2019_936_ks2final.csv", "URN", 242, "utf-8-sig"),
        ("ks4/2018-2019_936_ks4final.csv", "URN", 133, "utf-8-sig"),
        ("absence/2018-2019_england_abs.csv", "URN", 21_217, "utf-8-sig"),
        ("census/2018-2019_england_census.csv.gz", "URN", 23_942, "utf-8-sig"),
        ("ks4/202324_information_about_schools_final_england.csv.gz", "school_urn", 5_709, "utf-8"),
        ("la/local_auth_codes_2011.xls", "Old LA Code", 152, "workbook"),
        ("spine/2017-2018_england_spine.xlsx", "URN", 26_078, "workbook"),
    ],
)
def test_the_published_files_are_read(real_data: Path, path, header, rows, encoding):
    found, [table], _ = read(real_data / path, want=[Want("key", header, (header,), True)])
    assert (len(found), table.read, table.encoding) == (rows, rows, encoding)


@pytest.mark.real_data
def test_short_rows_of_the_published_tables_are_counted(real_data: Path):
    _, [table], _ = read(real_data / "ks2/2018-2019_936_ks2final.csv", want=[Want("key", "URN", ("URN",), True)])
    assert table.short == 12


@pytest.mark.real_data
def test_codes_of_an_old_workbook_come_as_whole_numbers(real_data: Path):
    rows, _, _ = read(real_data / "la/local_auth_codes_2011.xls", want=[Want("code", "Old LA Code", ("Old LA Code",), True)])
    assert rows[0] == ["201"]


def test_the_limits_are_told_where_a_file_is_chosen():
    assert Limits().in_words.endswith("at most 32 MB, 250,000 rows of CSV or 100,000 of a workbook.")
