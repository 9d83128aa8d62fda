"""One index over all that may be found, on SQLite and PostgreSQL alike (architecture.md rule 22).

A service puts what it writes into the index in the same transaction. What is found is filtered by each kind's row
scope *before* anything is counted or an extract is made, so that neither tells of a row that the asker may not see.
Records are indexed, never drafts.

The ordinary model :class:`SearchDocument` holds the texts as they are shown, and folded: without accents, in small
letters, everything but letters and digits a space, character for character, so that a place in the folded text is the
same place in the shown one. Beside it stands what only a database can do well: on SQLite two FTS5 tables over the
folded columns (``porter unicode61 remove_diacritics 2`` for words by their stem, ``unicode61`` for the beginning of a
word), kept in step by triggers; on PostgreSQL a stored ``tsvector`` (english and simple) under a GIN index.

What a person types never reaches the query language of either: it is folded like the texts, cut into words of letters
and digits, and each is quoted.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations.base import Operation
from django.db.models import Count, Lookup, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from . import clock
from .registry import Registry
from .triggers import TRIGGERS, Trigger

Segment = tuple[str, bool]
"""A piece of text, and whether it is a hit. Plain text: a template escapes it like any other."""

MAX_WORDS = 12
MAX_PHRASES = 4
MAX_WORD = 60
MAX_BODY = 200_000  # a tsvector holds less than a megabyte
EXTRACT = 240
FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "from",
        "if",
        "in",
        "into",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "the",
        "their",
        "this",
        "to",
        "was",
        "were",
        "with",
    ]
)
NO_DATE = dt.date(9999, 12, 31)  # what has no date of its own (a school, a person) stands before what has


# ---------------------------------------------------------------- folding

_LETTERS = str.maketrans("ßøđłæœþðıħŧ", "sodlaotdiht")


def _fold_character(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[0].lower()[0].translate(_LETTERS)
    return base if base.isalnum() else " "


def fold(text: str) -> str:
    """The text as it is indexed: as long as ``text``, without accents and capitals, words parted by spaces."""
    if text.isascii():
        return _NOT_A_WORD.sub(" ", text.lower())
    return "".join(map(_fold_character, text))


_PHRASE = re.compile(r'["“”„]([^"“”„]+)["“”„]')
_NOT_A_WORD = re.compile(r"[^a-z0-9]")
_JOINED = re.compile(r"\w+(?:['’]\w+)+")


def _clean(text: str) -> str:
    """Composed, and without the control characters that PostgreSQL refuses or that we mark hits with."""
    return "".join(c for c in unicodedata.normalize("NFC", text) if c in "\n\t" or not unicodedata.category(c).startswith("C"))


def _joined(*texts: str) -> str:
    """The words with an apostrophe as people also write them: "St Mary's" is found as "marys"."""
    return " ".join(fold(re.sub("['’]", "", word)) for text in texts for word in _JOINED.findall(text))


@dataclass(frozen=True, slots=True)
class Query:
    """What a person typed: folded words, the last of which may be the beginning of one.

    Words that are in every text are left out, unless nothing else was typed. What stands between double quotes is a
    phrase: these words as they are written, one after another.
    """

    words: tuple[str, ...]
    is_last_open: bool
    phrases: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Query:
        text = text[:500]
        quoted = [" ".join(fold(_clean(phrase)).split()[:MAX_WORDS]) for phrase in _PHRASE.findall(text)]
        phrases = tuple(phrase for phrase in quoted if phrase)[:MAX_PHRASES]
        if phrases:
            text = _PHRASE.sub(" ", text)
        chunks = re.split(r"\s+", _clean(text).strip())
        words: list[str] = []
        opened = False
        for chunk in chunks:
            pieces = fold(chunk).split()
            words += [piece[:MAX_WORD] for piece in pieces]
            # "Mary's" ends in a piece of one letter, which begins no other word.
            opened = bool(pieces) and (len(pieces[-1]) > 1 or len(pieces) == 1)
        opened = opened and len(words) <= MAX_WORDS and not text[-1:].isspace()
        words = words[:MAX_WORDS]
        telling = [word for word in words if word not in FUNCTION_WORDS]
        if telling and len(telling) < len(words):
            opened = opened and words[-1] not in FUNCTION_WORDS
            words = telling
        return cls(tuple(words), opened, phrases)

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


# ---------------------------------------------------------------- the model


class SearchDocument(models.Model):
    """One thing that may be found. Write with :func:`put`, :func:`put_many` and :func:`remove`.

    Beside the whole of a thing its parts may stand, each by the code of what it is (a section of a note): a search that
    is narrowed to a part looks in those alone, any other in the wholes alone.
    """

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    part = models.CharField(max_length=60, blank=True, default="")
    # Plain values, as everywhere in the kernel that knows no authority and no school.
    authority_id = models.BigIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    extra = models.JSONField(default=dict)
    occurred_on = models.DateField(null=True)
    updated_at = models.DateTimeField()
    title_folded = models.CharField(max_length=300)
    body_folded = models.TextField(blank=True)
    keywords_folded = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "subject", "part"], name="search_one_of_a_subject"),)
        indexes = (
            models.Index(Coalesce("occurred_on", Value(NO_DATE)).desc(), models.F("id").desc(), name="search_newest"),
            models.Index(fields=["school_id"], name="search_school"),
        )

    def __str__(self) -> str:
        return self.title


@models.AutoField.register_lookup
@models.BigAutoField.register_lookup
class _Matches(Lookup):
    """``filter(pk__search_matches=Query)``: the documents that hold every word of a query."""

    lookup_name = "search_matches"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        query: Query = self.rhs
        parts, params = _INDEXES[connection.vendor].matches(query)
        sql = " AND ".join(f"({part.format(id=lhs)})" for part in parts)
        return f"({sql})", (*list(lhs_params) * sum(part.count("{id}") for part in parts), *params)


# ---------------------------------------------------------------- kinds


@dataclass(frozen=True, slots=True)
class SearchKind:
    """What an app contributes for one kind of thing.

    ``visible_ids(user)`` is a queryset of one column, the subjects (public ids) in the user's row scope: it becomes a
    sub-query. ``url(document)`` is where a hit leads. ``label`` and ``plural`` are as shown over the hits.
    """

    key: str
    label: str
    plural: str
    visible_ids: Callable[[Any], models.QuerySet[Any, Any]]
    url: Callable[[SearchDocument], str]


SEARCH_KINDS: Registry[SearchKind] = Registry("search_kinds")


# ---------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What :func:`put_many` writes. ``keywords`` are found but not shown: numbers, codes, former names."""

    kind: str
    subject: str
    part: str = ""
    title: str
    body: str = ""
    keywords: Iterable[str] = ()
    authority_id: int | None = None
    school_id: int | None = None
    occurred_on: dt.date | None = None
    extra: dict[str, Any] | None = None


