"""The components: a built-in library of the template engine, so that no page loads it.

``templates/gallery.html`` shows each with its call. Small ones that stand in table rows are formatted here; the others
have a template in ``templates/components/``. Nothing is marked safe but what ``format_html`` has escaped or what a block
of the page has rendered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from django import forms, template
from django.conf import settings
from django.forms import BaseFormSet
from django.http import HttpRequest, QueryDict
from django.template.context import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from core.components import filters as filtering
from core.components import formats
from core.components.diffs import word_diff
from core.components.forms import first_input_id
from core.components.tables import Page, Sort, columns_from
from core.components.words import words

register = template.Library()

# ---------------------------------------------------------------------------------------------------- filters

register.filter("day", formats.day)
register.filter("weekday", formats.weekday)
register.filter("short_day", formats.short_day)
register.filter("short_weekday", formats.short_weekday)
register.filter("month_year", formats.month_year)
register.filter("iso", formats.iso)
register.filter("clock", formats.clock)
register.filter("moment", formats.moment)
register.filter("number", formats.number)
register.filter("days_quarters", formats.days_quarters)
register.filter("days_words", formats.days_words)
register.filter("money_pence", formats.money_pence)
register.filter("plural", formats.plural)
register.filter("lower_first", formats.lower_first)
register.filter("words", words)
register.filter("in_textarea", formats.in_textarea)


# ---------------------------------------------------------------------------------------------------- helpers

TONES = frozenset({"late", "due", "work", "wait", "done", "rest", "plain"})


def _tone(tone: str, allowed: frozenset[str] = TONES) -> str:
    if tone not in allowed:
        raise ValueError(f"{tone!r} is no tone: use one of {', '.join(sorted(allowed))}.")
    return tone


def _render(name: str, **context: Any) -> SafeString:
    return SafeString(get_template(f"components/{name}.html").render(context))


def _request(context: Context) -> HttpRequest | None:
    return context.get("request")


def _params(context: Context) -> QueryDict:
    request = _request(context)
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


@lru_cache(maxsize=512)
def _slug(text: str) -> str:
    return slugify(text) or "part"


# ---------------------------------------------------------------------------------------------------- small words and marks


@register.simple_tag
def tag(words: Any, tone: str = "rest") -> SafeString:
    """A state in words, with a shape and a colour. ``{% tag "Draft" "work" %}``

    ``words`` may also be a pair of words and tone, as a state's own property gives it: ``{% tag note.tag %}``.
    """
    if isinstance(words, tuple):
        words, tone = words
    css = "" if _tone(tone) == "rest" else f" portal-tag--{tone}"
    return format_html('<span class="portal-tag{}">{}</span>', css, words)


@register.simple_tag
def overdue(words: Any) -> SafeString:
    """Late, in a sentence or a cell: a triangle, colour and weight beside words that say so."""
    return format_html('<span class="portal-overdue">{}</span>', words)


@register.simple_tag
def none(words: str = "none") -> SafeString:
    """An en dash where a cell holds nothing, with the words for screen readers: ``{% none "not yet known" %}``."""
    return format_html('<span class="zero"><span aria-hidden="true">–</span><span class="govuk-visually-hidden">{}</span></span>', words)


@register.simple_tag
def unknown(why: str) -> SafeString:
    """What should be known and is not. Never nought, blank or a pass."""
    return format_html("<strong>Unknown:</strong> {}", why)


@register.simple_tag
def hidden(words: Any) -> SafeString:
    """Words for screen readers alone: ``Change{% hidden " the visit date" %}``."""
    return format_html('<span class="govuk-visually-hidden">{}</span>', words)


@register.simple_tag
def flag(words: str, reason: str = "") -> SafeString:
    """A warning about a figure: a triangle and words, and the reason given for letting it stand."""
    why = format_html('<span class="sub">{}</span>', reason) if reason else ""
    return format_html('<span class="pd-flag">{}</span>{}', words, why)


@register.simple_tag
def category(words: str, level: int) -> SafeString:
    """A support category: its name, then four steps filled to its level (1 to 4)."""
    return format_html('<span class="pd-cat pd-cat--{}">{}</span>', max(1, min(4, int(level))), words)


@register.simple_tag
def pips(filled: int, of: int) -> SafeString:
    """``2 of 6`` with as many squares filled."""
    squares = format_html_join(
        "",
        '<rect x="{}" y=".75" width="8.5" height="8.5" fill="{}" stroke="#14505c" stroke-width="1.5"/>',
        ((0.75 + 12 * i, "#14505c" if i < filled else "#ffffff") for i in range(of)),
    )
    return format_html(
        '<span class="portal-nowrap"><svg class="pd-pips" viewBox="0 0 {} 10" aria-hidden="true" focusable="false">{}</svg>{} of {}</span>',
        12 * of,
        squares,
        filled,
        of,
    )


@register.simple_tag
def meter(value: float, of: float, mark: float | None = None) -> SafeString:
    """A bar filled to ``value`` of ``of``. It repeats what the words beside it say, so it is hidden from screen readers."""
    width = 200 * max(0.0, min(1.0, value / of)) if of else 0
    sign = format_html('<rect class="mark" x="{}" width="2" height="8"/>', round(200 * mark / of)) if mark and of else ""
    return format_html(
        '<svg class="portal-meter" viewBox="0 0 200 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect width="200" height="8"/><rect class="fill" width="{}" height="8"/>{}</svg>',
        round(width, 1),
        sign,
    )


GRADE_FILLS = ("#14505c", "#6f9da3", "#d3e0e1", "#ffffff")
"""Of a bar by grade, best first: darker is better, and the last has an outline, so that greyscale tells them apart."""


@register.simple_tag
def grade_bar(counts: Iterable[int]) -> SafeString:
    """How many had each grade, the best first, as one bar. It repeats the figures beside it, so it is hidden from screen readers."""
    numbers = list(counts)
    total, done = sum(numbers), 0
    parts: list[tuple[Any, ...]] = []
    for number, fill in zip(numbers, GRADE_FILLS, strict=False):
        x, width = (round(10000 * value / total) / 100 for value in (done, number)) if total else (0, 0)
        done += number
        if number:
            edge = ("#0b0c0c", 2) if fill == "#ffffff" else ("#ffffff", 1)
            parts.append((x, width, fill, *edge))
    shape = '<rect x="{}" width="{}" height="10" fill="{}" stroke="{}" stroke-width="{}" vector-effect="non-scaling-stroke"/>'
    return format_html(
        '<svg class="pd-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">{}</svg>',
        format_html_join("", shape, parts),
    )


@register.simple_tag
def digest(value: str, full: bool = False) -> SafeString:
    """The digest of a record in groups of four: the first 12 characters as the PDF's footer prints them, or all of it."""
    text = value if full else value[:12]
    size = 8 if full else 4
    return format_html('<code class="portal-hash">{}</code>', " ".join(text[i : i + size] for i in range(0, len(text), size)))


