"""The label tag: the pack's own words for a dozen things, in every template.

``{% label "note" %}`` · ``{% label "note" "plural" %}`` · ``"short"`` · ``"article"`` (with its article); the same with
``"Singular"``, ``"Plural"``, ``"Short"``, ``"Article"`` begin with a capital.
"""

from __future__ import annotations

from typing import Any

from django import template

from core.packs import Labels

register = template.Library()
PLAIN = Labels({})


@register.simple_tag(takes_context=True)
def label(context: dict[str, Any], word: str, form: str = "singular") -> str:
    labels = context.get("labels") or PLAIN
    text: str = labels.get(word, form.lower())
    return text[:1].upper() + text[1:] if form[:1].isupper() else text
