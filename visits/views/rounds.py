"""Rounds: how far each has come, the rows behind every number, who is exempt, booking and reminding in bulk."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core import audit, clock
from core.access import Refused, can, get_visible, require
from core.components.formats import plural, short_day, weekday
from core.components.tables import Page as Rows
from core.packs import Labels
from core.tabular.writing import export_response
from people.models import Authority, User
from people.packs import AuthorityPack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, chosen_authority
from schools.choices import AssignmentKind, Phase, SchoolStatus
from schools.models import Assignment
from visits import services
from visits.choices import ExemptionReason, Stage
from visits.coverage import SHOWS, Coverage, CoverageRow, Tally, coverage, coverages, label_of
from visits.forms.rounds import BookRowForm, ExemptForm, RoundFilterForm, RoundForm
from visits.models import Round, RoundExemption
from visits.services.rounds import CLOCKS, RoundBooking, RowsRefused
from visits.workflow import ROUND_WORKFLOW

from .pages import StepForm, WithPack

BEFORE = (Stage.NONE, Stage.PROPOSED, Stage.BOOKED)
ROWS_A_PAGE = 100
LINES_A_FORM = 40


def filtered_url(round_: Round, **filters: str) -> str:
    """The list of a round's schools, narrowed: where a number leads."""
    query = urlencode({key: value for key, value in filters.items() if value})
    url = reverse("visits:round-schools", args=[round_.public_id])
    return f"{url}?{query}" if query else url


def figures_of(found: Tally, round_: Round, labels: Labels, **filters: str) -> list[dict[str, Any]]:
    """The strip of a tally: n of how many, in words, with the address of its rows."""
    return [
        {
            "n": figure.n,
            "of": figure.of,
            "percent": figure.percent,
            "label": label_of(figure.key, labels),
            "url": filtered_url(round_, show=figure.key, **filters),
        }
        for figure in found.figures
    ]


def packs_of(page: WithPack) -> dict[int, AuthorityPack] | None:
    """The pack that the page has in hand, where the asker's rounds are of its authority alone."""
    pack, authority_id = page.policy_in_force, page.authority_id()
    if pack is None or authority_id is None or page.user.hats.authority_ids - {authority_id}:
        return None
    return {authority_id: pack}


class AboutRound(WithPack):
    """A page about one round of the asker's authorities; its rows are the schools that they serve."""

    abstract = True
    object: Round

    def get_object(self) -> Round:
        return get_visible(Round.objects.select_related("authority"), self.request.user, public_id=self.kwargs["round"])

    @property
    def round(self) -> Round:
        return self.object

    def authority_id(self) -> int | None:
        return self.object.authority_id

    @cached_property
    def coverage(self) -> Coverage:
        return coverage(self.user, self.round, self.today, packs=packs_of(self))

    @cached_property
    def labels(self) -> Labels:
        labels: Labels = super().frame()["labels"]
        return labels

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "round": self.round, "may_manage": can(self.user, P.ROUND_MANAGE, self.round)}


class RoundListView(WithPack):
    """Every round that the asker may see, the open ones first, each with its coverage of the schools that they serve."""

    permission = P.ROUND_VIEW
    template_name = "visits/round_list.html"

    def context(self) -> dict[str, Any]:
        rounds = list(
            Round.objects.visible_to(self.user).select_related("authority").order_by("-academic_year", "state", "starts_on", "name")[:60]
        )
        rounds.sort(key=lambda round_: (not round_.is_open, -round_.academic_year))
        labels = self.frame()["labels"]
        found = coverages(self.user, rounds, self.today, packs=packs_of(self))
        lines: list[dict[str, Any]] = [
            {"round": each.round, "coverage": each, "figures": figures_of(each, each.round, labels)} for each in found
        ]
        return {
            "open": [line for line in lines if line["round"].is_open],
            "closed": [line for line in lines if not line["round"].is_open],
            "may_open": self.user.hats.may_somewhere(P.ROUND_MANAGE),
        }