@register.simple_tag
def when(value: formats.DateLike, style: str = "day") -> SafeString:
    """A date as ``<time>``: ``{% when visit.on %}``, ``{% when visit.on "short_weekday" %}``, ``{% when at "moment" %}``."""
    if not value:
        return SafeString("")
    show = {
        "day": formats.day,
        "weekday": formats.weekday,
        "short_day": formats.short_day,
        "short_weekday": formats.short_weekday,
        "moment": formats.moment,
    }[style]
    return format_html('<time datetime="{}">{}</time>', formats.iso(value), show(value))


@register.simple_tag
def asset(name: str) -> str:
    """The address of a static file, for pages that must come even where the list of static files cannot be read."""
    try:
        return static(name)
    except ValueError:
        return f"{settings.STATIC_URL}{name}"


# ---------------------------------------------------------------------------------------------------- buttons

_KINDS = {"primary": "", "quiet": " portal-button--quiet", "warning": " govuk-button--warning"}


@register.simple_tag
def button(
    words: str,
    href: str = "",
    *,
    kind: str = "primary",
    small: bool = False,
    name: str = "",
    value: str = "",
    type: str = "submit",
    about: str = "",
    form: str = "",
) -> SafeString:
    """``{% button "Save" %}`` submits; ``{% button "Book a visit" url kind="quiet" %}`` is a link that looks like a button.

    ``kind``: primary, quiet or warning. ``about`` is added for screen readers where several buttons say the same.
    """
    css = f"govuk-button portal-button{_KINDS[kind]}{' portal-button--small' if small else ''}"
    more = format_html(' <span class="govuk-visually-hidden">{}</span>', about) if about else ""
    if href:
        return format_html(
            '<a class="{}" href="{}" role="button" draggable="false" data-module="govuk-button">{}{}</a>', css, href, words, more
        )
    attrs = format_html_join("", ' {}="{}"', ((key, val) for key, val in (("name", name), ("value", value), ("form", form)) if val))
    once = SafeString(' data-prevent-double-click="true"' if type == "submit" else "")
    return format_html('<button type="{}" class="{}" data-module="govuk-button"{}{}>{}{}</button>', type, css, once, attrs, words, more)


