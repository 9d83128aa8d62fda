"""The label tag: the pack's own words for a dozen things, in every template.

``{% label "note" %}`` · ``{% label "note" "plural" %}`` · ``"short"`` · ``"article"`` (with its article); the same with
``"Singular"``, ``"Plural"``, ``"Short"``, ``"Article"`` begin with a capital.
"""

from __future__ import annotations

from typing import Any

from django import template

from people.pack import PLAIN_LABELS

register = template.Library()


@register.simple_tag(takes_context=True)
def label(context: dict[str, Any], word: str, form: str = "singular") -> str:
    labels = context.get("labels") or PLAIN_LABELS
    text: str = labels.get(word, form.lower())
    return text[:1].upper() + text[1:] if form[:1].isupper() else text