def put(kind: str, subject: str, *, title: str, body: str = "", **values: Any) -> None:
    """Put one thing into the index, or what it now says, in the transaction that wrote it. As :class:`Entry`."""
    put_many([Entry(kind=kind, subject=subject, title=title, body=body, **values)])


def put_many(entries: Iterable[Entry]) -> int:
    """The same for many, in one statement for each thousand. A later entry of the same subject wins."""
    now = clock.machine_now()
    rows = {(entry.kind, entry.subject, entry.part): _row(entry, now) for entry in entries}
    SearchDocument.objects.bulk_create(
        rows.values(),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["kind", "subject", "part"],
        update_fields=[f.name for f in SearchDocument._meta.concrete_fields if f.name not in {"id", "kind", "subject", "part"}],
    )
    return len(rows)


def _row(entry: Entry, now: dt.datetime) -> SearchDocument:
    if entry.kind not in SEARCH_KINDS:
        raise KeyError(f"The registry {SEARCH_KINDS.name!r} holds no {entry.kind!r}.")
    title, body = _clean(entry.title)[:300], _clean(entry.body)
    keywords = " ".join([*(fold(_clean(word)) for word in entry.keywords), _joined(title, body[:MAX_BODY])])
    return SearchDocument(
        kind=entry.kind,
        subject=entry.subject,
        part=entry.part,
        authority_id=entry.authority_id,
        school_id=entry.school_id,
        title=title,
        body=body,
        extra=entry.extra or {},
        occurred_on=entry.occurred_on,
        updated_at=now,
        title_folded=fold(title),
        body_folded=fold(body[:MAX_BODY]),
        keywords_folded=keywords,
    )


