"""The index: the same answers on both databases, in the asker's scope, whatever is typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import search as index
from core.registry import Registry
from core.search import (
    SEARCH_KINDS,
    Entry,
    Narrow,
    Query,
    SearchDocument,
    SearchKind,
    counts,
    extract,
    fold,
    put,
    put_many,
    rebuild_index,
    remove,
    search,
)

ANYBODY = SimpleNamespace(sees=None)


def scope(user: Any) -> Any:
    """Stands in for a model's ``visible_to``: the subjects that this user may see; None is all."""
    rows = SearchDocument.objects.all() if user.sees is None else SearchDocument.objects.filter(subject__in=user.sees)
    return rows.values("subject")


def sees(*subjects: str) -> Any:
    return SimpleNamespace(sees=subjects)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry[SearchKind]]:
    registry: Registry[SearchKind] = Registry("search kinds of a test")
    for key, label, plural in (("note", "Note", "Notes"), ("school", "School", "Schools")):
        registry.add(key, SearchKind(key, label, plural, scope, lambda document: f"/{document.kind}/{document.subject}/"))
    monkeypatch.setattr(index, "SEARCH_KINDS", registry)
    yield registry
    assert registry is not SEARCH_KINDS


def note(subject: str, body: str, title: str = "Note of visit", **values: Any) -> None:
    put("note", subject, title=title, body=body, **values)


def found(query: str, user: Any = ANYBODY, **options: Any) -> set[str]:
    return {hit.subject for hit in search(user, query, **options)}


def shown(segments: list[tuple[str, bool]]) -> str:
    return "".join(f"[{text}]" if is_hit else text for text, is_hit in segments)


# ---------------------------------------------------------------- folding


@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
    assert all(character == " " or character.isalnum() for character in folded)


def test_folding() -> None:
    assert fold("École Ste-Thérèse, Łódź 2008/09") == "ecole ste therese  lodz 2008 09"


@given(st.text(max_size=600))
def test_a_query_is_words_of_letters_and_digits(text: str) -> None:
    query = Query.parse(text)
    assert len(query.words) <= index.MAX_WORDS
    assert all(word.isalnum() and len(word) <= index.MAX_WORD for word in query.words)


def test_the_last_word_is_open_until_it_is_ended() -> None:
    assert Query.parse("phonics read") == Query(("phonics", "read"), is_last_open=True)
    assert Query.parse("phonics read ") == Query(("phonics", "read"), is_last_open=False)
    assert Query.parse("St Mary's") == Query(("st", "mary", "s"), is_last_open=False)
    assert Query.parse(" … ") == Query((), is_last_open=False)


# ---------------------------------------------------------------- finding


@pytest.mark.both
@pytest.mark.django_db
def test_words_are_found_by_their_stem_and_the_last_by_its_beginning() -> None:
    note("a", "Reading improved in Year 4. Achievement rose.")
    note("b", "Pupils read widely; attendance fell.")
    note("c", "Writing was moderated.")
    assert found("reading") == {"a", "b"}
    assert found("achievem") == {"a"}
    assert found("readings achievem") == {"a"}
    assert found("improvement achieve") == {"a"}
    assert found("wri") == {"c"}
    assert found("wri ") == set()
    assert found("attendan reads") == set(), "only the last word may be a beginning"
    assert found("reads attendan") == {"b"}
    assert found("reading writing") == set(), "every word must be there"
    assert found("") == found("  ?! ") == set()


@pytest.mark.both
@pytest.mark.django_db
def test_a_phrase_is_these_words_one_after_another() -> None:
    note("a", "Leaders and governors act early. The impact of agreed actions is seen.")
    note("b", "The agreed impact of actions.")
    assert found('"impact of agreed actions"') == {"a"}
    assert found('"agreed impact"') == found("“Agreed Impact”") == {"b"}
    assert found('"impacts of agreed"') == set(), "as they are written, not by their stems"
    assert found('"impact of" governor') == {"a"}
    assert found('"impact of"') == {"a", "b"}
    assert found('"agreed actions" "act early"') == {"a"}
    assert found('"') == found('""') == set()
    (hit,) = search(ANYBODY, '"agreed actions"')
    assert "agreed" in " ".join(text for text, is_hit in hit.extract if is_hit)
    assert {h.subject for h in search(ANYBODY, "impact", narrow=Narrow(extra={"nothing": "x"}))} == set()