@register.simple_tag(takes_context=True)
def post_button(
    context: Context,
    words: str,
    action: str,
    *,
    kind: str = "quiet",
    small: bool = False,
    about: str = "",
    name: str = "",
    value: str = "",
) -> SafeString:
    """A form of one button that posts to ``action``, for what is done at once: ``{% post_button "Take back" url %}``."""
    return format_html(
        '<form class="portal-inline" method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">{}</form>',
        action,
        context.get("csrf_token") or "",
        button(words, kind=kind, small=small, about=about, name=name, value=value),
    )


# ---------------------------------------------------------------------------------------------------- blocks


@register.simple_block_tag
def page_head(content: str, title: str, *, lede: str = "", over: str = "", state: Any = None, state_words: str = "") -> SafeString:
    """The head of a page: the one ``h1``, a line under it, the state in words, and buttons as the block's content."""
    return _render(
        "page_head", title=title, lede=lede, over=over, state=state, state_words=state_words, actions=SafeString(content.strip())
    )


@register.simple_block_tag
def headline(content: str, title: str, *, id: str = "", count: Any = "", level: int = 2) -> SafeString:
    """The heading of a section, what it counts, and links or words at the right as content."""
    return _render("headline", title=title, id=id or f"{_slug(title)}-h", count=count, level=level, links=SafeString(content.strip()))


@register.simple_block_tag
def panel(content: str, title: str = "", *, tone: str = "", id: str = "", level: int = 2) -> SafeString:
    """A box at the side. ``tone``: nothing, ``tint`` (grey) or ``key`` (the brand's line above)."""
    if tone not in ("", "tint", "key"):
        raise ValueError(f"{tone!r}: a panel is tint, key or nothing.")
    return _render("panel", title=title, tone=tone, id=id or f"{_slug(title)}-h", level=level, content=SafeString(content))


@register.simple_block_tag
def card(content: str, title: str = "", *, open: bool = False, level: int = 3, id: str = "") -> SafeString:
    """A card with fields or facts of one thing among several; ``open`` marks the one being worked on."""
    return _render("card", title=title, is_open=open, level=level, id=id, content=SafeString(content))


@register.simple_block_tag
def notice(content: str, tone: str = "", *, title: str = "", live: bool = False) -> SafeString:
    """A message in the page. ``tone``: nothing, due, late or done. ``live`` announces it when it changes."""
    _tone(tone or "plain", frozenset({"plain", "due", "late", "done"}))
    return _render("notice", tone=tone, title=title, live=live, content=SafeString(content))