def remove(kind: str, subjects: str | Iterable[str]) -> int:
    """Take one thing, or several of a kind, out of the index, with their parts. Answers how many rows were there."""
    chosen = [subjects] if isinstance(subjects, str) else list(subjects)
    return SearchDocument.objects.filter(kind=kind, subject__in=chosen).delete()[0]


# ---------------------------------------------------------------- finding


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, as it may be shown to the asker."""

    kind: SearchKind
    subject: str
    title: str
    title_segments: list[Segment]
    extract: list[Segment]
    occurred_on: dt.date | None
    authority_id: int | None
    school_id: int | None
    extra: dict[str, Any]
    url: str


@dataclass(frozen=True, slots=True)
class Page:
    """The hits of one page, newest first; ``next_cursor`` is for the next page, None on the last."""

    hits: list[Hit]
    next_cursor: str | None

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """What else must be so of what is found. ``school_ids`` is a collection or a queryset of one column; ``extra`` names
    values that the kinds put into :attr:`Entry.extra`: a document that has none of that name is not found. ``part`` narrows to that
    part of things that have one."""

    school_ids: Any = None
    since: dt.date | None = None
    until: dt.date | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    part: str = ""

    def of(self, rows: models.QuerySet[SearchDocument]) -> models.QuerySet[SearchDocument]:
        rows = rows.filter(part=self.part)
        if self.school_ids is not None:
            rows = rows.filter(school_id__in=self.school_ids)
        if self.since is not None:
            rows = rows.filter(occurred_on__gte=self.since)
        if self.until is not None:
            rows = rows.filter(occurred_on__lte=self.until)
        for name, value in self.extra.items():
            rows = rows.filter(**{f"extra__{name}": value})
        return rows


def _found(user: Any, query: Query, kinds: Iterable[str] | None, narrow: Narrow | None) -> models.QuerySet[SearchDocument]:
    """What the query finds inside the asker's scope; the one place where both are put together."""
    chosen = [SEARCH_KINDS[key] for key in kinds] if kinds is not None else list(SEARCH_KINDS)
    scope = Q(pk__in=[])
    for kind in chosen:
        scope |= Q(kind=kind.key, subject__in=kind.visible_ids(user))
    found = SearchDocument.objects.filter(scope, pk__search_matches=query)
    return (narrow or Narrow()).of(found)


