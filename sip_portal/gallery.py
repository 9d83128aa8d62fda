"""The gallery: every component and every form widget in every state, with the call that makes it.

It is what a developer copies from and what the accessibility tests crawl; it holds made-up words only and asks the
database nothing.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render

from core.access import SIGNED_IN, PortalView
from core.charts import Band, Bar, Bars, Chart, Distribution, Gap, Gaps, Matrix, Role, Series, Trend
from core.components.fields import (
    Checkboxes,
    DateBoxesField,
    MoneyField,
    PickerField,
    ProseField,
    QuartersField,
    Radios,
    TimeField,
)
from core.components.forms import PortalFilterForm, PortalForm
from core.components.layout import Group, Layout, Reveal, Side
from core.components.tables import Page, Sort
from core.jobs import Job

TODAY = dt.date(2008, 10, 14)
SCHOOLS = [
    {"id": "1", "label": "Ashcombe Primary School", "detail": "Weald Valley, 999/2101"},
    {"id": "2", "label": "Beacon Hill Infant School", "detail": "Marlbridge, 999/2114"},
    {"id": "3", "label": "Holmebrook Junior School", "detail": "Marlbridge, 999/2120"},
]
KINDS = [("autumn", "Autumn pupil review"), ("spring", "Spring visit"), ("additional", "Additional visit")]


class SampleForm(PortalForm):
    """One of everything."""

    required_messages: ClassVar[dict[str, str]] = {"why": "Enter why the visit was moved, in a sentence"}

    school = PickerField(label="School", help_text="Name, URN or DfE number")
    kind = forms.ChoiceField(label="Kind of visit", choices=[("", "Choose"), *KINDS])
    on = DateBoxesField(label="Visit date", help_text="For example, 9 October 2008", latest=TODAY)
    starts_at = TimeField(label="Start", help_text="For example, 9:30am")
    ends_at = TimeField(label="End", required=False)
    days = QuartersField(label="Days in school", help_text="In quarters, like 0.5 or 1.25")
    cost = MoneyField(label="Cost", required=False)
    held = forms.ChoiceField(
        label="Was the visit held?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=Radios(inline=True),
    )
    moved = forms.ChoiceField(
        label="Who asked to move it?",
        choices=[("school", "The school"), ("sip", "I did"), ("other", "Somebody else")],
        widget=Radios(hints={"school": "Days are charged by the notice given"}),
    )
    why = forms.CharField(label="Why", required=True)
    met = forms.MultipleChoiceField(
        label="Whom did you meet?",
        choices=[("head", "Headteacher"), ("chair", "Chair of governors"), ("pupils", "Pupils")],
        widget=Checkboxes(hints={"pupils": "Never by name"}),
    )
    text = ProseField(label="What stood out", words=(40, 120), help_text="Lead with the judgement, then the evidence")
    email = forms.EmailField(label="Email address of the school office", required=False)
    file = forms.FileField(label="The school’s own data", required=False, help_text="A spreadsheet or a PDF, up to 32 MB")
    agreed = forms.BooleanField(label="The headteacher has seen this date")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["school"]
        assert isinstance(field, PickerField)
        field.widget.url = "?schools=1"
        field.serve(
            find=lambda id_, words: [s for s in SCHOOLS if s["id"] == id_ or (not id_ and words.lower() in s["label"].lower())],
            describe=lambda school: (school["id"], school["label"]),
        )

    def layout(self) -> Layout:
        return Layout(
            "school",
            "kind",
            "on",
            Side("starts_at", "ends_at"),
            Group("Days and cost", Side("days", "cost"), hint="Charged to the school’s core days"),
            "held",
            Reveal("moved", other=["why"]),
            "met",
            "text",
            "email",
            "file",
            "agreed",
        )


class ActionForm(PortalForm):
    """A row of the formset."""

    action = forms.CharField(label="Action", widget=forms.Textarea(attrs={"rows": 2}))
    owner = forms.CharField(label="Owner")
    due = DateBoxesField(label="Due")


ActionFormSet = formset_factory(ActionForm, extra=1)


class SampleFilterForm(PortalFilterForm):
    """Filters of a list."""

    name = forms.CharField(label="School’s name", required=False)
    cluster = forms.ChoiceField(
        label="Cluster", required=False, choices=[("", "All clusters"), ("m", "Marlbridge"), ("w", "Weald Valley"), ("c", "Coldwell")]
    )
    state = forms.MultipleChoiceField(
        label="State of the note",
        required=False,
        choices=[("draft", "Draft"), ("review", "In review"), ("final", "Final")],
        widget=Checkboxes(),
    )
    since = DateBoxesField(label="Visited since", required=False)


WRONG = {
    "school": "school",
    "on_day": "31",
    "on_month": "2",
    "on_year": "2008",
    "starts_at": "quarter past",
    "days": "1.1",
    "cost": "lots",
    "moved": "other",
    "email": "office",
    "text": "Support has made a difference in mathematics.",
}

BEFORE = "Total absence was 5.1% in the autumn term, above similar schools (4.7%). A number of pupils were persistently absent."
AFTER = "Total absence was 4.7% in the autumn term, below similar schools (5.1%). Eight pupils were persistently absent."


def samples(request: HttpRequest) -> dict[str, Any]:
    """What the components of the gallery show."""
    params = request.GET
    sort = Sort.read(params, {"name": ("name",), "next": ("next", "name")}, default="name")
    filled = SampleForm(
        initial={
            "school": SCHOOLS[0],
            "kind": "autumn",
            "on": dt.date(2008, 10, 9),
            "starts_at": dt.time(9),
            "days": 5,
            "cost": 320_000,
            "held": "yes",
            "moved": "school",
            "met": ["head"],
            "text": "Pupils make good progress.",
        },
        prefix="filled",
    )
    wrong = SampleForm(
        QueryDict("&".join(f"wrong-{key}={value}" for key, value in WRONG.items()).replace(" ", "+")),
        {"wrong-file": SimpleUploadedFile("empty.csv", b"")},
        prefix="wrong",
    )
    wrong_rows = ActionFormSet(
        {"row-TOTAL_FORMS": "1", "row-INITIAL_FORMS": "0", "row-0-action": "Plan weekly writing", "row-0-due_day": "12"}, prefix="row"
    )
    narrow = SampleFilterForm(params if any(key in params for key in SampleFilterForm.base_fields) else QueryDict("cluster=m&state=draft"))
    return {
        "filled": filled,
        "wrong": wrong,
        "wrong_rows": wrong_rows,
        "empty_form": SampleForm(prefix="empty"),
        "filters": narrow,
        "job": Job(message="27 of 78 notes laid out", done=27, total=79),
        "sort": sort,
        "note_tag": ("Final", "done"),
        "page_": Page([], next="n", previous="p"),
        "before": BEFORE,
        "after": AFTER,
        "pinned": TODAY,
        "sha": "81e508fe8063f62d52e838530769ea0db9da0164fc96b947345a43f7b69efaee",
        "contents": [{"label": label, "url": f"#{anchor}"} for label, anchor in PARTS],
        "tabs": [
            {"label": "Overview", "url": "#tabs", "current": True},
            *({"label": label, "url": "#tabs", "current": False} for label in ("Visits and notes", "People", "Timeline")),
        ],
        "views": [{"label": "Columns", "url": "#views", "current": True}, {"label": "List", "url": "#views", "current": False}],
        "facts": [
            {"label": "URN · DfE number", "value": "199043 · 999/2217"},
            {"label": "Phase", "value": "Primary, 4 to 11", "sub": "community, mixed"},
            {"label": "Roll", "value": "214", "sub": "231 in 2006: falling"},
            {"label": "Headteacher", "value": "Janet Fairbrass", "sub": "since January 2005"},
            {"label": "Days", "value": "4¼ left of 8", "url": "#facts"},
        ],
        "charts": charts(),
        "ranking": ranking(),
        "due": [
            {"on": dt.date(2008, 10, 10), "title": "Challenge the 2010 targets proposed by Weir Lane CE Primary School", "url": "#due",
             "why": "Level 4+ is proposed at 74%, below the FFT D estimate of 81%.", "left": "2 office days late", "tone": "late"},
            {"on": TODAY, "title": "Correct the note for Saltmarsh Primary School", "url": "#due",
             "why": "Returned yesterday with 2 reasons.", "left": "Due today", "tone": "due"},
            {"on": dt.date(2008, 10, 16), "title": "Finish the note for Tanners Lane Primary School", "url": "#due",
             "why": "Visit held on 9 October.", "left": "2 office days left", "tone": ""},
        ],
        "entries": [
            {"on": dt.date(2008, 11, 27), "title": "Panel decides categories", "detail": "Marlbridge cluster"},
            {"on": dt.date(2008, 10, 9), "title": "Autumn pupil review held", "detail": "1 day in school", "url": "#timeline"},
            {"on": dt.date(2007, 6, 30), "title": "Category notified and published"},
        ],
        "path_steps": [
            {"title": "Suggested: Intensive", "detail": "12 October, from the 2008 results", "state": "done"},
            {"title": "Your proposal", "detail": "in your note, due 16 October", "state": "now"},
            {"title": "Panel decides", "detail": "27 November", "state": ""},
        ],
        "flag_rows": [
            {"figure": "11.2%", "title": "Reserve above 8% of income", "detail": "£96,400; uncommitted £61,000.", "url": "#flags"},
            {"figure": "196", "title": "Falling roll", "detail": "218 in 2005: down 10% in three years."},
        ],
        "reason_rows": [
            {"rule": "Below the floor at key stage 2", "figure": "52%", "source": "Floor 55%. KS2 2008, provisional", "url": "#reasons"},
            {"rule": "leadership judgement", "figure": "none yet", "source": "Unknown never counts as a pass.", "is_unknown": True},
        ],
        "check_rows": [
            {"level": "blocks", "title": "One earlier action is not followed up", "detail": "Give its status, evidence and impact on pupils.",
             "url": "#checks", "where": "2. Actions from last visit"},
            {"level": "warns", "title": "A member of staff may be named", "detail": "Use the role.", "url": "#checks", "where": "9. Leadership"},
            {"level": "advises", "title": "Community cohesion is empty", "detail": "", "url": "#checks", "where": "11. Cohesion"},
        ],
        "recipients": [
            {"name": "Daniel Hale", "role": "Headteacher", "organisation": "Ashcombe Primary School"},
            {"name": "Patricia Oyelaran", "role": "Chair of governors", "organisation": "Ashcombe Primary School"},
        ],
        "comment_row": {"by": "Daniel Hale", "role": "headteacher", "on": "2008-09-26", "kind": "inaccurate",
                        "text": "Absence is given as 5.1%. That is the figure for similar schools; ours is 4.7%.",
                        "answer": {"by": "Ruth Ashdown", "on": "2008-09-29", "text": "Agreed, and corrected in version 2."}},
        "difference_row": {"topic": "Are the most able pupils achieving well enough?",
                           "sip_view": "Not yet in writing. Level 5 is six points below Wealdshire.", "sip_evidence": "2008 results; six books",
                           "school_view": "Yes, given who they are.", "school_evidence": "pupil tracking, Years 3 to 6",
                           "settle": "To be looked at again in the spring visit with moderated writing."},
    }  # fmt: skip


def charts() -> list[Chart]:
    """One of each kind, with the figures of the pattern sheet."""
    years = ("2004", "2005", "2006", "2007", "2008")

    def line(label: str, role: Role, *values: int | None, short: str = "") -> Series:
        return Series(label, role, [None if value is None else Decimal(value) for value in values], short)

    return [
        Trend(
            key="chart-trend",
            heading="Level 4+ in both English and mathematics, %",
            say="Marlpit has fallen eleven points since 2004 and is now below the new floor.",
            source="Key stage 2 results; 2008 provisional. One pupil is 3.4 points.",
            points=years,
            series=[
                line("Marlpit", Role.SUBJECT, 63, 60, 57, 53, 52),
                line("Wealdshire", Role.AUTHORITY, 65, 66, 67, 68, 71, short="LA"),
                line("England", Role.NATIONAL, 68, None, 70, 71, 72, short="National"),
            ],
            floor=Decimal(55),
        ),
        Bars(
            key="chart-bars",
            heading="Schools in each support category",
            say="The draft would lift support for 62 schools and reduce it for 28; 485 stay where they are.",
            source="575 schools, facts as at 13 October 2008.",
            of="Current scheme",
            other_of="July 2008 draft",
            bars=[Bar("Light touch", 171, 158), Bar("Standard", 231, 226), Bar("Additional support", 127, 139), Bar("Intensive", 46, 52)],
        ),
        Matrix(
            key="chart-matrix",
            heading="Movement between the two schemes",
            say="62 schools would get more support and 28 less.",
            across="July 2008 draft",
            down="Current scheme",
            columns=["Light touch", "Standard", "Additional support", "Intensive"],
            lines=["Light touch", "Standard", "Additional support", "Intensive"],
            counts=[[149, 21, 1, 0], [9, 193, 27, 2], [0, 12, 104, 11], [0, 0, 7, None]],
        ),
        Gaps(
            key="chart-gaps",
            heading="Gaps between groups of pupils",
            say="The widest gap is for pupils with special educational needs.",
            source="Wealdshire, key stage 2, 2008 provisional; 15,900 pupils.",
            gaps=[
                Gap("Girls", Decimal(74), Decimal(69)),
                Gap("Free school meals", Decimal(48), Decimal(75)),
                Gap("Special educational needs", Decimal(31), Decimal(83)),
                Gap("English as an additional language", Decimal(64), Decimal(72)),
                Gap("Looked after", None, Decimal(71)),
            ],
        ),
        Distribution(
            key="chart-distribution",
            heading="Schools by level 4+ in both subjects, %",
            say="47 schools are below the floor; Marlpit is one of the 19 nearest to it.",
            own="Marlpit 52",
            bands=[
                Band(f"{low}+", count, is_own=low == 50, is_below_floor=low < 55)
                for low, count in ((40, 9), (45, 19), (50, 19), (55, 28), (60, 51), (65, 74), (70, 88), (75, 79), (80, 52), (85, 33))
            ],
        ),
    ]


def ranking() -> Chart:
    issues = (
        ("Improve teachers\N{RIGHT SINGLE QUOTATION MARK} marking so pupils know what to improve", 136),
        ("Raise standards in writing", 126),
        ("Raise standards in mathematics", 98),
        ("Raise the quality of teaching", 87),
        ("Support more able pupils to fulfil their potential", 67),
    )
    return Bars(
        key="chart-ranking",
        heading="Key issues from inspection",
        say="Marking and writing lead: each was raised in more than 120 primary schools.",
        of="Schools",
        is_ranked=True,
        bars=[Bar(label, count, is_quiet=count < 90) for label, count in issues],
    )


PARTS = [
    ("Words, dates and figures", "words"),
    ("Tags and marks", "tags"),
    ("Buttons", "buttons"),
    ("Notices and boxes", "boxes"),
    ("Tables, filters and pages", "tables"),
    ("Charts", "charts"),
    ("Lists of work", "due"),
    ("Facts and reasons", "facts"),
    ("A note as read", "reading"),
    ("Forms", "forms"),
    ("Errors", "errors"),
    ("Empty", "empty"),
]


class GalleryView(PortalView):
    """``/gallery/``: the page; ``?schools=1&q=`` answers the sample picker."""

    permission = SIGNED_IN

    def get(self, request: HttpRequest) -> HttpResponse:
        if "schools" in request.GET:
            words = request.GET.get("q", "").lower()
            return JsonResponse({"results": [school for school in SCHOOLS if words in school["label"].lower()]})
        return render(request, "gallery.html", samples(request))