class RoundDetailView(AboutRound):
    """The figures of a round: for all, by cluster, by SIP; who was left out; and what can be done."""

    permission = P.ROUND_VIEW
    template_name = "visits/round_detail.html"

    def context(self) -> dict[str, Any]:
        found, round_ = self.coverage, self.round
        exemptions = [row for row in found.rows if row.exemption is not None]
        offers = set(ROUND_WORKFLOW.offers(self.user, round_, self.today))
        return {
            "coverage": found,
            "figures": figures_of(found, round_, self.labels),
            "clusters": self._lines(found.by_cluster(), "cluster"),
            "sips": self._lines(found.by_sip(), "sip"),
            "exemptions": exemptions,
            "schools_url": filtered_url(round_),
            "urls": {show: filtered_url(round_, show=show) for show in SHOWS},
            "offers": offers,
            "may_book": self.user.hats.may_somewhere(P.VISIT_BOOK) and round_.is_open,
            "state": ("Open", "work") if round_.is_open else ("Closed", "rest"),
            "state_words": self._window_words(),
        }

    def _window_words(self) -> str:
        round_ = self.round
        words = f"{weekday(round_.starts_on)} to {weekday(round_.ends_on)}"
        left = (round_.ends_on - self.today).days
        return f"{words}, {plural(left, 'day')} left" if round_.is_open and left >= 0 else words

    def _lines(self, tallies: list[Tally], by: str) -> list[dict[str, Any]]:
        return [
            {
                "tally": tally,
                "figures": figures_of(tally, self.round, self.labels, **{by: tally.key}),
                "urls": {
                    show: filtered_url(self.round, show=show, **{by: tally.key}) for show in ("none", "late", "exempt", "without_sip")
                },
                "url": filtered_url(self.round, **{by: tally.key}),
            }
            for tally in tallies
        ]


class _Filtered(AboutRound):
    """The rows of a round under the filters of the address: what the list shows is what the export holds."""

    abstract = True
    permission = P.ROUND_VIEW

    @cached_property
    def filter(self) -> RoundFilterForm:
        found, params = self.coverage, self.request.GET
        clusters = [(tally.key, tally.label) for tally in found.by_cluster()]
        sips = [(tally.key, tally.label) for tally in found.by_sip()]
        form = RoundFilterForm(params if params else None, clusters=clusters, sips=sips, labels=self.labels)
        if form.is_bound:
            form.is_valid()
        return form

    @cached_property
    def rows(self) -> list[CoverageRow]:
        values = self.filter.cleaned_data if self.filter.is_bound else {}
        return self.coverage.narrowed(
            show=values.get("show") or "", cluster=values.get("cluster") or "", sip=values.get("sip") or "", words=values.get("q") or ""
        )


class RoundSchoolsView(_Filtered):
    """The schools behind a number."""

    permission = P.ROUND_VIEW
    template_name = "visits/round_schools.html"

    def context(self) -> dict[str, Any]:
        asked = self.request.GET.get("cursor", "")
        start = int(asked) if asked.isdecimal() and int(asked) < len(self.rows) else 0
        end = start + ROWS_A_PAGE
        page = Rows(
            self.rows[start:end],
            next=str(end) if end < len(self.rows) else "",
            previous=str(max(start - ROWS_A_PAGE, 0)) if start else "",
        )
        query = self.request.GET.copy()
        query.pop("cursor", None)
        return {
            "filter": self.filter,
            "page": page,
            "total": len(self.rows),
            "of": len(self.coverage.rows),
            "query": query.urlencode(),
            "may_book": self.user.hats.may_somewhere(P.VISIT_BOOK) and self.round.is_open,
            "walled": self.user.hats.walled,
        }