@register.simple_block_tag
def inset(content: str) -> SafeString:
    """Words set apart from those around them: a quotation, an example."""
    return format_html('<div class="govuk-inset-text portal-inset">{}</div>', SafeString(content))


@register.simple_block_tag
def details(content: str, summary: str, *, open: bool = False, id: str = "") -> SafeString:
    """What only some want to read: the table behind a chart, the full digest."""
    return format_html(
        '<details class="portal-details"{}{}><summary>{}</summary>{}</details>',
        format_html(' id="{}"', id) if id else "",
        SafeString(" open" if open else ""),
        summary,
        SafeString(content),
    )


@register.simple_block_tag
def nothing(content: str, title: str) -> SafeString:
    """What stands where a list has no rows: that there are none, and what to do, as content."""
    return format_html('<div class="portal-empty"><p class="portal-empty__title">{}</p>{}</div>', title, SafeString(content))


@register.simple_block_tag
def summary_list(content: str) -> SafeString:
    """Facts about one thing, each perhaps with a link to change it: holds ``{% summary_row %}``."""
    return format_html('<dl class="govuk-summary-list portal-summary">{}</dl>', SafeString(content))


@register.simple_block_tag
def summary_row(content: str, key: str, *, href: str = "", action: str = "Change", about: str = "") -> SafeString:
    """One fact: ``{% summary_row "Visit date" href=url %}9 October 2008{% endsummary_row %}``."""
    if not href:
        return format_html(
            '<div class="govuk-summary-list__row govuk-summary-list__row--no-actions"><dt class="govuk-summary-list__key">{}</dt>'
            '<dd class="govuk-summary-list__value">{}</dd></div>',
            key,
            SafeString(content),
        )
    return format_html(
        '<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">{}</dt><dd class="govuk-summary-list__value">{}</dd>'
        '<dd class="govuk-summary-list__actions"><a class="govuk-link" href="{}">{}<span class="govuk-visually-hidden"> {}</span></a></dd></div>',
        key,
        SafeString(content),
        href,
        action,
        about or formats.lower_first(key),
    )


@register.simple_block_tag
def figures(content: str) -> SafeString:
    """A strip of figures: holds two to six ``{% figure %}``."""
    count = content.count('<div class="portal-figure')
    return format_html('<dl class="pd-strip pd-strip--{}">{}</dl>', min(max(count, 2), 6), SafeString(content))


@register.simple_tag
def figure(value: Any, label: str, *, of: Any = "", href: str = "", sub: str = "") -> SafeString:
    """One figure of a strip: the number, of how many, what it counts, a link to its rows, what it is set against."""
    shown = formats.number(value) if isinstance(value, int) and not isinstance(value, bool) else value
    total = format_html(" <small>of {}</small>", formats.number(of) if isinstance(of, int) else of) if of != "" else ""
    what = format_html('<a class="govuk-link" href="{}">{}</a>', href, label) if href else label
    under = format_html('<dd class="sub">{}</dd>', sub) if sub else ""
    return format_html('<div class="portal-figure"><dt>{}</dt><dd class="big">{}{}</dd>{}</div>', what, shown, total, under)


# ---------------------------------------------------------------------------------------------------- tables


@register.simple_block_tag(takes_context=True)
def table(
    context: Context,
    content: str,
    caption: str,
    *,
    columns: Any = "",
    sort: Sort | None = None,
    show_caption: bool = False,
    css: str = "",
    id: str = "",
) -> SafeString:
    """A table; its content is the rows (``<tr>`` with a ``<th scope="row">`` first).

    ``columns`` are :class:`~core.components.tables.Column` or their short form, ``"School:sort=name|Due:date|Days left:num"``.
    Where the page is narrow the table scrolls sideways inside its own frame and its first column stays, so the page never
    does, and no ARIA role has to mend what CSS broke. The caption must be unlike any other on the page.
    """
    heads = columns_from(columns) if isinstance(columns, str) and columns else columns or ()
    rows = []
    for column in heads:
        url, direction = "", ""
        if column.sort and sort is not None:
            key, _, is_turned = column.sort.removeprefix("-"), None, column.sort.startswith("-")
            if sort.key == key:
                direction = "descending" if sort.is_descending else "ascending"
                target = key if sort.is_descending else f"-{key}"
            else:
                target = f"-{key}" if is_turned else key
            params = _params(context)
            params["sort"] = target
            params.pop(filtering.CURSOR, None)
            url = f"?{params.urlencode()}"
        rows.append((column, url, direction))
    return _render(
        "table",
        caption=caption,
        heads=rows,
        show_caption=show_caption,
        css=css,
        id=id,
        size=min(len(rows), 12),
        rows=SafeString(content),
        has_bodies="<tbody" in content,
    )


