"""Packs: policy is data (domain.md §2; architecture.md rule 12).

A pack is a folder of TOML files, one a *part*. :func:`read_pack` reads the folder and checks it as a whole, before
anything is used: every problem is found at once, with its file, its entry and what to do (:class:`PackInvalid`). The
content is kept as plain JSON, so that a row can store it and a digest can name it; the same content always has the same
digest, whatever the order of keys, the comments or the line ends of the files.

What a part *means* is known to the app that owns it. Each app adds a :class:`PackSection` to :data:`PACK_SECTIONS`: a
parser that turns the raw part into frozen dataclasses, reading it through :class:`Table` (what the parser does not
read is refused as unknown), and a validator that looks into other parts. ``core`` itself owns two parts, ``labels`` and
``settings``, and knows the words of neither. A part that no app has registered yet is kept and stays raw.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import math
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

from .registry import Registry

T = TypeVar("T")
Raw = Mapping[str, Any]

FORMAT: Final = 1
HEADER: Final = "pack"
PROVENANCE: Final = frozenset({"source", "origin", "standing"})
"""Keys that any table may carry: where its content comes from. Parsers read them where they show them."""


# ---------------------------------------------------------------- what can be wrong


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to put right: the file, the entry within it, and what is wrong and what to do, as a sentence."""

    file: str
    entry: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}, {self.entry}: {self.message}" if self.entry else f"{self.file}: {self.message}"