class RoundExportView(_Filtered):
    """What the page shows, as CSV or a workbook: the schools of the list, or the figures by cluster or by SIP (``?by=``)."""

    permission = P.ROUND_VIEW
    template_name = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kind, by = self.kwargs["kind"], self.request.GET.get("by", "")
        if kind not in ("csv", "xlsx") or by not in ("", "cluster", "sip"):
            raise Http404("Not found.")
        require(self.user, P.ROUND_VIEW, self.round)
        columns, rows = self._tallies(by) if by else self._schools()
        changes: dict[str, object] = {"rows": len(rows), "kind": kind, "by": by or "school"}
        audit.record("round.exported", actor=self.user, at=clock.now(), subject=self.round, authority=self.round.authority, changes=changes)
        return export_response(f"{self.round.name} {by or 'schools'}", columns, rows, kind)

    def _schools(self) -> tuple[list[str], list[list[Any]]]:
        sip, cluster = self.labels.get("sip", "short"), self.labels.get("cluster", "Singular")
        columns = ["School", "URN", "Phase", cluster, sip, "State", "Day of the visit", "Next date", "Late", "Exempt because", "In words"]
        rows = []
        for row in self.rows:
            exemption = row.exemption
            rows.append(
                [
                    row.school.name,
                    row.school.urn,
                    row.school.get_phase_display(),
                    row.school.cluster.name if row.school.cluster else "",
                    row.sip.name if row.sip else "",
                    row.tag[0],
                    row.visit.on if row.visit else None,
                    row.due_on if row.is_expected else None,
                    row.late if row.is_expected else "",
                    exemption.get_reason_display() if exemption else "",
                    exemption.words if exemption else "",
                ]
            )
        return columns, rows

    def _tallies(self, by: str) -> tuple[list[str], list[list[Any]]]:
        found = self.coverage
        word = self.labels.get("cluster", "Singular") if by == "cluster" else self.labels.get("sip", "short")
        shows = [figure.key for figure in found.figures]
        columns = [word, "Expected", *(label_of(show, self.labels) for show in shows), "Notes expected"]
        columns += [label_of(show, self.labels) for show in ("none", "late", "exempt", "without_sip")]
        tallies = [*(found.by_cluster() if by == "cluster" else found.by_sip()), Tally(found.rows, label="All")]
        rows = [
            [
                tally.label,
                tally.expected,
                *(figure.n for figure in tally.figures),
                tally.expected - tally.waived,
                *(tally.count(show) for show in ("none", "late", "exempt", "without_sip")),
            ]
            for tally in tallies
        ]
        return columns, rows


# ---------------------------------------------------------------- opening, changing, closing


class RoundOpenView(WithPack, FormPage):
    """Open a round for a kind of visit and some phases."""

    permission = P.ROUND_MANAGE
    template_name = "visits/round_form.html"
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.ROUND_MANAGE)

    def authority_id(self) -> int | None:
        return self.object.pk

    def form(self, data: Any = None) -> RoundForm:
        pack, part = self.policy_in_force, self.part
        types = [kind for kind in part.visit_types if kind.has_note] if part else []
        used = set(self.object.schools.values_list("phase", flat=True).distinct())
        clocks = {name: pack.whole(name) for name in CLOCKS} if pack else {}
        phases = [phase for phase in Phase.values if phase in used]
        return RoundForm(data, types=types, phases=phases, initial={**clocks, "visit_type": types[0].code if types else ""})

    def context(self) -> dict[str, Any]:
        return {"title": "Open a round", "submit": "Open the round", "back": reverse("visits:round-list")}

    def deed(self, form: RoundForm) -> HttpResponse:
        round_ = services.open_round(actor=self.user, authority=self.object, plan=form.plan(), at=clock.now())
        return self.go(round_.get_absolute_url(), f"The round {round_.name} is open.")


class RoundChangeView(FormPage, AboutRound):
    """Its name, window and clocks."""

    permission = P.ROUND_MANAGE
    template_name = "visits/round_form.html"

    def form(self, data: Any = None) -> RoundForm:
        names = ("name", "starts_on", "ends_on", *CLOCKS)
        return RoundForm(data, is_new=False, initial={name: getattr(self.round, name) for name in names})

    def context(self) -> dict[str, Any]:
        return {
            "title": "Change the round",
            "submit": "Save",
            "back": self.round.get_absolute_url(),
            "lock_version": self.request.POST.get("lock_version", self.round.lock_version),
        }

    def deed(self, form: RoundForm) -> HttpResponse:
        seen = str(self.request.POST.get("lock_version", ""))
        plan = form.plan(visit_type=self.round.visit_type, phases=self.round.phases)
        services.change_round(
            actor=self.user, round=self.round, plan=plan, lock_version=int(seen) if seen.isdecimal() else -1, at=clock.now()
        )
        return self.go(self.round.get_absolute_url(), "The round is changed. Deadlines that have begun to run stay as they were.")


class RoundCloseView(Deed, AboutRound):
    """Close the round, or open it again."""

    permission = P.ROUND_MANAGE

    def deed(self) -> str:
        services.close_round(actor=self.user, round=self.round, at=clock.now())
        return "The round is closed. Its visits and notes go on as they are."

    def back(self) -> str:
        return self.round.get_absolute_url()


class RoundReopenView(Deed, AboutRound):
    permission = P.ROUND_MANAGE

    def deed(self) -> str:
        services.reopen_round(actor=self.user, round=self.round, at=clock.now())
        return "The round is open again."

    def back(self) -> str:
        return self.round.get_absolute_url()


# ---------------------------------------------------------------- who is exempt


