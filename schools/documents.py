"""The letter with which a school is asked to account for its balance or its plan (S10, S11), as a PDF."""

from __future__ import annotations

import datetime as dt

from core.documents import Document, make
from core.documents.assets import emblem_url
from people.packs import require_pack
from schools.models import FinanceChallenge, School
from schools.pack import finance_of
from schools.selectors.finance import money_of, opening_year


def challenge_letter(challenge: FinanceChallenge, *, at: dt.datetime) -> bytes:
    """What is asked, the flag in the pack's words, the figures behind it, and how to answer. Dated the letter's day, else today.

    Never call it inside a transaction. Raises ``core.documents.DocumentFailed``.
    """
    authority, school = challenge.authority, challenge.school
    pack = require_pack(authority, at.date())
    labels, part = pack.labels(school.phase), finance_of(pack.content)
    year = opening_year(authority.pk, challenge.opened_on)
    money = money_of(School.objects.filter(pk=school.pk), year, part).get(school.pk)
    return make(
        Document(
            template="documents/challenge_letter.html",
            stylesheet="letter_print.css",
            context={
                "challenge": challenge,
                "authority": authority,
                "school": school,
                "money": money,
                "threshold": part.large_balance,
                "on": challenge.letter_on or at.date(),
                "emblem": emblem_url(authority.code),
                "head": labels.get("head"),
                "chair": labels.get("chair"),
            },
            title=f"{challenge.label}: {school.name}",
            author=authority.service or authority.name,
            created=at,
            identifier=challenge.public_id,
            brand=authority.brand_colour,
        )
    ).pdf