@register.simple_tag
def chart(it: Any, *, wide: bool = False, level: int = 3, table: bool = True, is_open: bool = False) -> SafeString:
    """A chart of ``core.charts`` with its finding, its table twin (folded) and its source.

    ``wide`` lets it span the grid, with a second cut of those that gain by width; a PDF asks for ``table=False``, or open.
    """
    return _render("chart", it=it, is_wide=wide and it.has_wide_cut, level=level, with_table=table, is_open=is_open)


@register.simple_block_tag
def tbody(content: str, title: str, *, columns: int) -> SafeString:
    """A group of rows under a band that names them; with one group, put all the rows of the table into groups."""
    return format_html(
        '<tbody class="grp"><tr><th scope="rowgroup" class="band" colspan="{}">{}</th></tr>{}</tbody>', columns, title, SafeString(content)
    )


@register.simple_tag(takes_context=True)
def pager(context: Context, page: Page[Any], *, what: str = "rows") -> SafeString:
    """The links to the pages before and after; nothing where the list is whole."""
    if page.is_whole:
        return SafeString("")
    urls = {}
    for name, cursor in (("previous", page.previous), ("next", page.next)):
        params = _params(context)
        params[page.param] = cursor
        urls[name] = f"?{params.urlencode()}" if cursor else ""
    first = _params(context)
    first.pop(page.param, None)
    return _render("pager", what=what, first=f"?{first.urlencode()}" if page.previous else "", **urls)


@register.simple_tag(takes_context=True)
def filter_panel(context: Context, form: forms.BaseForm, *, total: Any = None, what: str = "", open: bool = False) -> SafeString:
    """The filters of a list: a panel that opens, what is in force as chips, and how many rows there are.

    ``form`` is the filter set's form (``PortalFilterForm``); it is sent by GET and keeps the sort order.
    """
    params = form.data.copy() if form.is_bound and isinstance(form.data, QueryDict) else _params(context)
    chips = filtering.chips(form, params)
    return _render(
        "filter_panel",
        form=form,
        chips=chips,
        kept=filtering.kept(form, params),
        names=filtering.names(form),
        cleared=filtering.cleared(form, params),
        has_errors=form.is_bound and bool(form.errors),
        is_open=open or (form.is_bound and bool(form.errors)),
        total=total,
        what=what,
        form_show_errors=True,
        mark_optional=False,
        small_choices=True,
    )


@register.simple_tag
def job_progress(job: Any, url: str) -> SafeString:
    """How far a job is (``core.jobs.Job``), in words and as a bar that keeps itself up to date from ``url`` (the address
    ``people:job-progress``); without JavaScript a link looks again. When the job ends, the page is loaded anew."""
    return _render("job_progress", job=job, url=url)


# ---------------------------------------------------------------------------------------------------- navigation


@register.simple_tag
def tabs(items: Iterable[Any], label: str) -> SafeString:
    """Pages of one thing, as links: items with ``label``, ``url`` and ``current``."""
    return _render("tabs", entries=list(items), label=label)


@register.simple_tag
def view_switch(items: Iterable[Any], label: str = "View") -> SafeString:
    """One list in several views (columns, list, map): items with ``label``, ``url`` and ``current``."""
    return _render("view_switch", entries=list(items), label=label)


