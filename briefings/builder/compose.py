"""From a briefing's agenda to its slides: each page's block, in order, each slide once (domain.md §8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from core.access import Refused
from core.calendar import AcademicYear, Season, Term
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from schools.slides import SLIDES, Brief, Line, Origin, Slide, Source

from ..models import Briefing
from ..pack import AgendaTemplate, Audience, BriefingPage, BriefingsPart, briefings_of
from ..selectors.library import LibraryText, current_texts
from .pack import FREE, SlidesPart, WordSlide, slides_of

LIBRARY: Final = "slide-"


@dataclass(frozen=True)
class Made:
    """One slide of a deck. ``code`` is unique in it; ``page`` is the page of the agenda's template that asked for it."""

    code: str
    slide: Slide
    page: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A slide that is not there, and why: what it needs is not held, or the person may not see it."""

    label: str
    why: str


@dataclass
class Composed:
    title: str
    about: str
    slides: list[Made] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


@dataclass(frozen=True)
class Occasion:
    """What a deck is for: an audience in a term, and the briefing where one is planned."""

    authority: Authority
    pack: AuthorityPack
    phase: str
    audience: Audience
    term: Term
    on: dt.date
    template: AgendaTemplate | None
    briefing: Briefing | None = None

    @property
    def title(self) -> str:
        if self.briefing is not None:
            return self.briefing.title
        return self.pack.labels().fill(f"{self.audience.label} {{sip:Short}} briefing, {self.term.label}")


def term_of(key: str, authority: Authority) -> Term:
    """The term that a key such as "autumn-2008" names, by the calendar year it lies in. Raises ``Refused``."""
    season, _, year = key.partition("-")
    if season not in list(Season) or not year.isdigit():
        raise Refused("Give a term as its season and year, such as autumn-2008.", field="term")
    first = int(year) if season == Season.AUTUMN else int(year) - 1
    academic = AcademicYear(first)
    pack = require_pack(authority, academic.starts_on)
    found = next((term for term in pack.terms.in_year(academic) if term.season == season), None)
    if found is None:
        raise Refused(f"The pack holds no dates of {season} {year}.", field="term")
    return found


def key_of(term: Term) -> str:
    return f"{term.season.value}-{term.starts_on.year}"


def occasion_of(authority: Authority, *, phase: str, term: Term, on: dt.date, briefing: Briefing | None = None) -> Occasion:
    """The audience of a phase, its briefing of the term (the last, where there are several) and the template of its agenda.

    It speaks as of the day on which it is built, but of no day outside its academic year.
    """
    day = min(max(on, term.year.starts_on), term.year.ends_on)
    pack = require_pack(authority, day)
    part = briefings_of(pack.content)
    audience = next((row for row in part.audiences if row.code.split("-")[0] == phase), None)
    if audience is None:
        raise Refused("The pack has no audience of this phase.", field="phase")
    if briefing is None:
        rows = Briefing.objects.filter(authority=authority, academic_year=term.year.first, term=term.season.value, audience=audience.code)
        briefing = rows.exclude(state="cancelled").order_by("-on").first()
    return Occasion(authority, pack, phase, audience, term, day, _template(part, audience, term, briefing), briefing)


def _template(part: BriefingsPart, audience: Audience, term: Term, briefing: Briefing | None) -> AgendaTemplate | None:
    """The briefing's own; else that of the pack's date of this season, the last of several; else any for the audience."""
    if briefing is not None and briefing.template:
        return part.template(briefing.template)
    codes = [date.templates[audience.code] for date in part.dates if date.term == term.season and audience.code in date.templates]
    found = part.template(codes[-1]) if codes else None
    return found or next(iter(part.templates_for(audience.code)), None)


def compose(occasion: Occasion, user: User | None) -> Composed:
    """Every slide in the order of the agenda. A source that holds nothing, or may not be seen, is named with the reason."""
    brief = Brief(
        authority=occasion.authority,
        pack=occasion.pack,
        phase=occasion.phase,
        term=occasion.term,
        on=occasion.on,
        user=user,
        extra={"briefing": occasion.briefing, "template": occasion.template, "audience": occasion.audience.code},
    )
    part = slides_of(occasion.pack.content)
    deck = Composed(occasion.title, _about(occasion))
    seen: set[str] = set()
    for code, page in _wanted(part, occasion.template):
        if code in seen:
            continue
        seen.add(code)
        if code.startswith(f"{FREE}-") and page is not None:
            slide = Slide(title=page.title, about="a page of your own", needs="write it, or leave it out")
            deck.slides.append(Made(code, slide, page.code))
            continue
        made, why = _make(code, brief, part, deck.title)
        if made is None:
            deck.left_out.append(LeftOut(_label(code, part), why))
        else:
            deck.slides.append(Made(code, made, page.code if page else ""))
    return deck


def _about(occasion: Occasion) -> str:
    briefing = occasion.briefing
    if briefing is None:
        return occasion.term.label.capitalize()
    return f"{briefing.on:%A} {briefing.on.day} {briefing.on:%B %Y}" + (f", {briefing.venue}" if briefing.venue else "")


def _wanted(part: SlidesPart, template: AgendaTemplate | None) -> Iterator[tuple[str, BriefingPage | None]]:
    yield from ((code, None) for code in part.first)
    for page in template.pages if template else ():
        if page.builder == FREE:
            yield f"{FREE}-{page.code}", page
        yield from ((code, page) for code in part.blocks.get(page.builder, ()))
    yield from ((code, None) for code in part.last)


def _label(code: str, part: SlidesPart) -> str:
    return SLIDES[code].label if code in SLIDES else part.words[code].title


def _make(code: str, brief: Brief, part: SlidesPart, title: str) -> tuple[Slide | None, str]:
    if code not in SLIDES:
        return _of_library(code, part, brief) or _of_words(part.words[code], brief, title), ""
    source = SLIDES[code]
    if (
        source.permission is not None
        and brief.user is not None
        and brief.authority.pk not in brief.user.hats.authorities_granting(source.permission)
    ):
        return None, "Your role does not see what it is made from."
    made = source.make(brief)
    if made is None or not made:
        return None, "Nothing is held that it could be made from."
    more = [line for word in part.under(code) for line in _lines(word, brief, title)]
    return (replace(made, lines=(*made.lines, *more)) if more else made), ""


def _of_library(code: str, part: SlidesPart, brief: Brief) -> Slide | None:
    """The authority's own words for a slide: a published resource with the key "slide-" and the slide's code stands before the pack."""
    texts = brief.kept.get("library")
    if texts is None:
        texts = brief.kept["library"] = current_texts(brief.authority, [f"{LIBRARY}{each}" for each in part.words])
    text: LibraryText | None = texts.get(f"{LIBRARY}{code}")
    if text is None:
        return None
    source = Source(
        Origin.LIBRARY,
        1,
        "briefings.ResourceVersion",
        (text.version.pk,),
        text.version.get_absolute_url(),
        text.source,
        part.words[code].source,
    )
    lines = tuple(Line(f"library-{place}", point, source) for place, point in enumerate(text.points, start=1))
    return Slide(title=text.title, lines=lines, about="words of the library") if lines else None


def _lines(word: WordSlide, brief: Brief, title: str) -> Sequence[Line]:
    filled = [_filled(text, brief, title) for text in word.lines]
    entries = [(f"{word.code} {place}", text) for place, text in enumerate(filled, start=1) if text]
    return brief.words("slides", entries, slide=word.source)


def _of_words(word: WordSlide, brief: Brief, title: str) -> Slide:
    lines: list[Line] = []
    for line in _lines(word, brief, title):
        parts = [part for part in line.text.split("\n") if part.strip()]
        lines += [Line(f"{line.key}.{place}" if place else line.key, part, line.source) for place, part in enumerate(parts)]
    return Slide(title=_filled(word.title, brief, title), lines=tuple(lines), about="words of the pack", needs=word.needs)


def _filled(text: str, brief: Brief, title: str) -> str:
    authority = brief.authority
    return text.replace("{briefing}", title).replace("{contact}", "\n".join(authority.contact))
