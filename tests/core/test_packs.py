"""The kernel of packs, on a small pack of its own: ``core`` knows no word of the domain."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.packs import (
    Labels,
    PackContent,
    PackInvalid,
    PackSection,
    PartMissing,
    Problems,
    SettingInvalid,
    Table,
    Word,
    check_pack,
    parse_labels,
    parse_settings,
    read_pack,
)
from core.registry import Registry

HEADER = """
pack = "small"
part = "pack"
label = "A small pack"
version = "3"
first_academic_year = 2007
last_academic_year = 2009
parts = ["labels", "settings", "shapes", "colours"]
"""
LABELS = """
pack = "small"
part = "labels"
[[word]]
code = "note"
singular = "Note of Visit"
plural = "Notes of Visit"
short = "note"
article = "a Note of Visit"
[[word]]
code = "head"
singular = "headteacher"
plural = "headteachers"
article = "a headteacher"
[[own_word]]
code = "head"
kinds = ["unit"]
singular = "teacher in charge"
plural = "teachers in charge"
article = "a teacher in charge"
"""
SETTINGS = """
pack = "small"
part = "settings"
[[setting]]
name = "limit"
kind = "whole"
value = 5
unit = "office days"
meaning = "How long"
least = 1
most = 9
source = "a test"
[[setting]]
name = "charge"
kind = "days"
value = 0.5
meaning = "How much"
source = "a test"
[[setting]]
name = "share"
kind = "decimal"
value = 0.1
meaning = "A tenth"
source = "a test"
[[setting]]
name = "large"
kind = "money"
value = 200000
meaning = "Above this"
source = "a test"
[[setting]]
name = "open"
kind = "yes_no"
value = false
meaning = "Whether"
source = "a test"
[[setting]]
name = "by"
kind = "date"
value = 2009-04-03
meaning = "When"
source = "a test"
[[setting]]
name = "way"
kind = "choice"
value = "left"
options = ["left", "right"]
meaning = "Which"
source = "a test"
[[setting]]
name = "off"
kind = "list"
value = []
meaning = "What"
source = "a test"
"""
SHAPES = """
pack = "small"
part = "shapes"
[[shape]]
code = "square"
sides = 4
colour = "red"
since = 2008-09-01
[[shape]]
code = "triangle"
sides = 3
weight = 0.1
"""
COLOURS = """
pack = "small"
part = "colours"
[[colour]]
code = "red"
[[colour]]
code = "blue"
"""


@dataclass(frozen=True)
class Shape:
    code: str
    sides: int
    colour: str
    since: dt.date | None
    weight: Decimal | None


def parse_shapes(table: Table) -> tuple[Shape, ...]:
    return tuple(
        Shape(
            entry.text("code"),
            entry.whole("sides", least=3),
            entry.text("colour", ""),
            entry.optional_date("since"),
            entry.optional_decimal("weight"),
        )
        for entry in table.tables("shape", least=1)
    )


def validate_shapes(shapes: tuple[Shape, ...], content: PackContent, problems: Problems) -> None:
    known = [colour["code"] for colour in content.parts["colours"]["colour"]]
    for shape in shapes:
        problems.need([shape.colour] if shape.colour else [], known, f"shape {shape.code!r}", "colour")


@pytest.fixture
def sections() -> Registry[PackSection[Any]]:
    registry: Registry[PackSection[Any]] = Registry("sections of a test")
    for section in (
        PackSection("labels", parse_labels),
        PackSection("settings", parse_settings),
        PackSection("shapes", parse_shapes, validate_shapes),
    ):
        registry.add(section.name, section)
    return registry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"pack": HEADER, "labels": LABELS, "settings": SETTINGS, "shapes": SHAPES, "colours": COLOURS}
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def content(folder: Path, sections: Registry[PackSection[Any]]) -> PackContent:
    return read_pack(folder, sections=sections)


def replaced(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / f"{name}.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


# ---------------------------------------------------------------- reading


def test_a_pack_is_read_and_its_parts_are_parsed(content: PackContent) -> None:
    assert (content.code, content.version, content.first_academic_year, content.last_academic_year) == ("small", "3", 2007, 2009)
    assert content.section("shapes") == (
        Shape("square", 4, "red", dt.date(2008, 9, 1), None),
        Shape("triangle", 3, "", None, Decimal("0.1")),
    )
    assert content.section("shapes") is content.section("shapes")
    assert [content.covers(year) for year in (2006, 2007, 2009, 2010)] == [False, True, True, False]


def test_a_part_that_is_not_there_is_named(content: PackContent) -> None:
    with pytest.raises(PartMissing, match="No app has registered the pack part 'colours'"):
        content.section("colours")


def test_content_survives_being_stored(content: PackContent, sections: Registry[PackSection[Any]]) -> None:
    stored = content.to_json()
    again = PackContent.from_json(stored, sections=sections)
    as_a_column_gives_it = PackContent.from_json(dict(reversed(json.loads(stored).items())), sections=sections)
    trusted = PackContent.from_json(stored, digest=content.digest, sections=sections)
    assert again == content == as_a_column_gives_it == trusted
    assert again.section("shapes") == content.section("shapes")
    assert again.to_json() == stored
    with pytest.raises(ValueError, match="format 2 cannot be read"):
        PackContent.from_json({"format": 2, "parts": {}})


def test_the_digest_is_of_the_content_alone(folder: Path, content: PackContent, sections: Registry[PackSection[Any]]) -> None:
    colours = (folder / "colours.toml").read_text(encoding="utf-8")
    (folder / "colours.toml").write_bytes(("# a comment\n" + colours).replace("\n", "\r\n").encode())
    replaced(folder, "shapes", 'code = "square"\nsides = 4', 'sides = 4\ncode = "square"')
    assert read_pack(folder, sections=sections).digest == content.digest
    assert len(content.digest) == 64
    replaced(folder, "shapes", "sides = 4", "sides = 5")
    assert read_pack(folder, sections=sections).digest != content.digest


# ---------------------------------------------------------------- a catalogue of broken packs


def break_text(name: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: replaced(folder, name, old, new)


def only(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / f"{name}.toml").write_text(f'pack = "small"\npart = "{name}"\n{text}\n', encoding="utf-8")


BROKEN = [
    (
        "unknown key",
        break_text("shapes", "sides = 4", "sides = 4\ncorners = 4"),
        "shapes.toml, shape 'square', 'corners'",
        "not a key known here",
    ),
    (
        "unknown top key",
        break_text("shapes", '[[shape]]\ncode = "square"', 'size = 1\n[[shape]]\ncode = "square"'),
        "shapes.toml, 'size'",
        "not a key",
    ),
    ("missing key", break_text("shapes", "sides = 3\n", ""), "shapes.toml, shape 'triangle', 'sides'", "is missing. Give a whole number"),
    (
        "wrong type",
        break_text("shapes", "sides = 4", 'sides = "four"'),
        "shapes.toml, shape 'square', 'sides'",
        "is 'four'. Give a whole number",
    ),
    ("yes for a number", break_text("shapes", "sides = 4", "sides = true"), "shapes.toml, shape 'square', 'sides'", "is true"),
    (
        "out of range",
        break_text("shapes", "sides = 4", "sides = 2"),
        "shapes.toml, shape 'square', 'sides'",
        "is 2. Give a whole number of at least 3",
    ),
    (
        "not a date",
        break_text("shapes", "since = 2008-09-01", 'since = "September"'),
        "shapes.toml, shape 'square', 'since'",
        "Give a date",
    ),
    ("empty text", break_text("shapes", 'colour = "red"', 'colour = " "'), "shapes.toml, shape 'square', 'colour'", "is empty"),
    ("twice", break_text("shapes", 'code = "triangle"', 'code = "square"'), "shapes.toml, shape 'square'", "is there twice"),
    ("reference", break_text("shapes", 'colour = "red"', 'colour = "green"'), "shapes.toml, shape 'square'", "names the colour 'green'"),
    ("not a table", only("shapes", "shape = 3"), "shapes.toml, 'shape'", "Give entries [[shape]]"),
    ("code twice in a part nobody reads", break_text("colours", '"blue"', '"red"'), "colours.toml, colour 'red'", "is there twice"),
    ("not TOML", break_text("shapes", "sides = 4", "sides = "), "shapes.toml", "is not TOML"),
    ("not a number", break_text("shapes", "weight = 0.1", "weight = nan"), "shapes.toml, shape.weight", "is not a finite number"),
    (
        "years",
        break_text("pack", "last_academic_year = 2009", "last_academic_year = 2006"),
        "pack.toml, 'last_academic_year'",
        "before the first",
    ),
    ("header key", break_text("pack", 'version = "3"', 'version = "3"\nauthor = "x"'), "pack.toml, 'author'", "not a key known here"),
    ("part listed, file absent", break_text("pack", '"colours"]', '"colours", "sizes"]'), "pack.toml, 'parts'", "no sizes.toml"),
    ("file there, part not listed", break_text("pack", ', "colours"]', "]"), "colours.toml", "is not among the parts of pack.toml"),
    ("of another pack", break_text("shapes", 'pack = "small"', 'pack = "large"'), "shapes.toml, 'pack'", 'Write pack = "small"'),
    ("wrong name of part", break_text("shapes", 'part = "shapes"', 'part = "shape"'), "shapes.toml, 'part'", 'Write part = "shapes"'),
    ("part needed", lambda f: (f / "shapes.toml").unlink() or replaced(f, "pack", '"shapes", ', ""), "shapes.toml", "is not in the pack"),  # type: ignore[func-returns-value]
    (
        "setting of a wrong kind",
        break_text("settings", "value = 5", 'value = "5"'),
        "settings.toml, setting 'limit', 'value'",
        "a whole number",
    ),
    ("setting out of range", break_text("settings", "value = 5", "value = 10"), "settings.toml, setting 'limit', 'value'", "from 1 to 9"),
    (
        "setting without options",
        break_text("settings", 'value = "left"', 'value = "up"'),
        "settings.toml, setting 'way', 'value'",
        "left, right",
    ),
    (
        "setting not in quarters",
        break_text("settings", "value = 0.5", "value = 0.3"),
        "settings.toml, setting 'charge', 'value'",
        "in quarters",
    ),
    ("setting without a value", break_text("settings", "value = 200000\n", ""), "settings.toml, setting 'large', 'value'", "is missing"),
    ("word without plural", break_text("labels", 'plural = "headteachers"\n', ""), "labels.toml, word 'head', 'plural'", "is missing"),
    (
        "own word of no word",
        break_text("labels", '[[own_word]]\ncode = "head"', '[[own_word]]\ncode = "clerk"'),
        "labels.toml, own_word 'clerk', 'code'",
        "no [[word]]",
    ),
]


@pytest.mark.parametrize(("broken", "place", "message"), [entry[1:] for entry in BROKEN], ids=[entry[0] for entry in BROKEN])
def test_a_broken_pack_is_refused_by_file_and_entry(
    folder: Path, sections: Registry[PackSection[Any]], broken: Callable[[Path], object], place: str, message: str
) -> None:
    broken(folder)
    with pytest.raises(PackInvalid) as refusal:
        read_pack(folder, sections=sections)
    found = [str(problem) for problem in refusal.value.problems]
    assert any(line.startswith(f"{place}: ") and message in line for line in found), found
    assert all(line in str(refusal.value) for line in found)


def test_every_problem_is_listed_at_once(folder: Path, sections: Registry[PackSection[Any]]) -> None:
    replaced(folder, "shapes", "sides = 4", 'sides = "four"')
    replaced(folder, "shapes", 'colour = "red"', 'colour = "green"')
    replaced(folder, "settings", "value = 5", "value = 0")
    replaced(folder, "colours", '"blue"', '"red"')
    with pytest.raises(PackInvalid) as refusal:
        read_pack(folder, sections=sections)
    assert [(problem.file, problem.entry) for problem in refusal.value.problems] == [
        ("colours.toml", "colour 'red'"),
        ("settings.toml", "setting 'limit', 'value'"),
        ("shapes.toml", "shape 'square'"),
        ("shapes.toml", "shape 'square', 'sides'"),
    ]
    assert str(refusal.value).startswith("The pack has 4 problems:")


def test_a_folder_that_is_none_says_so(tmp_path: Path, sections: Registry[PackSection[Any]]) -> None:
    with pytest.raises(PackInvalid, match="nowhere: is not a folder"):
        read_pack(tmp_path / "nowhere", sections=sections)
    with pytest.raises(PackInvalid, match=r"pack\.toml: is not in the folder"):
        read_pack(tmp_path, sections=sections)


def test_content_that_was_stored_can_be_checked_again(content: PackContent) -> None:
    assert check_pack(content) == ()


# ---------------------------------------------------------------- settings


def test_settings_have_their_types(content: PackContent) -> None:
    assert content.setting_int("limit") == 5
    assert content.setting_int("charge") == 2
    assert content.setting_decimal("share") == Decimal("0.1")
    assert content.setting_decimal("limit") == Decimal(5)
    assert content.setting_int("large") == 20_000_000
    assert content.setting_bool("open") is False
    assert content.setting_date("by") == dt.date(2009, 4, 3)
    assert content.setting_text("way") == "left"
    assert content.setting("off") == ()
    with pytest.raises(TypeError, match="'open' is False"):
        content.setting_int("open")
    with pytest.raises(KeyError, match="no setting 'shut'"):
        content.setting("shut")


def test_an_authority_has_its_own_values(content: PackContent) -> None:
    own = {"limit": 7, "by": "2009-05-01", "charge": 0.25, "off": ["a", "b"]}
    assert content.setting_int("limit", own) == 7
    assert content.setting_int("charge", own) == 1
    assert content.setting_date("by", own) == dt.date(2009, 5, 1)
    assert content.setting("off", own) == ("a", "b")
    assert content.setting_text("way", own) == "left"
    assert content.settings.refuse(own) == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("limit", "7", "limit is '7'. Give a whole number."),
        ("limit", 0, "limit is 0. Give a whole number from 1 to 9."),
        ("limit", True, "limit is true. Give a whole number."),
        ("way", "up", "way is 'up'. Give one of: left, right."),
        ("by", "3 April", "by is '3 April'. Give a date such as 2009-04-03."),
        ("charge", 0.3, "charge is 0.3. Give a number of days in quarters, such as 1.25."),
        ("off", "a", "off is 'a'. Give a list of texts."),
        ("open", 1, "open is 1. Give true or false."),
    ],
)
def test_an_own_value_that_cannot_stand_says_what_to_enter(content: PackContent, name: str, value: object, sentence: str) -> None:
    assert content.settings.refuse({name: value}) == {name: sentence}
    with pytest.raises(SettingInvalid):
        content.setting(name, {name: value})


def test_an_own_value_of_no_setting_is_refused(content: PackContent) -> None:
    assert content.settings.refuse({"speed": 1}) == {"speed": "speed is not a setting of this pack."}


# ---------------------------------------------------------------- labels


def test_labels_have_forms_and_capitals(content: PackContent) -> None:
    labels = content.labels()
    assert labels.get("note") == "Note of Visit"
    assert labels.get("note", "plural") == "Notes of Visit"
    assert labels.get("note", "short") == "note"
    assert labels.get("note", "short_plural") == "notes"
    assert labels.get("note", "article") == "a Note of Visit"
    assert labels.get("note", "Article") == "A Note of Visit"
    assert labels.get("head", "Plural") == "Headteachers"
    assert labels.get("head", "short") == "headteacher"
    with pytest.raises(KeyError, match="'possessive' is no form"):
        labels.get("note", "possessive")


def test_a_kind_of_school_has_its_own_words(content: PackContent) -> None:
    assert content.labels("unit").get("head", "Singular") == "Teacher in charge"
    assert content.labels("unit").get("note") == "Note of Visit"
    assert content.labels("other").get("head") == "headteacher"


def test_a_word_that_is_not_given_is_said_plainly(content: PackContent) -> None:
    plain = Labels([Word.make("clerk", "clerk to the governors", plural="clerks to the governors", short="clerk")])
    labels = content.labels().over(plain)
    assert labels.get("clerk", "plural") == "clerks to the governors"
    assert labels.get("clerk", "short_plural") == "clerks"
    assert labels.for_kind("unit").get("clerk") == "clerk to the governors"
    assert labels.for_kind("unit").get("head") == "teacher in charge"
    assert labels.get("improvement_board") == "improvement board"
    assert labels.get("improvement_board", "Plural") == "Improvement boards"
    assert labels.get("improvement_board", "article") == "an improvement board"
    assert Labels(()).get("category", "plural") == "categories"
    assert Labels(()).get("branch", "plural") == "branches"
    assert Labels(()).get("day", "plural") == "days"