class PackInvalid(ValueError):
    """A pack that may not be used. ``problems`` holds all that is wrong with it, file by file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(dict.fromkeys(problems))
        count = len(self.problems)
        super().__init__(f"The pack has {count} problem{'' if count == 1 else 's'}:\n" + "\n".join(f"- {p}" for p in self.problems))


class PartMissing(KeyError):
    """A part that the pack does not hold, or that no app has registered."""

    def __str__(self) -> str:
        return str(self.args[0])


class Problems:
    """Collects problems. :meth:`of` gives a collector for another part that adds to the same list."""

    def __init__(self, part: str = "", found: list[Problem] | None = None) -> None:
        self.part = part
        self._found: list[Problem] = [] if found is None else found

    def of(self, part: str) -> Problems:
        return Problems(part, self._found)

    def add(self, entry: str, message: str) -> None:
        self._found.append(Problem(f"{self.part}.toml" if self.part else "", entry, message))

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def need(self, wanted: Iterable[str], known: Iterable[str], entry: str, kind: str) -> None:
        """Add a problem for each of ``wanted`` that is not among ``known``: "names the measure 'x', which …"."""
        there = set(known)
        for code in wanted:
            if code not in there:
                self.add(entry, f"names the {kind} {code!r}, which this pack does not define. Correct the code, or define it.")


# ---------------------------------------------------------------- reading a table


class _Required:
    pass


_REQUIRED: Final = _Required()


class Table:
    """One table of a part, read key by key by a parser.

    Each reader checks the type, adds a problem where it is wrong, and then answers with an empty value of that type, so
    that one run finds everything. A key that nobody read is refused when the parser is done (:meth:`finish`).
    """

    def __init__(self, raw: Raw, where: str, problems: Problems) -> None:
        self.raw = raw
        self.where = where
        self.problems = problems
        self._read: set[str] = set()
        self._children: list[Table] = []

    # -- plumbing

    def problem(self, message: str, key: str = "") -> None:
        place = ", ".join(p for p in (self.where, f"'{key}'" if key else "") if p)
        self.problems.add(place, message)

    def has(self, key: str) -> bool:
        return key in self.raw

    def _take(self, key: str, default: Any, empty: Any, kinds: type | tuple[type, ...], says: str) -> Any:
        self._read.add(key)
        if key not in self.raw:
            if isinstance(default, _Required):
                self.problem(f"is missing. Give {says}.", key)
                return empty
            return default
        value = self.raw[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            self.problem(f"is {_shown(value)}. Give {says}.", key)
            return empty
        return value

    def ignore(self, *keys: str) -> None:
        """Keys that are right where they are and that this parser has no use for."""
        self._read.update(keys)

    def finish(self) -> None:
        """Refuse every key that was not read, here and in the tables read from here."""
        for key in self.raw:
            if key not in self._read and key not in PROVENANCE:
                known = ", ".join(sorted(self._read)) or "none"
                self.problem(f"is not a key known here. Correct its spelling or take it out. Known: {known}.", key)
        for child in self._children:
            child.finish()

    # -- single values

    def text(self, key: str, default: str | _Required = _REQUIRED) -> str:
        value = cast(str, self._take(key, default, "", str, "a text in quotation marks"))
        if key in self.raw and isinstance(self.raw[key], str) and not value.strip():
            self.problem("is empty. Write the text or, where it may be left out, take the key out.", key)
        return value

    def whole(self, key: str, default: int | _Required = _REQUIRED, *, least: int | None = None, most: int | None = None) -> int:
        value = cast(int, self._take(key, default, least or 0, int, "a whole number"))
        if key in self.raw and ((least is not None and value < least) or (most is not None and value > most)):
            self.problem(f"is {value}. Give a whole number {_range(least, most)}.", key)
        return value

    def optional_whole(self, key: str, *, least: int | None = None, most: int | None = None) -> int | None:
        return None if self._is_absent(key) else self.whole(key, least=least, most=most)

    def decimal(self, key: str, default: Decimal | _Required = _REQUIRED) -> Decimal:
        """An exact decimal, as the file writes it: 0.1 is one tenth."""
        value = self._take(key, default, Decimal(0), (int, float), "a number")
        return value if isinstance(value, Decimal) else exact(value)

    def optional_decimal(self, key: str) -> Decimal | None:
        return None if self._is_absent(key) else self.decimal(key)

    def flag(self, key: str, default: bool | _Required = _REQUIRED) -> bool:
        return cast(bool, self._take(key, default, False, bool, "true or false"))

    def date(self, key: str) -> dt.date:
        value = self._take(key, _REQUIRED, "", str, "a date such as 2008-09-01")
        parsed = _date(value)
        if parsed is None:
            if key in self.raw and isinstance(self.raw[key], str):
                self.problem(f"is {_shown(value)}. Give a date such as 2008-09-01, without quotation marks.", key)
            return dt.date.min
        return parsed

    def optional_date(self, key: str) -> dt.date | None:
        return None if self._is_absent(key) else self.date(key)

    def choice(self, key: str, options: Sequence[str], default: str | _Required = _REQUIRED) -> str:
        value = self.text(key, default)
        if key in self.raw and isinstance(self.raw[key], str) and value not in options:
            self.problem(f"is {value!r}. Give one of: {', '.join(options)}.", key)
        return value

    def _is_absent(self, key: str) -> bool:
        self._read.add(key)
        return key not in self.raw

    # -- several values

    def texts(self, key: str, default: Sequence[str] | _Required = _REQUIRED) -> tuple[str, ...]:
        """A list of texts, none empty and none twice."""
        value = self._take(
            key, default, [], list if not isinstance(default, tuple) else (list, tuple), "a list of texts in square brackets"
        )
        texts = tuple(v for v in value if isinstance(v, str) and v.strip())
        if len(texts) != len(value):
            self.problem("holds something other than texts, or an empty text. Give texts in quotation marks.", key)
        for repeated in sorted({t for t in texts if texts.count(t) > 1}):
            self.problem(f"names {repeated!r} twice. Take one out.", key)
        return texts

    def wholes(self, key: str, default: Sequence[int] | _Required = _REQUIRED) -> tuple[int, ...]:
        value = self._take(key, default, [], (list, tuple), "a list of whole numbers in square brackets")
        numbers = tuple(v for v in value if isinstance(v, int) and not isinstance(v, bool))
        if len(numbers) != len(value):
            self.problem("holds something other than whole numbers.", key)
        return numbers

    def mapping(self, key: str, default: Raw | _Required = _REQUIRED) -> Raw:
        """A table kept as it is: rules and parameters that an engine reads for itself."""
        return cast(Raw, self._take(key, default, {}, dict, "a table in braces"))

    def optional_mapping(self, key: str) -> Raw | None:
        return None if self._is_absent(key) else self.mapping(key)

    def table(self, key: str) -> Table:
        return self._child(self.mapping(key), f"'{key}'")

    def optional_table(self, key: str) -> Table | None:
        return None if self._is_absent(key) else self.table(key)

    def tables(self, key: str, *, name: str | None = "code", least: int = 0) -> tuple[Table, ...]:
        """The entries of ``[[key]]``, in order, each called by its ``name``; a name that comes twice is a problem."""
        value = self._take(key, [] if least == 0 else _REQUIRED, [], list, f"entries [[{key}]]")
        found: list[Table] = []
        seen: set[str] = set()
        for number, entry in enumerate(value, start=1):
            if not isinstance(entry, dict):
                self.problem(f"number {number} is {_shown(entry)}. Give a table.", key)
                continue
            called = entry.get(name) if name else None
            label = f"{key} {called!r}" if isinstance(called, str) else f"{key} number {number}"
            child = self._child(entry, label)
            if isinstance(called, str):
                if called in seen:
                    child.problem("is there twice. Give each a name of its own.")
                seen.add(called)
            found.append(child)
        if len(found) < least:
            self.problem(f"has {len(found)} entr{'y' if len(found) == 1 else 'ies'}. At least {least} needed.", key)
        return tuple(found)

    def _child(self, raw: Raw, label: str) -> Table:
        child = Table(raw, ", ".join(p for p in (self.where, label) if p), self.problems)
        self._children.append(child)
        return child

    def names(self) -> tuple[str, ...]:
        """The keys of a table whose keys are themselves content (a word list, a dictionary), in alphabetical order."""
        return tuple(sorted(key for key in self.raw if key not in PROVENANCE))


def exact(value: int | float) -> Decimal:
    """A TOML number as the decimal that was written."""
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def _date(value: object) -> dt.date | None:
    if not isinstance(value, str) or len(value) != 10:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return repr(value)


def _range(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f"from {least} to {most}"
    return f"of at least {least}" if least is not None else f"of at most {most}"


# ---------------------------------------------------------------- parts and their owners


@dataclass(frozen=True)
class PackSection(Generic[T]):
    """What an app knows of one part.

    ``parse`` turns the raw part into a value of the app's own (frozen dataclasses). ``validate`` looks across parts: it
    gets the parsed value, the whole content (``content.section("…")`` for other parts) and a collector of problems.
    """

    name: str
    parse: Callable[[Table], T]
    validate: Callable[[T, PackContent, Problems], None] | None = None


PACK_SECTIONS: Registry[PackSection[Any]] = Registry("pack_sections")
NEEDED_SETTINGS: Registry[str] = Registry("needed_settings")
"""Setting name → kind, for the settings that code reads. A pack without one of them is refused when it is loaded."""


def add_section(section: PackSection[Any]) -> PackSection[Any]:
    """Register a part with its owner; called from an app's ``contributions.py``."""
    return PACK_SECTIONS.add(section.name, section)


