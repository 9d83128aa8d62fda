"""The small components: words first, everything escaped, and what cannot be is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.http import QueryDict
from django.template import engines
from django.test import RequestFactory

from core.components import brand
from core.components.diffs import word_diff
from core.components.filters import chips, cleared, kept, names, settled
from sip_portal.gallery import SampleFilterForm

TODAY = dt.date(2008, 10, 14)
SLY = '"><script>alert(1)</script>'


def render(source: str, query: str = "", **context: Any) -> str:
    return engines["django"].from_string(source).render(context, RequestFactory().get(f"/?{query}"))


# ---------------------------------------------------------------- words and marks


@pytest.mark.parametrize("tone", ["late", "due", "work", "wait", "done", "plain"])
def test_a_tag_is_words_and_then_a_tone(tone: str) -> None:
    assert render("{% tag words tone %}", words="In review", tone=tone) == f'<span class="portal-tag portal-tag--{tone}">In review</span>'


def test_a_state_can_bring_its_words_and_tone_together() -> None:
    assert render("{% tag state %}", state=("With school", "wait")) == '<span class="portal-tag portal-tag--wait">With school</span>'
    assert render('{% tag "Not started" %}') == '<span class="portal-tag">Not started</span>'


def test_a_tone_that_has_no_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="'red' is no tone"):
        render('{% tag "Draft" "red" %}')


def test_nothing_and_unknown_are_written_out() -> None:
    assert "none</span>" in render("{% none %}")
    assert "not yet known</span>" in render('{% none "not yet known" %}')
    assert render('{% unknown "no 2008 figure" %}') == "<strong>Unknown:</strong> no 2008 figure"


@pytest.mark.parametrize(("level", "css"), [(1, "pd-cat--1"), (4, "pd-cat--4"), (9, "pd-cat--4"), (0, "pd-cat--1")])
def test_a_category_is_words_and_filled_steps(level: int, css: str) -> None:
    html = render('{% category "Standard" level %}', level=level)
    assert css in html
    assert ">Standard<" in html


def test_pips_say_how_many() -> None:
    html = render("{% pips 2 6 %}")
    assert html.endswith("2 of 6</span>")
    assert (html.count('fill="#14505c"'), html.count('fill="#ffffff"')) == (2, 4)


@pytest.mark.parametrize(("value", "of", "width"), [(5, 8, "125.0"), (9, 8, "200.0"), (0, 8, "0.0"), (1, 0, "0")])
def test_a_meter_never_leaves_its_track(value: int, of: int, width: str) -> None:
    assert f'class="fill" width="{width}"' in render("{% meter value of %}", value=value, of=of)


def test_a_digest_is_printed_as_the_footer_prints_it() -> None:
    sha = "81e508fe8063" + "0" * 52
    assert render("{% digest sha %}", sha=sha) == '<code class="portal-hash">81e5 08fe 8063</code>'
    assert render("{% digest sha full=True %}", sha=sha).count(" 00000000") == 6


def test_a_date_is_a_time_element() -> None:
    assert render("{% when d %}", d=TODAY) == '<time datetime="2008-10-14">14 October 2008</time>'
    assert render('{% when d "short_weekday" %}', d="2008-10-16") == '<time datetime="2008-10-16">Thu 16 October</time>'
    assert render("{% when d %}", d=None) == ""


@pytest.mark.parametrize(
    "source",
    [
        "{% tag s %}",
        "{% overdue s %}",
        "{% none s %}",
        "{% unknown s %}",
        "{% hidden s %}",
        "{% flag s s %}",
        "{% category s 1 %}",
        "{% digest s %}",
        "{% button s s about=s name=s value=s %}",
        "{% button s name=s value=s %}",
        "{% post_button s s about=s %}",
        "{% figure s s of=s href=s sub=s %}",
        "{% back_link s s %}",
        "{% breadcrumbs s s %}",
        "{% page_head s lede=s over=s state_words=s %}{% endpage_head %}",
        "{% headline s count=s %}{% endheadline %}",
        "{% panel s %}{{ s }}{% endpanel %}",
        "{% card s %}{{ s }}{% endcard %}",
        "{% notice title=s %}{{ s }}{% endnotice %}",
        "{% details s %}{{ s }}{% enddetails %}",
        "{% nothing s %}{{ s }}{% endnothing %}",
        "{% said s about=s %}{{ s }}{% endsaid %}",
        "{% summary_row s href=s action=s %}{{ s }}{% endsummary_row %}",
        "{% table s %}<tr><td>{{ s }}</td></tr>{% endtable %}",
        "{% tbody s columns=2 %}{% endtbody %}",
        "{% diff s s title=s %}",
        "{% diff '' s %}",
        "{% school_comment row %}",
        "{% difference row %}",
        "{% due_list rows %}",
        "{% timeline rows %}",
        "{% facts rows %}",
        "{% flags rows %}",
        "{% reasons rows %}",
        "{% checks rows %}",
        "{% confirm_list rows %}",
        "{% path rows %}",
        "{% tabs rows s %}",
    ],
)
def test_words_of_people_never_become_markup(source: str) -> None:
    keys = "title why left detail url label value sub figure rule source where name role organisation how by kind text topic sip_view "
    keys += "sip_evidence school_view school_evidence settle state level"
    row = {**dict.fromkeys(keys.split(), SLY), "on": TODAY, "state": "", "answer": {"by": SLY, "text": SLY}}
    html = render(source, s=SLY, row=row, rows=[row])
    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html or "&quot;&gt;&lt;s" in html


# ---------------------------------------------------------------- buttons and posts


def test_a_button_submits_once_and_a_link_goes() -> None:
    assert 'type="submit"' in render('{% button "Save" %}')
    assert 'data-prevent-double-click="true"' in render('{% button "Save" %}')
    link = render('{% button "Book a visit" "/visits/book/" kind="quiet" %}')
    assert link.startswith('<a class="govuk-button portal-button portal-button--quiet" href="/visits/book/"')


def test_a_button_that_posts_carries_the_token() -> None:
    html = render('{% post_button "Take back" "/n/1/take-back/" about="the note" %}')
    token = html.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert len(token) >= 32
    assert 'method="post" action="/n/1/take-back/"' in html
    assert "about" not in html.split("</button>")[1]


# ---------------------------------------------------------------- lists


def test_only_what_is_late_or_due_today_has_a_tag() -> None:
    rows = [
        {"on": dt.date(2008, 10, 10), "title": "A", "url": "#", "left": "2 office days late", "tone": "late"},
        {"on": TODAY, "title": "B", "url": "#", "left": "Due today", "tone": "due"},
        {"on": dt.date(2008, 10, 16), "title": "C", "url": "#", "left": "2 office days left", "tone": ""},
    ]
    html = render("{% due_list rows %}", rows=rows)
    assert html.count("portal-tag") == 4  # two tags, each with its tone
    assert '<time datetime="2008-10-10"><b>Fri 10</b> Oct 2008</time>' in html
    assert html.index(">A<") < html.index(">B<") < html.index(">C<")


def test_the_time_line_divides_what_is_ahead_from_what_has_been() -> None:
    rows = [{"on": "2008-11-27", "title": "Panel"}, {"on": "2008-10-14", "title": "Held"}, {"on": "2007-06-30", "title": "Published"}]
    html = render("{% timeline rows today=today %}", rows=rows, today=TODAY)
    assert html.count('class="is-ahead"') == 1
    assert html.index("Panel") < html.index("Today") < html.index("Held") < html.index("Published")
    assert "30 June 2007" in html
    assert "portal-time__today" not in render("{% timeline rows %}", rows=rows)


def test_a_step_that_is_done_says_so_in_words() -> None:
    html = render("{% path rows %}{% steps rows %}", rows=[{"title": "Suggested", "state": "done"}, {"title": "Decided", "state": "now"}])
    assert html.count(" (done)") == 2
    assert html.count('aria-current="step"') == 2


def test_an_unknown_reason_is_never_a_pass() -> None:
    html = render("{% reasons rows %}", rows=[{"rule": "leadership judgement", "figure": "none yet", "is_unknown": True}])
    assert "<strong>Unknown:</strong> leadership judgement" in html


@pytest.mark.parametrize(("level", "word"), [("blocks", "Blocks"), ("warns", "Warns"), ("advises", "Advises")])
def test_a_check_says_what_it_does(level: str, word: str) -> None:
    assert f">{word}</span>" in render("{% checks rows %}", rows=[{"level": level, "title": "T", "detail": "D"}])


def test_a_strip_of_figures_knows_how_many_it_holds() -> None:
    html = render('{% figures %}{% figure 1139 "notes" of=1171 %}{% figure "96%" "on time" %}{% figure 3 "late" %}{% endfigures %}')
    assert 'class="pd-strip pd-strip--3"' in html
    assert "1,139 <small>of 1,171</small>" in html


# ---------------------------------------------------------------- differences between texts


def test_words_removed_and_added_are_counted_and_said() -> None:
    found = word_diff("Absence was 5.1% in all terms.", "Absence was 4.7% in two terms.")
    assert (found.removed, found.added) == (2, 2)
    html = render('{% diff "one two" "one three four" %}')
    assert '<del><span class="govuk-visually-hidden">removed: </span>two</del>' in html
    assert '<ins><span class="govuk-visually-hidden">added: </span>three four</ins>' in html
    assert "1 word removed, 2 added." in html


def test_both_texts_can_be_read_back_from_a_difference() -> None:
    before, after = "First.\n\nSecond paragraph, kept.", "First, changed.\n\nSecond paragraph, kept. Third."
    parts = word_diff(before, after).parts
    assert "".join(part.text for part in parts if part.kind != "added").split() == before.split()
    assert "".join(part.text for part in parts if part.kind != "removed") == after


def test_white_space_alone_is_no_difference() -> None:
    assert word_diff("one  two\nthree", "one two three").is_same
    assert "No words differ." in render('{% diff "one two" "one  two " %}')


# ---------------------------------------------------------------- filters in force


def bound(query: str) -> tuple[SampleFilterForm, QueryDict]:
    params = QueryDict(query, mutable=True)
    return SampleFilterForm(params), params


def test_each_filter_in_force_is_a_chip_that_takes_itself_off() -> None:
    form, params = bound("cluster=m&state=draft&state=final&since_day=1&since_month=9&since_year=2008&sort=-due&cursor=c")
    found = [(chip.label, chip.value, chip.url.partition("&keep=")[0]) for chip in chips(form, params)]
    date = "since_day=1&since_month=9&since_year=2008"
    assert found == [
        ("Cluster", "Marlbridge", f"?state=draft&state=final&{date}&sort=-due"),
        ("State of the note", "Draft", f"?cluster=m&state=final&{date}&sort=-due"),
        ("State of the note", "Final", f"?cluster=m&state=draft&{date}&sort=-due"),
        ("Visited since", "1 September 2008", "?cluster=m&state=draft&state=final&sort=-due"),
    ]
    assert kept(form, params) == [("sort", "-due")]
    assert cleared(form, params).startswith("?sort=-due&keep=")


def test_what_is_kept_of_an_address_is_the_filters_alone() -> None:
    form, params = bound("cluster=m&state=&sort=-due&month=2008-10")
    params["keep"] = names(form)
    assert settled(params) == ("cluster=m", "cluster=m&sort=-due&month=2008-10")
    assert settled(QueryDict(cleared(form, params)[1:])) == ("", "sort=-due&month=2008-10")
    params["cluster"] = "m" * 500
    assert settled(params)[0] == ""


@pytest.mark.parametrize("query", ["", "cluster=", "cluster=nowhere", "since_day=31&since_month=2&since_year=2008", "other=1"])
def test_a_filter_that_is_not_in_force_has_no_chip(query: str) -> None:
    assert chips(*bound(query)) == []


def test_the_panel_keeps_the_order_and_says_how_many() -> None:
    html = render(
        '{% filter_panel form total="3 schools" what="the caseload" %}', "sort=-due", form=SampleFilterForm(QueryDict("sort=-due"))
    )
    assert '<input type="hidden" name="sort" value="-due">' in html
    assert "Filter the caseload" in html
    assert "3 schools" in html
    assert 'name="cluster"' in html
    assert " open>" not in html


def test_a_filter_that_is_wrong_opens_the_panel() -> None:
    html = render("{% filter_panel form %}", form=SampleFilterForm(QueryDict("since_day=31&since_month=2&since_year=2008")))
    assert " open>" in html
    assert "Visited since must be a real date" in html


# ---------------------------------------------------------------- the authority's colours


def test_contrast_is_that_of_wcag() -> None:
    assert brand.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert brand.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert brand.contrast("#14505c", "#14505c") == pytest.approx(1)


def test_our_own_colours_pass() -> None:
    assert brand.problems(brand.BRAND, brand.LINK) == []
    assert brand.style_sheet("#14505c", "#0f5c8c") == ":root { --portal-brand: #14505c; --portal-link: #0f5c8c; }\n"


@pytest.mark.parametrize(
    ("header", "link", "said"),
    [
        ("#ffcc00", "#0f5c8c", "Choose a darker header colour"),
        ("#14505c", "#66aaff", "Choose a darker link colour"),
        ("teal", "#0f5c8c", "Write the header colour as #"),
        ("#14505c", "#0f5c8c; } body { display: none", "Write the link colour as #"),
    ],
)
def test_colours_that_cannot_be_read_are_refused_with_the_reason(header: str, link: str, said: str) -> None:
    assert brand.problems(header, link)[0].startswith(said)
    with pytest.raises(ValueError, match=said):
        brand.style_sheet(header, link)