class RoundExemptView(FormPage, AboutRound):
    """Which schools are not expected, and why; the schools for which there is a likely reason stand first."""

    permission = P.ROUND_MANAGE
    template_name = "visits/round_exempt.html"

    @cached_property
    def candidates(self) -> list[CoverageRow]:
        """Schools of the round that are not exempt, with nothing held, that the asker may decide on."""
        hats = self.user.hats
        rows = [
            row for row in self.coverage.rows if row.exemption is None and row.stage in BEFORE and not hats.is_adviser_of(row.school.pk)
        ]
        return sorted(rows, key=lambda row: row.school.pk not in self.likely)

    @cached_property
    def likely(self) -> dict[int, str]:
        """School → why it may be exempt, from the register and the assignments: a hint, never a decision."""
        found: dict[int, str] = {}
        round_ = self.round
        challenged = set(
            Assignment.objects.on(round_.day_for_scope(self.today))
            .filter(authority=round_.authority, kind=AssignmentKind.NC_ADVISER)
            .values_list("school_id", flat=True)
        )
        for row in self.coverage.rows:
            school = row.school
            if school.status == SchoolStatus.CLOSING or school.closed_on is not None:
                found[school.pk] = f"Closing{f' on {short_day(school.closed_on)}' if school.closed_on else ''}"
            elif school.opened_on is not None and round_.starts_on.replace(month=9, day=1) <= school.opened_on <= round_.ends_on:
                found[school.pk] = f"Opened on {short_day(school.opened_on)}"
            elif school.pk in challenged:
                found[school.pk] = "A National Challenge adviser serves it"
        return found

    def form(self, data: Any = None) -> ExemptForm:
        likely = self.likely
        hints = {row.school.public_id: likely[row.school.pk] for row in self.candidates if row.school.pk in likely}
        asked = self.request.GET.getlist("school")
        return ExemptForm(data, rows=self.candidates, hints=hints, initial={"schools": asked, "reason": ExemptionReason.AGREED})

    def context(self) -> dict[str, Any]:
        return {
            "exempt": [row for row in self.coverage.rows if row.exemption is not None],
            "back": self.round.get_absolute_url(),
            "any": bool(self.candidates),
        }

    def deed(self, form: ExemptForm) -> HttpResponse:
        values = form.cleaned_data
        schools = [form.rows[key].school for key in values["schools"]]
        services.exempt_schools(
            actor=self.user, round=self.round, schools=schools, reason=values["reason"], words=values["words"], at=clock.now()
        )
        return self.go(self.round.get_absolute_url(), f"{plural(len(schools), 'school')} exempt.")


class RoundLiftView(Deed, AboutRound):
    """Expect a visit to an exempt school again."""

    permission = P.ROUND_MANAGE

    def deed(self) -> str:
        rows = RoundExemption.objects.filter(round=self.round, school__urn=self.kwargs["urn"]).exclude(school__in=self.user.hats.walled)
        exemption = rows.select_related("round__authority", "school__authority").first()
        if exemption is None:
            raise Http404("Not found.")
        services.lift_exemption(actor=self.user, exemption=exemption, at=clock.now())
        return f"A visit to {exemption.school.name} is expected again."

    def back(self) -> str:
        return self.round.get_absolute_url()


# ---------------------------------------------------------------- booking in bulk