@register.simple_tag
def breadcrumbs(*trail: str) -> SafeString:
    """``{% breadcrumbs "Home" home_url "Visits" visits_url %}``: words and addresses in turn, from the top down."""
    pairs = list(zip(trail[::2], trail[1::2], strict=True))
    return _render("breadcrumbs", pairs=pairs)


@register.simple_tag
def back_link(href: str, words: str = "Back") -> SafeString:
    """The way back, in a journey of several pages: a landmark of its own, since it stands before the page's main part."""
    return format_html('<nav aria-label="Back"><a class="govuk-back-link" href="{}">{}</a></nav>', href, words)


@register.simple_tag
def contents(items: Iterable[Any], label: str = "On this page") -> SafeString:
    """The parts of a long page: items with ``label``, ``url`` and perhaps ``note``. On a phone it is the "jump to"."""
    return _render("contents", entries=list(items), label=label)


# ---------------------------------------------------------------------------------------------------- lists of the domain's shapes


@register.simple_tag
def due_list(items: Iterable[Any], *, today: dt.date | None = None) -> SafeString:
    """What is due, in the order given: items with ``on``, ``title``, ``url``, ``why``, ``left`` (words) and ``tone``.

    ``tone`` "late" or "due" puts ``left`` into a tag; anything else leaves it as words.
    """
    return _render("due_list", entries=list(items), today=today)


@register.simple_tag
def due_date(value: formats.DateLike) -> SafeString:
    """The date of something due, as the due list sets it: "Fri 10" over "Oct 2008"."""
    on = formats.as_moment(value)
    if on is None:
        return SafeString("<b>No date</b>")
    month = formats.MONTHS[on.month - 1][:3]
    return format_html(
        '<time datetime="{}"><b>{} {}</b> {} {}</time>', formats.iso(on), formats.WEEKDAYS[on.weekday()][:3], on.day, month, on.year
    )


@register.simple_tag
def timeline(entries: Iterable[Any], *, today: dt.date | None = None) -> SafeString:
    """What happened and what is to come, latest first: entries with ``on``, ``title`` and perhaps ``detail`` and ``url``.

    With ``today``, a mark divides what is ahead from what has been.
    """
    rows = list(entries)
    ahead = sum(1 for entry in rows if today and formats.as_moment(_get(entry, "on")) and _date(_get(entry, "on")) > today)
    return _render("timeline", ahead=rows[:ahead], past=rows[ahead:], today=today)