def need_settings(kinds: Mapping[str, str]) -> None:
    """Say which settings an app's code reads, and of which kind; called from an app's ``contributions.py``."""
    for name, kind in kinds.items():
        if kind not in SETTING_KINDS:
            raise ValueError(f"{kind!r} is no kind of setting.")
        NEEDED_SETTINGS.add(name, kind)


_PARSED: dict[str, dict[PackSection[Any], Any]] = {}
_KEPT: Final = 16


@dataclass(frozen=True)
class PackContent:
    """A pack's content: its header, and its parts as plain data. Two contents with one digest are the same."""

    code: str
    label: str
    version: str
    first_academic_year: int
    last_academic_year: int
    parts: Raw = field(repr=False)
    digest: str
    sections: Registry[PackSection[Any]] = field(default=PACK_SECTIONS, repr=False, compare=False, hash=False)

    def __hash__(self) -> int:
        return hash(self.digest)

    def covers(self, academic_year: int) -> bool:
        """Whether the pack may be used in the academic year that begins in this calendar year."""
        return self.first_academic_year <= academic_year <= self.last_academic_year

    def section(self, name: str) -> Any:
        """The parsed part, from the parser that its app registered; parsed once for each digest. Do not change it."""
        if name not in self.sections:
            raise PartMissing(f"No app has registered the pack part {name!r}.")
        if name not in self.parts:
            raise PartMissing(f"The pack {self.code!r} has no part {name!r}.")
        owner = self.sections[name]
        kept = _PARSED.get(self.digest)
        if kept is None:
            while len(_PARSED) >= _KEPT:
                _PARSED.pop(next(iter(_PARSED)), None)
            kept = _PARSED.setdefault(self.digest, {})
        if owner not in kept:
            kept[owner] = owner.parse(Table(self.parts[name], "", Problems(name)))
        return kept[owner]

    # -- settings

    @property
    def settings(self) -> Settings:
        return cast(Settings, self.section("settings"))

    def setting(self, name: str, overrides: Raw | None = None) -> SettingValue:
        """The setting's value, the authority's own where ``overrides`` (``Authority.settings``) holds one."""
        return self.settings.value(name, overrides)

    def setting_int(self, name: str, overrides: Raw | None = None) -> int:
        """Kinds ``whole``, ``days`` (in quarters) and ``money`` (in pence)."""
        return _of_type(int, name, self.setting(name, overrides))

    def setting_bool(self, name: str, overrides: Raw | None = None) -> bool:
        return _of_type(bool, name, self.setting(name, overrides))

    def setting_decimal(self, name: str, overrides: Raw | None = None) -> Decimal:
        value = self.setting(name, overrides)
        return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else _of_type(Decimal, name, value)

    def setting_date(self, name: str, overrides: Raw | None = None) -> dt.date:
        return _of_type(dt.date, name, self.setting(name, overrides))

    def setting_text(self, name: str, overrides: Raw | None = None) -> str:
        return _of_type(str, name, self.setting(name, overrides))

    # -- labels

    def labels(self, kind: str = "") -> Labels:
        """The pack's words; with ``kind`` (a kind of school), as that kind says them."""
        found = cast(Labels, self.section("labels")) if "labels" in self.parts and "labels" in self.sections else Labels(())
        return found.for_kind(kind) if kind else found

    # -- plain form

    def to_json(self) -> str:
        """Canonical JSON: keys sorted, no spaces, UTF-8. ``from_json`` gives back an equal content."""
        return _canonical({"format": FORMAT, "parts": self.parts})

    @classmethod
    def from_json(cls, stored: str | Raw, *, digest: str = "", sections: Registry[PackSection[Any]] = PACK_SECTIONS) -> PackContent:
        """From :meth:`to_json`, as text or as the object that a JSON column gives back. It was checked when it was loaded.

        ``digest`` is the one stored beside it, where the row can be trusted: working it out again takes longer than the rest.
        """
        data = json.loads(stored) if isinstance(stored, str) else stored
        if data.get("format") != FORMAT:
            raise ValueError(f"A pack of format {data.get('format')!r} cannot be read here; format {FORMAT} is needed.")
        return _content(data["parts"], sections, digest)