@pytest.mark.both
@pytest.mark.django_db
def test_accents_capitals_apostrophes_and_numbers() -> None:
    put("school", "a", title="St Mary's École", body="", keywords=["999/2147", "9992147", "104567"])
    note("b", "A café for Zoë in 2008/09, at £1,250.")
    for query in ("st marys", "St. Mary's", "ST MARY’S", "ecole", "ÉCOLE", "999/2147", "9992147", "10456"):
        assert found(query) == {"a"}, query
    for query in ("cafe", "café", "zoe", "2008/09", "1,250"):
        assert found(query) == {"b"}, query
    assert found("cafe\u0301") == {"b"}, "a composed and a combining accent are one"


@pytest.mark.both
@pytest.mark.django_db
def test_common_words_are_words_too() -> None:
    put("school", "a", title="The Willows")
    put("school", "b", title="Other Hill")
    assert found("the willows") == {"a"}
    assert found("the ") == {"a"}
    assert found("other") == {"b"}
    assert found("the of will") == {"a"}, "what is in every text is not asked for"
    assert found("of the ") == set()


@pytest.mark.both
@pytest.mark.django_db
def test_put_again_replaces_and_remove_removes() -> None:
    note("a", "phonics", keywords=["alpha"])
    note("a", "fractions")
    assert (found("phonics"), found("alpha"), found("fractions")) == (set(), set(), {"a"})
    assert SearchDocument.objects.count() == 1
    put_many([Entry(kind="note", subject=s, title="Note", body=f"governance {s}") for s in ("b", "c", "b")])
    assert found("governance") == {"b", "c"}
    assert remove("school", "b") == 0
    assert remove("note", ["b", "c", "gone"]) == 2
    assert found("governance") == set()
    SearchDocument.objects.filter(subject="a").update(body_folded="decimals")
    assert (found("fractions"), found("decimals")) == (set(), {"a"})


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_the_index_is_rolled_back_with_its_deed() -> None:
    note("a", "phonics")

    @transaction.atomic
    def deed() -> None:
        note("a", "fractions")
        note("b", "fractions")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        deed()
    assert (found("phonics"), found("fractions")) == ({"a"}, set())


@pytest.mark.django_db
def test_a_kind_that_nobody_registered_is_refused() -> None:
    with pytest.raises(KeyError, match="holds no 'draft'"):
        put("draft", "a", title="Draft")
    with pytest.raises(KeyError, match="holds no 'draft'"):
        search(ANYBODY, "draft", kinds=["draft"])


# ---------------------------------------------------------------- scope


@pytest.mark.both
@pytest.mark.django_db
def test_nothing_tells_of_a_row_outside_the_scope() -> None:
    for subject in ("a", "b", "c"):
        note(subject, f"The secret of {subject}")
    put("school", "d", title="Secret School")
    assert found("secret", sees("b", "d")) == {"b", "d"}
    assert counts(sees("b", "d"), "secret") == {"note": 1, "school": 1}
    assert counts(sees("b"), "secret") == {"note": 1}
    assert found("secret", sees()) == set()
    assert counts(sees(), "secret") == {}
    assert found("secret", sees("b", "d"), kinds=["school"]) == {"d"}
    assert found("secret", kinds=[]) == set()
    assert counts(ANYBODY, "secret", kinds=[]) == {}
    assert counts(ANYBODY, "") == {}
    # The cursor of a full page does not show that there is more outside the scope.
    assert search(sees("b"), "secret", limit=1).next_cursor is None


@pytest.mark.both
@pytest.mark.django_db
def test_a_scope_is_asked_for_its_own_kind(kinds: Registry[SearchKind]) -> None:
    put("school", "same", title="Oak")
    note("same", "oak")
    nobody = SearchDocument.objects.none().values("subject")
    kinds._entries["note"] = SearchKind("note", "Note", "Notes", lambda user: nobody, lambda document: "")
    assert [hit.kind.key for hit in search(ANYBODY, "oak")] == ["school"]
    assert counts(ANYBODY, "oak") == {"school": 1}


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 5])
def test_the_same_number_of_queries_for_one_and_for_many(django_assert_num_queries: Any, size: int) -> None:
    put_many([Entry(kind="note", subject=str(n), title="Note", body="governance") for n in range(size)])
    with django_assert_num_queries(2):
        assert len(search(ANYBODY, "governance")) == size
    with django_assert_num_queries(1):
        assert counts(ANYBODY, "governance") == {"note": size}


# ---------------------------------------------------------------- order and pages