def _get(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else getattr(entry, name, None)


def _date(value: formats.DateLike) -> dt.date:
    at = formats.as_moment(value)
    if at is None:
        raise ValueError("An entry of a time line has a date.")
    return at.date() if isinstance(at, dt.datetime) else at


@register.simple_tag
def path(steps: Iterable[Any]) -> SafeString:
    """Steps from top to bottom: each with ``title``, ``detail`` and ``state`` ("done", "now" or nothing)."""
    return _render("path", steps=list(steps))


@register.simple_tag
def steps(items: Iterable[Any]) -> SafeString:
    """Steps from left to right, as :func:`path`."""
    return _render("steps", steps=list(items))


@register.simple_tag
def facts(items: Iterable[Any]) -> SafeString:
    """The facts under a school's name: each with ``label``, ``value`` and perhaps ``sub`` and ``url``."""
    return _render("facts", entries=list(items))


@register.simple_tag
def flags(items: Iterable[Any]) -> SafeString:
    """Flags with their figures: each with ``figure``, ``title``, ``detail`` and perhaps ``url`` (to the rule)."""
    return _render("flags", entries=list(items))


@register.simple_tag
def reasons(items: Iterable[Any]) -> SafeString:
    """Why something was decided so: each with ``rule``, ``figure``, ``source``, perhaps ``url``, and ``is_unknown``."""
    return _render("reasons", entries=list(items))


@register.simple_tag
def checks(items: Iterable[Any]) -> SafeString:
    """Checks on a note, worst first: each with ``level`` (blocks, warns, advises), ``title``, ``detail``, ``url``, ``where``."""
    return _render("checks", entries=list(items))


@register.simple_tag
def confirm_list(items: Iterable[Any], *, caption: str = "Who will get it") -> SafeString:
    """Who gets what, before it is sent: each with ``name``, ``role``, ``organisation`` and perhaps ``how`` and ``state``."""
    return _render("confirm_list", entries=list(items), caption=caption)


@register.simple_tag
def school_comment(row: Any, *, answered_by: str = "Answer") -> SafeString:
    """The school's word on a section, and the answer to it: ``by``, ``role``, ``on``, ``kind``, ``text``, ``answer``.

    ``answered_by`` heads the answer: "SIP’s answer", in the authority's own word for the SIP.
    """
    return _render("school_comment", row=row, answered_by=answered_by)


@register.simple_tag
def difference(row: Any, *, sip: str = "SIP’s view", school: str = "School’s view") -> SafeString:
    """A difference of view as two equal columns: ``topic``, ``sip_view``, ``sip_evidence``, ``school_view``,
    ``school_evidence``, ``settle``. ``sip`` and ``school`` head the columns, in the authority's own words."""
    return _render("difference", row=row, sip=sip, school=school)


@register.simple_tag
def diff(before: str, after: str, *, title: str = "") -> SafeString:
    """Two texts compared word by word: what was removed is struck through, what was added is underlined and shaded."""
    return _render("diff", diff=word_diff(before, after), title=title)


@register.simple_block_tag
def said(content: str, who: str, *, about: str = "") -> SafeString:
    """Somebody's own words, in their colour: ``{% said "School’s view" about="Daniel Hale, 26 September" %}…{% endsaid %}``."""
    return format_html(
        '<div class="portal-comment"><p class="portal-comment__who"><b>{}</b> {}</p>{}</div>', who, about, SafeString(content)
    )


# ---------------------------------------------------------------------------------------------------- forms


def _form_errors(form: forms.BaseForm, prefix: str = "") -> Iterable[tuple[str, str]]:
    for message in form.non_field_errors():
        yield "", f"{prefix}{message}"
    for bound in form:
        for message in bound.errors:
            yield "" if bound.is_hidden else f"#{first_input_id(bound)}", f"{prefix}{message}"


def _errors(source: Any) -> Iterable[tuple[str, str]]:
    if not source:
        # An unbound form is true; an empty list, a missing variable and "" are not.
        return ()
    if isinstance(source, str):
        return (("", source),)
    if isinstance(source, BaseFormSet):
        if not source.is_bound:
            return ()
        name = getattr(source, "item_name", "Row")
        return chain(
            (("", str(message)) for message in source.non_form_errors()),
            *(_form_errors(form, f"{name} {i}: ") for i, form in enumerate(source.forms, 1)),
        )
    if isinstance(source, forms.BaseForm):
        return _form_errors(source) if source.is_bound and source.errors else ()
    return chain.from_iterable(_errors(each) if not isinstance(each, tuple) else (each,) for each in source)


@register.simple_tag
def error_summary(*sources: Any) -> SafeString:
    """What is wrong, at the top of the page, each line a link to its field.

    ``sources`` are forms, formsets, sentences, or lists of them; a pair ``(href, sentence)`` in a list is taken as it is.
    Nothing is shown where nothing is wrong. ``base.html`` calls it with ``form``, ``formset`` and ``refused``.
    """
    found = list(dict.fromkeys(chain.from_iterable(_errors(source) for source in sources)))
    return _render("error_summary", errors=found) if found else SafeString("")


@register.simple_tag
def has_errors(*sources: Any) -> bool:
    """Whether :func:`error_summary` would show anything; the page's title then begins with "Error:"."""
    return any(True for source in sources for _ in _errors(source))