def _of_type(kind: type[T], name: str, value: object) -> T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"The setting {name!r} is {value!r}, which is not of the type that is asked for here.")
    return value


# ---------------------------------------------------------------- reading and checking


def read_pack(path: Path, *, sections: Registry[PackSection[Any]] = PACK_SECTIONS) -> PackContent:
    """Read a folder of TOML files and check it as a whole. Raises :class:`PackInvalid` with everything that is wrong."""
    problems = Problems()
    parts = _read_folder(path, problems)
    if len(problems):
        raise PackInvalid(problems)
    _check_header(parts, problems)
    if len(problems):
        raise PackInvalid(problems)
    content = _content(parts, sections)
    found = check_pack(content)
    if found:
        raise PackInvalid(found)
    return content


def check_pack(content: PackContent) -> tuple[Problem, ...]:
    """Everything that is wrong with a content: each registered part parsed and validated; raw parts for repeated codes."""
    problems = Problems()
    _check_header(content.parts, problems)
    sound: list[tuple[PackSection[Any], Any]] = []
    for name, owner in content.sections.items():
        if name not in content.parts:
            problems.of(name).add("", f"is not in the pack. Add {name}.toml: the portal needs it.")
            continue
        table = Table(content.parts[name], "", problems.of(name))
        table.ignore("pack", "part")
        value = owner.parse(table)
        table.finish()
        sound.append((owner, value))
    for name, part in content.parts.items():
        if name not in content.sections:
            _check_codes(part, "", problems.of(name))
    for owner, value in sound:
        if owner.validate is not None:
            with contextlib.suppress(PartMissing):  # already listed as a part that is not in the pack
                owner.validate(value, content, problems.of(owner.name))
    return tuple(sorted(set(problems)))


