"""Canonical JSON: one text for one value."""

from __future__ import annotations

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canonical import canonical_json, digest

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_the_text_is_sorted_tight_and_utf8() -> None:
    assert canonical_json({"b": [1, True, None], "a": "½ – Łukasz"}) == '{"a":"½ – Łukasz","b":[1,true,null]}'.encode()


def test_the_digest_is_the_texts_sha256() -> None:
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


@given(values)
def test_it_reads_back_as_itself(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(), max_size=8), st.randoms())
def test_the_order_of_keys_does_not_matter(value: dict[str, int], dice: random.Random) -> None:
    keys = list(value)
    dice.shuffle(keys)
    assert digest({key: value[key] for key in keys}) == digest(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [1, 0.1]}, r"the value\['a'\]\[1\] is the float 0.1"),
        (float("nan"), "float"),
        ({1: "a"}, "Keys are text"),
        ({"at": object()}, "which JSON cannot hold"),
        ({"a": "\ud800"}, "half a character"),
    ],
)
def test_what_has_no_one_text_is_refused(value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        canonical_json(value)