class RoundBookView(AboutRound):
    """Book, or propose days, for many schools of one caseload on one form."""

    permission = P.ROUND_VIEW
    template_name = "visits/round_book.html"

    def get_object(self) -> Round:
        found = super().get_object()
        require(self.request.user, P.VISIT_BOOK)
        return found

    @property
    def is_proposal(self) -> bool:
        return self.request.GET.get("how") == "propose"

    @cached_property
    def open_rows(self) -> list[CoverageRow]:
        """What the asker may book here: schools with nothing booked, their own, or, as manager, those that a SIP serves."""
        return [
            row
            for row in self.coverage.narrowed(show="none")
            if row.sip is not None
            and (row.sip.pk == self.user.pk or can(self.user, P.ROUND_MANAGE, self.round))
            and can(self.user, P.VISIT_BOOK, row.school)
        ]

    @cached_property
    def sips(self) -> list[tuple[User, int]]:
        counts = Counter(row.sip.pk for row in self.open_rows if row.sip)
        people = {row.sip.pk: row.sip for row in self.open_rows if row.sip}
        return sorted(((people[pk], n) for pk, n in counts.items()), key=lambda pair: pair[0].name)

    @cached_property
    def chosen(self) -> User | None:
        """Whose caseload: the one asked for, one's own, or the only one there is."""
        asked = self.request.GET.get("sip", "")
        people = [person for person, _ in self.sips]
        if asked:
            return next((person for person in people if person.public_id == asked), None)
        return next((person for person in people if person.pk == self.user.pk), people[0] if len(people) == 1 else None)

    def forms(self, data: Any = None) -> list[BookRowForm]:
        rows = [row for row in self.open_rows if self.chosen is not None and row.sip is not None and row.sip.pk == self.chosen.pk]
        return [BookRowForm(data, row=row, is_proposal=self.is_proposal) for row in rows[:LINES_A_FORM]]

    def context(self) -> dict[str, Any]:
        query = self.request.GET.copy()

        def url(**values: str) -> str:
            changed = query.copy()
            for name, value in values.items():
                changed[name] = value
            return f"?{changed.urlencode()}"

        return {
            "chosen": self.chosen,
            "is_own": self.chosen is not None and self.chosen.pk == self.user.pk,
            "sips": [{"person": person, "n": n, "url": url(sip=person.public_id)} for person, n in self.sips],
            "is_proposal": self.is_proposal,
            "views": [
                {"label": "Book agreed days", "url": url(how="book"), "current": not self.is_proposal},
                {"label": "Propose days to the schools", "url": url(how="propose"), "current": self.is_proposal},
            ],
            "back": self.round.get_absolute_url(),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show(lines=self.forms())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forms = self.forms(request.POST)
        if [form for form in forms if not form.is_valid()]:  # each is asked, so that each shows what is wrong
            return self.show(422, lines=forms, refused=[f"{form.row.school.name}: {error}" for form in forms for error in _sentences(form)])
        filled = [form for form in forms if form.days]
        if not filled:
            return self.show(422, lines=forms, refused="Enter a day for at least one school.")
        bookings = [
            RoundBooking(form.row.school, form.row.sip, [(day, form.cleaned_data.get("starts_at")) for day in form.days])
            for form in filled
            if form.row.sip is not None
        ]
        try:
            made = services.book_in_round(
                actor=self.user, round=self.round, bookings=bookings, is_proposal=self.is_proposal, at=clock.now()
            )
        except RowsRefused as refusal:
            for form in filled:
                if why := refusal.rows.get(form.row.school.pk):
                    form.refuse(form.names[0], why)
            return self.show(
                422, lines=forms, refused=[refusal.message, *(f"{f.row.school.name}: {e}" for f in filled for e in _sentences(f))]
            )
        except Refused as refusal:
            return self.show(422, lines=forms, refused=refusal.message)
        words = f"{plural(len(made), 'visit')} booked." if not self.is_proposal else f"Days are proposed to {plural(len(made), 'school')}."
        back = reverse("visits:round-book", args=[self.round.public_id]) if len(made) < len(forms) else self.round.get_absolute_url()
        query = f"?{request.GET.urlencode()}" if len(made) < len(forms) and request.GET else ""
        return self.go(back + query, words)


def _sentences(form: BookRowForm) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]


# ---------------------------------------------------------------- reminding


class RoundRemindView(StepForm, AboutRound):
    """Remind those SIPs who have schools that are not booked. The page says who will get what before anything is sent."""

    permission = P.ROUND_MANAGE
    template_name = "visits/round_remind.html"
    title = "Remind of visits not booked"
    submit = "Send the reminders"

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for tally in self.coverage.by_sip():
            names = [row.school.name for row in tally.rows if row.is_expected and row.stage == Stage.NONE]
            person = tally.rows[0].sip
            if names and person is not None:
                found.append({"person": person, "names": names, "gets": person.is_active and person.has_reminders})
        already = services.reminded_today(self.round, [line["person"] for line in found], self.today)
        for line in found:
            line["has_it"] = line["person"].pk in already
            line["gets"] = line["gets"] and not line["has_it"]
        return found

    def form(self, data: Any = None) -> Any:
        return None

    def context(self) -> dict[str, Any]:
        return {"lines": self.lines, "count": sum(1 for line in self.lines if line["gets"]), "back": self.round.get_absolute_url()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            told = services.remind_round(
                actor=self.user, coverage=self.coverage, advisers=[line["person"] for line in self.lines], at=clock.now()
            )
        except Refused as refusal:
            return self.show(422, form=None, refused=refusal.message)
        words = f"{plural(len(told), 'reminder')} sent." if told else "Nobody was written to: whoever is to be reminded has been today."
        return self.go(self.round.get_absolute_url(), words)