def _read_folder(path: Path, problems: Problems) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if not path.is_dir():
        raise PackInvalid([Problem(path.name, "", "is not a folder. Name the folder that holds the pack's TOML files.")])
    for file in sorted(path.glob("*.toml")):
        try:
            with file.open("rb") as stream:
                parts[file.stem] = _plain(tomllib.load(stream))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.of(file.stem).add("", f"is not TOML: {error}. Correct the file there.")
        except _NotFinite as error:
            problems.of(file.stem).add(str(error), "is not a finite number. Give a number, or leave the key out.")
    if HEADER not in parts and not len(problems):
        problems.of(HEADER).add("", "is not in the folder. A pack begins with pack.toml: pack, part, label, version, years, parts.")
    return parts


def _check_header(parts: Raw, problems: Problems) -> None:
    header = Table(parts.get(HEADER, {}), "", problems.of(HEADER))
    code = header.text("pack")
    header.text("label")
    header.text("version")
    header.text("country", "")
    first, last = header.whole("first_academic_year", least=1990, most=2199), header.whole("last_academic_year", least=1990, most=2199)
    if last < first:
        header.problem(f"is {last}, before the first ({first}). Put the years in order.", "last_academic_year")
    listed = header.texts("parts")
    header.mapping("standings", {})
    header.ignore("part")
    header.finish()
    for name in listed:
        if name not in parts:
            header.problem(f"names {name!r}, and the folder has no {name}.toml. Add the file or take the name out.", "parts")
    for name, part in parts.items():
        if name != HEADER and name not in listed:
            problems.of(name).add("", f"is not among the parts of pack.toml. Add {name!r} there, or take the file out of the folder.")
        for key, right in (("pack", code), ("part", name)):
            if part.get(key) != right:
                problems.of(name).add(f"'{key}'", f"is {_shown(part.get(key))}. Write {key} = {json.dumps(right)}.")