@pytest.mark.both
@pytest.mark.django_db
def test_newest_first_page_by_page() -> None:
    days = [dt.date(2008, 10, 1), dt.date(2009, 1, 5), dt.date(2008, 10, 1), None, dt.date(2007, 5, 1), None]
    put_many([Entry(kind="note", subject=str(n), title="Note", body="phonics", occurred_on=day) for n, day in enumerate(days)])
    everything = [hit.subject for hit in search(ANYBODY, "phonics")]
    assert everything == ["5", "3", "1", "2", "0", "4"]
    paged: list[str] = []
    cursor = None
    for _ in range(10):
        page = search(ANYBODY, "phonics", limit=2, cursor=cursor)
        paged += [hit.subject for hit in page]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert paged == everything


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["x", "20081001", "20081399-1", "20081001-1;", "20081001-" + "9" * 30, "2008١٠٠١-1"])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError):
        search(ANYBODY, "phonics", cursor=cursor)


# ---------------------------------------------------------------- extracts


@pytest.mark.both
@pytest.mark.django_db
def test_extracts_show_the_text_as_it_was_written() -> None:
    note("a", "Zoë's <b>Readings</b> & café: they READ well.", title="Reading at École")
    (hit,) = search(ANYBODY, "read")
    assert shown(hit.extract) == "Zoë's <b>[Readings]</b> & café: they [READ] well."
    assert shown(hit.title_segments) == "[Reading] at École"
    assert (hit.title, hit.url, hit.kind.label) == ("Reading at École", "/note/a/", "Note")
    (hit,) = search(ANYBODY, "CAFE zoe")
    assert shown(hit.extract) == "[Zoë]'s <b>Readings</b> & [café]: they READ well."
    (hit,) = search(ANYBODY, "ecole")
    assert shown(hit.title_segments) == "Reading at [École]"
    assert not any(is_hit for _, is_hit in hit.extract)


@pytest.mark.both
@pytest.mark.django_db
def test_beginnings_are_hits_too() -> None:
    note("a", "Achievement and the achievements of all")
    (hit,) = search(ANYBODY, "the achievem")
    assert shown(hit.extract) == "[Achievement] and the [achievements] of all"


@pytest.mark.both
@pytest.mark.django_db
def test_an_extract_of_a_long_text_is_around_its_hits() -> None:
    note("a", "Filler words stand here. " * 400 + "Phonics is taught daily. " + "More filler follows. " * 400)
    (hit,) = search(ANYBODY, "phonics")
    text = "".join(piece for piece, _ in hit.extract)
    assert ("Phonics", True) in hit.extract
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert len(text) <= index.EXTRACT + 4


WORDS = st.lists(st.sampled_from(["alpha", "beta", "x" * 300, "né", "\n", "gamma,"]), max_size=80).map(" ".join)


@given(WORDS, st.lists(st.tuples(st.integers(0, 400), st.integers(1, 40)), max_size=6))
def test_an_extract_is_a_piece_of_the_text_and_marks_what_was_hit(text: str, places: list[tuple[int, int]]) -> None:
    ranges = index._merged((start, min(start + length, len(text))) for start, length in places if start < len(text))
    pieces = extract(text, ranges)
    inner = [(piece, is_hit) for piece, is_hit in pieces if piece not in ("… ", " …")]
    whole = "".join(piece for piece, _ in inner)
    assert whole in text
    assert len(whole) <= index.EXTRACT
    assert all(piece for piece, _ in inner)
    if ranges and len(text) <= index.EXTRACT:
        assert [piece for piece, is_hit in inner if is_hit] == [text[start:end] for start, end in ranges]
    assert bool(ranges) == any(is_hit for _, is_hit in inner)


@given(st.text(), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=5))
def test_the_segments_of_a_text_are_the_text(text: str, places: list[tuple[int, int]]) -> None:
    ranges = index._merged((min(a, b), max(a, b)) for a, b in places)
    assert "".join(piece for piece, _ in index._segments(text, ranges, 0, len(text))) == text


# ---------------------------------------------------------------- what people type