def search(
    user: Any,
    query: str,
    kinds: Iterable[str] | None = None,
    *,
    narrow: Narrow | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> Page:
    """What the asker may see and the query finds: every word by its stem, the last also as the beginning of a word.

    Newest first; what has no date comes before what has. ``kinds`` are keys of :data:`SEARCH_KINDS`, by default all.
    ``cursor`` is the ``next_cursor`` of the page before. Two queries and the scopes' sub-queries. A query without a
    letter or digit finds nothing. Raises ValueError on a cursor that is none, KeyError on a kind that is none.
    """
    parsed = Query.parse(query)
    if not parsed:
        return Page([], None)
    rows = _found(user, parsed, kinds, narrow).annotate(sort_on=Coalesce("occurred_on", Value(NO_DATE)))
    if cursor:
        on, pk = _read_cursor(cursor)
        rows = rows.filter(Q(sort_on__lt=on) | Q(sort_on=on, pk__lt=pk))
    page = list(rows.order_by("-sort_on", "-pk").defer("body_folded", "title_folded", "keywords_folded")[: limit + 1])
    following = None
    if len(page) > limit:
        page = page[:limit]
        following = f"{page[-1].sort_on:%Y%m%d}-{page[-1].pk}"
    marked = _INDEXES[connections[rows.db].vendor].marked(connections[rows.db], parsed, [row.pk for row in page])
    return Page([_hit(row, *marked.get(row.pk, ("", ""))) for row in page], following)


def counts(user: Any, query: str, kinds: Iterable[str] | None = None, *, narrow: Narrow | None = None) -> dict[str, int]:
    """How many of each kind the asker would find, by key; kinds with none are left out. One query."""
    parsed = Query.parse(query)
    if not parsed:
        return {}
    found = _found(user, parsed, kinds, narrow).order_by().values("kind").annotate(n=Count("pk"))
    return {row["kind"]: row["n"] for row in found}


def _read_cursor(cursor: str) -> tuple[dt.date, int]:
    match = re.fullmatch(r"(\d{8})-(\d{1,18})", cursor, re.ASCII)
    if match is None:
        raise ValueError("This is no cursor of a search.")
    return dt.date.fromisoformat(match[1]), int(match[2])


def _hit(row: SearchDocument, title_marked: str, body_marked: str) -> Hit:
    kind = SEARCH_KINDS[row.kind]
    return Hit(
        kind=kind,
        subject=row.subject,
        title=row.title,
        title_segments=_segments(row.title, _ranges(title_marked), 0, len(row.title)),
        extract=extract(row.body, _ranges(body_marked)),
        occurred_on=row.occurred_on,
        authority_id=row.authority_id,
        school_id=row.school_id,
        extra=row.extra,
        url=kind.url(row),
    )


# ---------------------------------------------------------------- extracts

_BEGIN, _END = "\x02", "\x03"  # no text in the index holds a control character


def _ranges(*marked: str) -> list[tuple[int, int]]:
    """Where the hits are in an unmarked text, from marked copies of it: [start, end), in order, without overlaps."""
    found: list[tuple[int, int]] = []
    for text in marked:
        at = 0
        start = 0
        for piece in re.split(f"([{_BEGIN}{_END}])", text):
            if piece == _BEGIN:
                start = at
            elif piece == _END:
                found.append((start, at))
            else:
                at += len(piece)
    return _merged(found)


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def _segments(text: str, ranges: Iterable[tuple[int, int]], first: int, last: int) -> list[Segment]:
    """``text[first:last]`` cut at the hits. Put together, the pieces are the text again."""
    segments: list[Segment] = []
    at = first
    for begun, ended in ranges:
        start, end = max(begun, first), min(ended, last)
        if start >= end:
            continue
        if at < start:
            segments.append((text[at:start], False))
        segments.append((text[start:end], True))
        at = end
    if at < last:
        segments.append((text[at:last], False))
    return segments


def extract(text: str, ranges: Sequence[tuple[int, int]], length: int = EXTRACT) -> list[Segment]:
    """About ``length`` characters of a text, around the place with most hits; its beginning where there is none."""
    if len(text) <= length:
        return _segments(text, ranges, 0, len(text))
    first, best = 0, (0, 0)
    if ranges:
        best = max(ranges, key=lambda hit: (sum(hit[0] <= start and end <= hit[0] + length for start, end in ranges), -hit[0]))
        first = max(0, min(best[0] - length // 4, len(text) - length))
    last = min(len(text), first + length)
    # Whole words only, unless a word is longer than all of it.
    if first:
        space = re.search(r"\s", text[first : best[0]])
        first = first + space.end() if space else best[0]
    if last < len(text):
        space = re.search(r"\s\S*$", text[first:last])
        if space and first + space.start() >= max(best[1], first + 1):
            last = first + space.start()
    segments = _segments(text, ranges, first, last)
    return [*([("… ", False)] if first else []), *segments, *([(" …", False)] if last < len(text) else [])]


# ---------------------------------------------------------------- the two databases

_TABLE = "core_searchdocument"
_STEMS = "core_search_stems"
_WORDS = "core_search_words"
_COLUMNS = ("title_folded", "body_folded", "keywords_folded")


class _Sqlite:
    """Two FTS5 tables over the folded columns: by stem, and by word for the beginnings of words."""

    TOKENIZERS = {_STEMS: "porter unicode61 remove_diacritics 2", _WORDS: "unicode61 remove_diacritics 2"}

    def matches(self, query: Query) -> tuple[list[str], list[str]]:
        inside = "{id} IN (SELECT rowid FROM %s WHERE %s MATCH %%s)"
        stems, words = inside % (_STEMS, _STEMS), inside % (_WORDS, _WORDS)
        parts, params = [words for _ in query.phrases], [f'"{phrase}"' for phrase in query.phrases]
        if not query.words:
            return parts, params
        if not query.is_last_open:
            return [*parts, stems], [*params, self._all(query.words)]
        if query.words[:-1]:
            parts.append(stems)
            params.append(self._all(query.words[:-1]))
        parts.append(f"{stems} OR {words}")
        params += [self._all(query.words[-1:]), f'"{query.words[-1]}" *']
        return parts, params

    @staticmethod
    def _all(words: Iterable[str]) -> str:
        return " AND ".join(f'"{word}"' for word in words)

    def marked(self, connection: BaseDatabaseWrapper, query: Query, pks: list[int]) -> dict[int, tuple[str, str]]:
        """Title and body of each document, the hits in both marked. One statement."""
        if not pks:
            return {}
        places = ", ".join(["%s"] * len(pks))
        select = (
            f"SELECT rowid, highlight({{0}}, 0, char(2), char(3)), highlight({{0}}, 1, char(2), char(3)) FROM {{0}} "
            f"WHERE {{0}} MATCH %s AND rowid IN ({places})"
        )
        statements: list[str] = []
        params: list[Any] = []
        if query.words:
            statements.append(select.format(_STEMS))
            params += [" OR ".join(f'"{word}"' for word in query.words), *pks]
        if query.phrases:
            statements.append(select.format(_WORDS))
            params += [" OR ".join(f'"{phrase}"' for phrase in query.phrases), *pks]
        if query.is_last_open:
            statements.append(select.format(_WORDS))
            params += [f'"{query.words[-1]}" *', *pks]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(statements), params)
            return _together(cursor.fetchall())

    def install(self, connection: BaseDatabaseWrapper) -> None:
        columns = ", ".join(_COLUMNS)
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE name IN (%s, %s)", [_STEMS, _WORDS])
            present = {row[0] for row in cursor.fetchall()}
            cursor.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'search_%%_document' AND tbl_name = %s", [_TABLE]
            )
            is_in_step = len(present) == 2 and cursor.fetchone()[0] == len(_TRIGGERS)
            if is_in_step:
                return
            for table, tokenizer in self.TOKENIZERS.items():
                if table not in present:
                    prefix = ", prefix='2 3'" if table == _WORDS else ""
                    try:
                        cursor.execute(
                            f"CREATE VIRTUAL TABLE {table} USING fts5({columns}, content='{_TABLE}', content_rowid='id', "
                            f"tokenize='{tokenizer}'{prefix})"
                        )
                    except OperationalError as fault:
                        if "fts5" in str(fault):
                            raise OperationalError("This SQLite has no FTS5. Use the SQLite of the system, or PostgreSQL.") from fault
                        raise
            for trigger in _TRIGGERS:
                for statement in trigger.sqlite:
                    cursor.execute(statement)
            self.rebuild(connection)

    def rebuild(self, connection: BaseDatabaseWrapper) -> None:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for table in self.TOKENIZERS:
                cursor.execute(f"INSERT INTO {table}({table}) VALUES ('rebuild')")

    def uninstall(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            for trigger in _TRIGGERS:
                cursor.execute(trigger.sqlite[0])
            for table in self.TOKENIZERS:
                cursor.execute(f"DROP TABLE IF EXISTS {table}")


class _Postgresql:
    """A stored ``tsvector`` of the folded columns, english and simple, under a GIN index."""

    def matches(self, query: Query) -> tuple[list[str], list[str]]:
        # Word by word: English drops words of its own, and such a word is looked for as it stands.
        asked = " && ".join(
            ["(to_tsquery('english', %s) || to_tsquery('simple', %s))"] * len(query.words)
            + ["phraseto_tsquery('simple', %s)"] * len(query.phrases)
        )
        params = [*(word for word in self._asked(query) for _ in range(2)), *query.phrases]
        return [f"{{id}} IN (SELECT id FROM {_TABLE} WHERE search_vector @@ ({asked}))"], params

    @staticmethod
    def _asked(query: Query) -> list[str]:
        words = [f"'{word}'" for word in query.words]
        if query.is_last_open:
            words[-1] += ":*"
        return words

    def marked(self, connection: BaseDatabaseWrapper, query: Query, pks: list[int]) -> dict[int, tuple[str, str]]:
        if not pks:
            return {}
        asked = " | ".join([*self._asked(query), *("(" + " <-> ".join(f"'{word}'" for word in p.split()) + ")" for p in query.phrases)])
        options = f"HighlightAll=true, StartSel={_BEGIN}, StopSel={_END}"
        select = (
            "SELECT id, ts_headline('{0}', title_folded, to_tsquery('{0}', %s), %s), "
            "ts_headline('{0}', body_folded, to_tsquery('{0}', %s), %s) FROM " + _TABLE + " WHERE id = ANY(%s)"
        )
        params: list[Any] = [asked, options, asked, options, pks]
        with connection.cursor() as cursor:
            cursor.execute(f"{select.format('english')} UNION ALL {select.format('simple')}", params * 2)
            return _together(cursor.fetchall())

    def install(self, connection: BaseDatabaseWrapper) -> None:
        weights = zip(_COLUMNS, "ACB", strict=True)
        vector = " || ".join(
            f"setweight(to_tsvector('{language}'::regconfig, {column}), '{weight}')"
            for column, weight in weights
            for language in ("english", "simple")
        )
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {_TABLE} ADD COLUMN IF NOT EXISTS search_vector tsvector GENERATED ALWAYS AS ({vector}) STORED")
            cursor.execute(f"CREATE INDEX IF NOT EXISTS search_vector_gin ON {_TABLE} USING gin (search_vector)")

    def rebuild(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute("REINDEX INDEX search_vector_gin")

    def uninstall(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {_TABLE} DROP COLUMN IF EXISTS search_vector")


def _together(rows: Iterable[tuple[int, str, str]]) -> dict[int, tuple[str, str]]:
    """The markings of the same text by two searches, as one."""
    found: dict[int, tuple[str, str]] = {}
    for pk, title, body in rows:
        before = found.get(pk)
        found[pk] = (title, body) if before is None else (_both(before[0], title), _both(before[1], body))
    return found


def _both(first: str, second: str) -> str:
    plain = first.replace(_BEGIN, "").replace(_END, "")
    return "".join(
        f"{_BEGIN}{piece}{_END}" if is_hit else piece for piece, is_hit in _segments(plain, _ranges(first, second), 0, len(plain))
    )


_INDEXES: dict[str, Any] = {"sqlite": _Sqlite(), "postgresql": _Postgresql()}


def _trigger(verb: str, *deeds: str) -> Trigger:
    name = f"search_{verb.lower()}_document"
    body = " ".join(f"{deed};" for deed in deeds)
    return Trigger(
        name=name,
        table=_TABLE,
        sqlite=[f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} AFTER {verb} ON {_TABLE} BEGIN {body} END"],
        postgresql=[],
    )


def _triggers() -> list[Trigger]:
    columns = ", ".join(_COLUMNS)
    old, new = (", ".join(f"{row}.{column}" for column in _COLUMNS) for row in ("OLD", "NEW"))
    forget = [f"INSERT INTO {table}({table}, rowid, {columns}) VALUES ('delete', OLD.id, {old})" for table in (_STEMS, _WORDS)]
    learn = [f"INSERT INTO {table}(rowid, {columns}) VALUES (NEW.id, {new})" for table in (_STEMS, _WORDS)]
    return [_trigger("INSERT", *learn), _trigger("DELETE", *forget), _trigger("UPDATE", *forget, *learn)]


_TRIGGERS = _triggers()
for _one in _TRIGGERS:
    TRIGGERS.add(_one.name, _one)


def install_index(connection: BaseDatabaseWrapper) -> None:
    """Make what the database adds to the model, where it is missing. Harmless to repeat; fills itself from the rows."""
    _INDEXES[connection.vendor].install(connection)


def rebuild_index(using: str = "default") -> None:
    """Make the index anew from the rows: after a destruction, so that it holds no word of what is gone."""
    _INDEXES[connections[using].vendor].rebuild(connections[using])


class InstallSearchIndex(Operation):
    """The migration operation that follows the creation of :class:`SearchDocument`, for either database."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing that a model knows of changes."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        install_index(schema_editor.connection)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _INDEXES[schema_editor.connection.vendor].uninstall(schema_editor.connection)

    def describe(self) -> str:
        return "Install the search index"


@receiver(post_migrate, dispatch_uid="core.search")
def _reinstall(app_config: Any, using: str, **kwargs: Any) -> None:
    """After every ``migrate``: SQLite drops the triggers of a table that it rebuilds, and the index is behind then.

    Connected before ``core.triggers.install``, which would put the triggers back and hide that they were gone.
    """
    connection = connections[using]
    if app_config.label == "core" and _TABLE in connection.introspection.table_names():
        install_index(connection)