def _check_codes(value: Any, where: str, problems: Problems) -> None:
    """In a part that no app reads yet: codes within one list are still each other's own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_codes(inner, f"{where}, {key}" if where else key, problems)
    elif isinstance(value, list):
        codes = [v["code"] for v in value if isinstance(v, dict) and isinstance(v.get("code"), str)]
        for code in sorted({c for c in codes if codes.count(c) > 1}):
            problems.add(f"{where} {code!r}", "is there twice. Give each a code of its own.")
        for entry in value:
            if isinstance(entry, dict):
                code = entry.get("code")
                _check_codes({k: v for k, v in entry.items() if k != "code"}, f"{where} {code!r}" if code else where, problems)


class _NotFinite(ValueError):
    pass


def _plain(value: Any, where: str = "") -> Any:
    """TOML as JSON: dates and times become ISO texts, keys are put in order."""
    if isinstance(value, dict):
        return {key: _plain(value[key], f"{where}.{key}" if where else key) for key in sorted(value)}
    if isinstance(value, list):
        return [_plain(item, where) for item in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        raise _NotFinite(where)
    return value


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _content(parts: Raw, sections: Registry[PackSection[Any]], digest: str = "") -> PackContent:
    header = parts[HEADER]
    return PackContent(
        code=header["pack"],
        label=header["label"],
        version=header["version"],
        first_academic_year=header["first_academic_year"],
        last_academic_year=header["last_academic_year"],
        parts=parts,
        digest=digest or hashlib.sha256(_canonical({"format": FORMAT, "parts": parts}).encode()).hexdigest(),
        sections=sections,
    )


# ---------------------------------------------------------------- the part "labels"

FORMS: Final = ("singular", "plural", "short", "short_plural", "article")


@dataclass(frozen=True)
class Word:
    """One word of the portal as this pack says it. ``article`` is the singular with its article: "a Note of Visit"."""

    code: str
    singular: str
    plural: str
    short: str
    short_plural: str
    article: str

    @classmethod
    def plain(cls, code: str) -> Word:
        """The code itself, in plain letters: what is shown where a pack says nothing."""
        singular = code.replace("_", " ").replace("-", " ")
        return cls.make(code, singular)

    @classmethod
    def make(cls, code: str, singular: str, *, plural: str = "", short: str = "", short_plural: str = "", article: str = "") -> Word:
        many = plural or plural_of(singular)
        return cls(
            code=code,
            singular=singular,
            plural=many,
            short=short or singular,
            short_plural=short_plural or (plural_of(short) if short else many),
            article=article or f"{'an' if singular[:1].lower() in 'aeiou' else 'a'} {singular}",
        )

    def form(self, name: str) -> str:
        if name not in FORMS:
            raise KeyError(f"{name!r} is no form of a label. Forms: {', '.join(FORMS)}, or one of them with a capital.")
        return str(getattr(self, name))


def plural_of(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1].lower() not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


class Labels:
    """The words of the screens, documents and emails (domain.md §1).

    ``labels.get("note", "plural")``; a form written with a capital ("Plural") begins with one. A word that the pack does
    not give comes from ``fallback``, and failing that from its own code in plain letters: a label never fails.
    """

    def __init__(
        self, words: Iterable[Word], *, by_kind: Mapping[str, Mapping[str, Word]] | None = None, fallback: Labels | None = None
    ) -> None:
        self._words: dict[str, Word] = {word.code: word for word in words}
        self._by_kind: dict[str, dict[str, Word]] = {kind: dict(own) for kind, own in (by_kind or {}).items()}
        self._fallback = fallback

    def word(self, code: str) -> Word:
        found = self._words.get(code)
        if found is not None:
            return found
        return self._fallback.word(code) if self._fallback is not None else Word.plain(code)

    def get(self, code: str, form: str = "singular") -> str:
        name = form[:1].lower() + form[1:]
        text = self.word(code).form(name)
        return text[:1].upper() + text[1:] if form[:1].isupper() else text

    def fill(self, text: str) -> str:
        """Words of the pack in braces: "Visits and {note:plural}"."""
        while "{" in text:
            before, _, rest = text.partition("{")
            word, _, after = rest.partition("}")
            code, _, form = word.partition(":")
            text = before + self.get(code, form or "singular") + after
        return text

    def for_kind(self, kind: str) -> Labels:
        """The same words as a kind of school says them: "teacher in charge" in place of "headteacher"."""
        own = self._by_kind.get(kind)
        fallback = self._fallback.for_kind(kind) if self._fallback is not None else None
        if not own and fallback is self._fallback:
            return self
        return Labels({**self._words, **(own or {})}.values(), by_kind=self._by_kind, fallback=fallback)

    def over(self, fallback: Labels) -> Labels:
        """These words, with ``fallback`` for the words that are not among them."""
        return Labels(self._words.values(), by_kind=self._by_kind, fallback=fallback)

    def __contains__(self, code: object) -> bool:
        return code in self._words

    def codes(self) -> tuple[str, ...]:
        return tuple(self._words)

    def kinds(self) -> tuple[str, ...]:
        return tuple(self._by_kind)


def _parse_word(entry: Table) -> Word:
    return Word.make(
        entry.text("code"),
        entry.text("singular"),
        plural=entry.text("plural"),
        short=entry.text("short", ""),
        short_plural=entry.text("short_plural", ""),
        article=entry.text("article"),
    )


def parse_labels(table: Table) -> Labels:
    """``[[word]]``: code, singular, plural, article and, where it has one, short. ``[[own_word]]``: the same, with ``kinds``."""
    words = [_parse_word(entry) for entry in table.tables("word", least=1)]
    codes = {word.code for word in words}
    by_kind: dict[str, dict[str, Word]] = {}
    for entry in table.tables("own_word", name=None):
        word = _parse_word(entry)
        entry.where = f"own_word {word.code!r}"
        if word.code not in codes:
            entry.problem(f"is {word.code!r}, which is no [[word]] of this file. Add the word that it stands for.", "code")
        for kind in entry.texts("kinds"):
            if word.code in by_kind.setdefault(kind, {}):
                entry.problem(f"says {word.code!r} of {kind!r} a second time. Take one out.", "kinds")
            by_kind[kind][word.code] = word
    return Labels(words, by_kind=by_kind)


# ---------------------------------------------------------------- the part "settings"

SettingValue = bool | int | Decimal | dt.date | str | tuple[str, ...]
SETTING_KINDS: Final = ("whole", "decimal", "days", "money", "yes_no", "date", "text", "choice", "list")


class SettingInvalid(ValueError):
    """An authority's own value that the setting does not take. The message says what to enter."""