HOSTILE = [
    '"',
    "'",
    '"alpha',
    "alpha'",
    "al*",
    "*",
    "^alpha",
    "-alpha",
    "+alpha",
    "alpha:*",
    "alpha & beta | !gamma",
    "alpha <-> beta",
    "(alpha",
    "NEAR(alpha beta, 1)",
    "alpha NEAR beta",
    "title_folded:alpha",
    "title_folded : alpha",
    "{title_folded body_folded}: alpha",
    "- title_folded : alpha",
    "alpha\x00beta",
    "\ud800",
    "%s %(x)s ? :1 {id}",
    "\\' OR 1=1 --",
    "alpha:ABCD",
    "rank MATCH 'bm25(10.0)'",
    "𞤀𞤣 ﷽ ½ ² ﬁ ẞ İ",
    "word " * 400,
    "w" * 5000,
]


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_typed_is_an_operator(typed: str) -> None:
    note("a", "alpha")
    note("b", "beta")
    note("c", "gamma")
    words = set(Query.parse(typed).words)
    expected = {s for s, word in (("a", "alpha"), ("b", "beta"), ("c", "gamma")) if words and words <= {word}}
    result = search(ANYBODY, typed)
    if words != {"al"}:  # a beginning, and not for its asterisk
        assert {hit.subject for hit in result} == expected
    assert sum(counts(ANYBODY, typed).values()) == len(result)


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["alpha OR beta", "alpha NOT beta", "alpha AND NOT gamma", "alpha or beta", "alpha | beta", "alpha, beta"]
)
def test_operators_are_words(typed: str) -> None:
    note("a", "alpha")
    note("b", "beta")
    note("ab", "Alpha and/or not: beta, gamma.")
    assert found(typed) <= {"ab"}
    assert found("alpha not ") == {"ab"}


@pytest.mark.both
@pytest.mark.django_db
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    typed=st.one_of(st.text(), st.lists(st.sampled_from([*"\"*^:(){}-+&|!<>\\'", "alpha", "NEAR", "OR", "AND", "NOT", " "])).map("".join))
)
def test_nothing_typed_breaks_the_search_or_leaves_the_scope(typed: str) -> None:
    if not SearchDocument.objects.exists():
        note("a", "alpha near or and not")
        note("hidden", "alpha near or and not")
    assert found(typed, sees("a")) <= {"a"}
    assert sum(counts(sees("a"), typed).values()) <= 1


@pytest.mark.both
@pytest.mark.django_db
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=120))
def test_what_is_put_is_found_by_each_of_its_plain_words_and_shown_whole(text: str) -> None:
    note("any", text, title=text[:60])
    stored = SearchDocument.objects.get(subject="any")
    for word in stored.body_folded.split():
        if word.isascii() and len(word) <= index.MAX_WORD:
            (hit,) = search(sees("any"), f"{word} ")
            assert "".join(piece for piece, _ in hit.extract) == stored.body
            assert "".join(piece for piece, _ in hit.title_segments) == stored.title


# ---------------------------------------------------------------- installing


def _post_migrate() -> None:
    emit_post_migrate_signal(0, False, connection.alias, apps=apps)


@pytest.mark.both
@pytest.mark.django_db
def test_migrating_again_changes_nothing() -> None:
    note("a", "phonics")
    _post_migrate()
    assert found("phonics") == {"a"}


@pytest.mark.django_db
def test_sqlite_s_lost_triggers_come_back_and_the_index_catches_up() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite drops triggers with a table")
    note("a", "phonics")
    note("gone", "fractions")
    with connection.cursor() as cursor:
        for trigger in index._TRIGGERS:
            cursor.execute(f"DROP TRIGGER {trigger.name}")
    note("a", "decimals")
    note("b", "phonics")
    remove("note", "gone")
    _post_migrate()
    assert (found("phonics"), found("decimals"), found("fractions")) == ({"b"}, {"a"}, set())
    note("b", "spelling")
    assert (found("phonics"), found("spelling")) == (set(), {"b"})


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_the_migration_operation_works_both_ways() -> None:
    note("a", "phonics")
    operation = index.InstallSearchIndex()
    with connection.schema_editor() as editor:
        operation.database_backwards("core", editor, None, None)
    note("b", "phonics")
    with connection.schema_editor() as editor:
        operation.database_forwards("core", editor, None, None)
    assert found("phonics") == {"a", "b"}


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_index_finds_the_same() -> None:
    note("a", "phonics")
    note("b", "fractions")
    remove("note", "b")
    rebuild_index()
    assert (found("phonics"), found("fractions")) == ({"a"}, set())


@pytest.mark.django_db
def test_sqlite_s_index_holds_together() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own check")
    put_many([Entry(kind="note", subject=str(n), title=f"Note {n}", body=f"Émile's text {n}", keywords=[str(n)]) for n in range(50)])
    put_many([Entry(kind="note", subject=str(n), title=f"Note {n}", body="again") for n in range(0, 50, 2)])
    remove("note", [str(n) for n in range(0, 50, 3)])
    with connection.cursor() as cursor:
        for table in ("core_search_stems", "core_search_words"):
            cursor.execute(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")