@dataclass(frozen=True)
class Setting:
    """A value that an authority may change.

    ``kind`` says how ``value`` is written and what it becomes: ``whole`` int; ``decimal`` Decimal; ``days`` written in
    days, kept in quarters; ``money`` written in pounds, kept in pence; ``yes_no`` bool; ``date`` date; ``text``, ``choice``
    str; ``list`` tuple of str. ``unit`` and ``meaning`` are for the person who reads or changes it.
    """

    name: str
    kind: str
    value: SettingValue
    unit: str
    meaning: str
    source: str
    options: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None

    def read(self, raw: Any) -> SettingValue:
        """``raw``, as a pack or an authority's settings hold it, as this setting's type. Raises :class:`SettingInvalid`."""
        value = _READERS[self.kind](raw)
        if value is None:
            raise SettingInvalid(f"{self.name} is {_shown(raw)}. Give {_SAYS[self.kind]}.")
        if self.kind == "choice" and value not in self.options:
            raise SettingInvalid(f"{self.name} is {value!r}. Give one of: {', '.join(self.options)}.")
        low = self.least is not None and isinstance(raw, int | float) and raw < self.least
        high = self.most is not None and isinstance(raw, int | float) and raw > self.most
        if low or high:
            raise SettingInvalid(f"{self.name} is {raw}. Give {_SAYS[self.kind]} {_range(self.least, self.most)}.")
        return value


def _is_number(raw: Any) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool)


def _scaled(raw: Any, by: int) -> int | None:
    if not _is_number(raw):
        return None
    value = exact(raw) * by
    return int(value) if value == value.to_integral_value() else None


_READERS: Final[dict[str, Callable[[Any], SettingValue | None]]] = {
    "whole": lambda raw: raw if isinstance(raw, int) and not isinstance(raw, bool) else None,
    "decimal": lambda raw: exact(raw) if _is_number(raw) else None,
    "days": lambda raw: _scaled(raw, 4),
    "money": lambda raw: _scaled(raw, 100),
    "yes_no": lambda raw: raw if isinstance(raw, bool) else None,
    "date": _date,
    "text": lambda raw: raw if isinstance(raw, str) and raw.strip() else None,
    "choice": lambda raw: raw if isinstance(raw, str) else None,
    "list": lambda raw: tuple(raw) if isinstance(raw, list) and all(isinstance(r, str) and r.strip() for r in raw) else None,
}
_SAYS: Final = {
    "whole": "a whole number",
    "decimal": "a number",
    "days": "a number of days in quarters, such as 1.25",
    "money": "a sum in pounds",
    "yes_no": "true or false",
    "date": "a date such as 2009-04-03",
    "text": "a text",
    "choice": "one of its options",
    "list": "a list of texts",
}


class Settings:
    """The part ``settings``: every default of the design that an authority may change, by name."""

    def __init__(self, settings: Iterable[Setting]) -> None:
        self._by_name: dict[str, Setting] = {setting.name: setting for setting in settings}

    def __getitem__(self, name: str) -> Setting:
        try:
            return self._by_name[name]
        except KeyError:
            raise KeyError(f"The pack has no setting {name!r}.") from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Setting]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def value(self, name: str, overrides: Raw | None = None) -> SettingValue:
        setting = self[name]
        if overrides is None or name not in overrides:
            return setting.value
        return setting.read(overrides[name])

    def refuse(self, overrides: Raw) -> dict[str, str]:
        """Name → sentence for each override that cannot stand: what a form shows before it saves."""
        wrong: dict[str, str] = {}
        for name, raw in overrides.items():
            if name not in self:
                wrong[name] = f"{name} is not a setting of this pack."
                continue
            try:
                self[name].read(raw)
            except SettingInvalid as error:
                wrong[name] = str(error)
        return wrong


def parse_settings(table: Table) -> Settings:
    """``[[setting]]``: name, kind, value, unit, meaning, source, and where they help options, least, most."""
    found = []
    for entry in table.tables("setting", name="name", least=1):
        kind = entry.choice("kind", SETTING_KINDS)
        setting = Setting(
            name=entry.text("name"),
            kind=kind if kind in SETTING_KINDS else "text",
            value="",
            unit=entry.text("unit", ""),
            meaning=entry.text("meaning"),
            source=entry.text("source"),
            options=entry.texts("options", ()),
            least=entry.optional_whole("least"),
            most=entry.optional_whole("most"),
        )
        entry.ignore("value")
        if "value" not in entry.raw:
            entry.problem(f"is missing. Give {_SAYS[setting.kind]}.", "value")
        else:
            try:
                setting = _with_value(setting, setting.read(entry.raw["value"]))
            except SettingInvalid as error:
                entry.problem(str(error), "value")
        found.append(setting)
    return Settings(found)


def _with_value(setting: Setting, value: SettingValue) -> Setting:
    return Setting(
        setting.name, setting.kind, value, setting.unit, setting.meaning, setting.source, setting.options, setting.least, setting.most
    )


def _validate_settings(settings: Settings, content: PackContent, problems: Problems) -> None:
    for name, kind in NEEDED_SETTINGS.items():
        if name not in settings:
            problems.add(f"setting {name!r}", f"is missing, and the portal reads it. Add it, of the kind {kind!r}.")
        elif settings[name].kind != kind:
            problems.add(f"setting {name!r}", f"is of the kind {settings[name].kind!r}; the portal reads {kind!r}. Correct 'kind'.")


add_section(PackSection("labels", parse_labels))
add_section(PackSection("settings", parse_settings, _validate_settings))
