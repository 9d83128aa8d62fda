"""The target round: schools with their dates, one school's grid, and the steps that each side takes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from core import audit, clock
from core.access import Refused, can, get_visible
from core.calendar import AcademicYear
from core.components.formats import day, plural, short_day
from core.components.forms import PortalForm
from core.tabular.columns import Column, Format, Kind
from core.tabular.reading import Limits, Unreadable, on_disk
from core.tabular.writing import export_response
from people.models import Authority
from people.packs import AuthorityPack, page_pack, require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page, chosen_authority
from schools.models import School
from schools.selectors import chair_of, contacts_on, head_of
from targets.choices import DECIDED, OPEN, Level, Signer, TargetState
from targets.models import Comparator, PupilSheet
from targets.pack import measures_of, targets_of
from targets.round_forms import (
    AnswerForm,
    DecideForm,
    IndicativeForm,
    LinesForm,
    PaperForm,
    ProposeForm,
    ReviseForm,
    RoundFilterForm,
    SettleForm,
)
from targets.selectors.targets import Line, RoundOfSchool, SchoolLine, return_rows, round_list, round_of, shown, worth
from targets.services import (
    answer_targets,
    decide_targets,
    issue_indicative,
    propose_targets,
    record_signature,
    revise_targets,
    settle_targets,
    sign_targets,
    submit_targets,
)

EXPORTS = ("csv", "xlsx")

# ---------------------------------------------------------------- all schools


class _Schools(Page):
    abstract = True
    permission = P.TARGET_VIEW

    @cached_property
    def pack(self) -> tuple[Authority, AuthorityPack] | None:
        authority, pack = page_pack(self.request, self.authority_id(), self.today)
        return (authority, pack) if authority is not None and pack is not None else None

    @cached_property
    def year(self) -> int:
        return AcademicYear.from_date(self.today).first

    @cached_property
    def schools(self) -> list[School]:
        rows = School.objects.visible_to(self.user).filter(authority_id=self.authority_id() or 0).select_related("authority", "cluster")
        return list(rows.order_by("name", "urn"))

    @cached_property
    def filter_form(self) -> RoundFilterForm:
        clusters = sorted(
            {(str(school.cluster_id), school.cluster.name) for school in self.schools if school.cluster}, key=lambda row: row[1]
        )
        phases = sorted({(school.phase, school.get_phase_display().capitalize()) for school in self.schools})
        return RoundFilterForm(self.request.GET, clusters=clusters, phases=phases)

    @cached_property
    def every_line(self) -> list[SchoolLine]:
        if self.pack is None:
            return []
        return round_list(self.user, self.pack[1].content, self.schools, self.year, self.today)

    @cached_property
    def lines(self) -> list[SchoolLine]:
        """The schools that set a statutory target."""
        return [line for line in self.every_line if line.stage != "none"]

    @property
    def filtered(self) -> list[SchoolLine]:
        form = self.filter_form
        asked = form.cleaned_data if form.is_valid() else {}
        only = {
            "late": lambda line: line.is_late,
            "challenged": lambda line: line.challenged,
            "apart": lambda line: line.apart,
            "flags": lambda line: line.flags,
            "support": lambda line: line.support,
        }.get(asked.get("only", ""))
        return [
            line
            for line in self.lines
            if (not asked.get("stage") or line.stage == asked["stage"])
            and (not asked.get("cluster") or str(line.school.cluster_id) == asked["cluster"])
            and (not asked.get("phase") or line.school.phase == asked["phase"])
            and (only is None or only(line))
        ]


class TargetListView(_Schools):
    """Every school of one's scope in this year's round: how far it has come, what is next for it and when, and who is late."""

    template_name = "targets/round_list.html"

    def context(self) -> dict[str, Any]:
        lines, shown_lines = self.lines, self.filtered
        part = targets_of(self.pack[1].content) if self.pack else None
        authority = self.pack[0] if self.pack else None
        return {
            "year": AcademicYear(self.year),
            "lines": shown_lines,
            "filter_form": self.filter_form,
            "total": plural(len(shown_lines), "school"),
            "agreed": sum(1 for line in lines if line.stage in ("decided", "signed", "submitted")),
            "signed": sum(1 for line in lines if line.stage in ("signed", "submitted")),
            "late": sum(1 for line in lines if line.is_late),
            "apart": sum(1 for line in lines if line.apart),
            "support": sum(1 for line in lines if line.support),
            "all": len(lines),
            "milestones": [(row.label, row.on(self.year)) for row in part.milestones] if part else [],
            "looked_after": _looked_after(authority, self.pack[1], self.year)
            if self.pack and can(self.user, P.RESULTS_VIEW, authority)
            else [],
            "may_indicate": can(self.user, P.TARGET_INDICATE, authority) if authority else False,
            "may_submit": can(self.user, P.TARGET_SUBMIT, authority) if authority else False,
            "may_remind": can(self.user, P.TARGET_REMIND, None),
            "may_compare": can(self.user, P.RESULTS_VIEW, authority) if authority else False,
            "query": self.request.GET.urlencode(),
        }


def _looked_after(authority: Authority | None, pack: AuthorityPack, year: int) -> list[tuple[str, int, str]]:
    """Targets for looked-after children: the authority's own, at its level only (domain.md §2). One query."""
    part, measures = targets_of(pack.content), {measure.code: measure for measure in measures_of(pack.content).measures}
    sets = [one for one in part.sets if one.level == "authority" and one.set_in_academic_year == year]
    if not sets:
        return []
    rows = Comparator.objects.filter(
        authority=authority,
        level=Level.TARGET,
        pupil_group__in={one.group for one in sets},
        academic_year__in={one.summer - 1 for one in sets},
        is_current=True,
    )
    held = {(row.measure, row.academic_year + 1): row for row in rows}
    found = []
    for one in sets:
        for code in one.measures:
            row = held.get((code, one.summer))
            found.append((measures[code].label, one.summer, shown(measures[code], row.value) if row else ""))
    return found


class TargetExportView(_Schools):
    """The targets of the schools that the list shows, one row a target, as CSV or a workbook."""

    COLUMNS: ClassVar = (
        "School", "URN", "Phase", "Cluster", "SIP", "How far", "Next date", "Measure", "Summer", "State",
        "Indicative", "Proposed", "Challenge", "Target", "Cohort", "Agreed", "Flags", "Reason", "Asks for support",
    )  # fmt: skip

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in EXPORTS:
            raise Http404("Not found.")
        rows = [
            (
                line.school.name, line.school.urn, line.school.get_phase_display(), line.school.cluster.name if line.school.cluster else "",
                line.sip.name if line.sip else "", line.tag[0], line.due_on, row.measure, row.summer, row.get_state_display(),
                row.indicative, row.proposed, row.challenge, row.value, row.cohort,
                {True: "agreed", False: "set without agreement"}.get(row.agreed, "") if row.agreed is not None else "",
                ", ".join(row.flags), row.rationale, row.needs_support,
            )
            for line in self.filtered
            for row in sorted(line.rows, key=lambda row: (row.summer, row.measure))
        ]  # fmt: skip
        audit.record(
            "target.exported", actor=self.user, at=clock.now(), subject=self.user, changes={"rows": len(rows), "kind": kwargs["kind"]}
        )
        return export_response(f"targets {AcademicYear(self.year)}", self.COLUMNS, rows, kwargs["kind"])


# ---------------------------------------------------------------- the authority's steps

INDICATIVE: Format = Format(
    "target-indicative",
    "a table of indicative targets",
    (
        Column("urn", "URN", Kind.INTEGER, required=True, filled=True),
        Column("measure", "Measure", required=True, filled=True, help="Code of the pack, as ks2.l4_en_ma."),
        Column("summer", "Summer", Kind.INTEGER, required=True, filled=True),
        Column("indicative", "Indicative", Kind.DECIMAL, required=True, filled=True, minimum=0, maximum=1000),
    ),
    limits=Limits(upload_bytes=8 << 20),
)


class TargetIndicativeView(FormPage):
    """Set the authority's indicative figures in bulk, from FFT D or from a file: all or nothing."""

    permission = P.TARGET_INDICATE
    template_name = "targets/indicative.html"
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.TARGET_INDICATE)

    def authority_id(self) -> int | None:
        return self.object.pk

    def form(self, data: Any = None) -> IndicativeForm:
        return IndicativeForm(data, self.request.FILES if data is not None else None)

    def context(self) -> dict[str, Any]:
        return {"year": AcademicYear.from_date(self.today)}

    def deed(self, form: IndicativeForm) -> HttpResponse:
        figures = self._read(form.cleaned_data["file"]) if form.cleaned_data["source"] == "file" else None
        year = AcademicYear.from_date(self.today).first
        count = issue_indicative(actor=self.user, authority=self.object, academic_year=year, figures=figures, at=clock.now())
        return self.go(reverse("targets:target-list"), f"{plural(count, 'indicative figure')} set.")

    def _read(self, sent: Any) -> dict[tuple[int, str, int], Decimal]:
        if sent.size > INDICATIVE.limits.upload_bytes:
            raise Refused("The file is larger than 8 MB.", field="file")
        try:
            with on_disk(sent) as file:
                reading = INDICATIVE.read(file, name=sent.name)
        except Unreadable as fault:
            raise Refused(str(fault), field="file") from None
        if reading.errors:
            first = reading.errors[0]
            raise Refused(
                f"Row {first.row}, {first.column}: {first.message} {plural(reading.error_count, 'row is,rows are')} wrong; nothing was set.",
                field="file",
            )
        urns = {row["urn"] for row in reading.rows}
        ids = dict(School.objects.visible_to(self.user).filter(authority=self.object, urn__in=urns).values_list("urn", "pk"))
        if strange := sorted(urns - set(ids)):
            raise Refused(f"No school of yours has the URN {strange[0]}. Nothing was set.", field="file")
        return {(ids[row["urn"]], row["measure"], row["summer"]): row["indicative"] for row in reading.rows}


class _Return(_Schools):
    abstract = True
    permission = P.TARGET_SUBMIT
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.TARGET_SUBMIT)

    def authority_id(self) -> int | None:
        return self.object.pk

    @cached_property
    def table(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        return return_rows(self.user, require_pack(self.object, self.today).content, self.schools, self.year)


class TargetReturnView(_Return):
    """The statutory return before it is sent: what is in it, what is missing, and the deed that submits it."""

    template_name = "targets/return.html"

    def context(self) -> dict[str, Any]:
        _, rows = self.table
        missing = [row for row in rows if row[9] == "not set"]
        return {
            "year": AcademicYear(self.year),
            "rows": len(rows),
            "set": sum(1 for row in rows if row[7] is not None),
            "apart": sum(1 for row in rows if row[9] == "set without agreement"),
            "missing": missing[:100],
            "missing_count": len(missing),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            count = submit_targets(actor=self.user, authority=self.object, academic_year=self.year, at=clock.now())
        except Refused as refusal:
            return self.show(status=422, refused=refusal.message)
        return self.go(reverse("targets:target-return"), f"{plural(count, 'target')} submitted.")


class TargetReturnExportView(_Return):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in EXPORTS:
            raise Http404("Not found.")
        columns, rows = self.table
        audit.record(
            "target.exported",
            actor=self.user,
            at=clock.now(),
            subject=self.object,
            authority=self.object,
            changes={"rows": len(rows), "kind": kwargs["kind"]},
        )
        return export_response(f"statutory targets {AcademicYear(self.year)}", columns, rows, kwargs["kind"])


# ---------------------------------------------------------------- one school


class SchoolRound(Page):
    """A page of one school's round. ``asked`` is what the person must be allowed at the school: 403 where they are not."""

    abstract = True
    object: School

    def get_object(self) -> School:
        schools = School.objects.select_related("authority", "cluster")
        return get_visible(schools, self.request.user, authority__code=self.kwargs["authority"], urn=self.kwargs["urn"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    def kind_of_school(self) -> str:
        return self.object.phase

    @property
    def year(self) -> int:
        return AcademicYear.from_date(self.today).first

    @cached_property
    def round(self) -> RoundOfSchool:
        found = round_of(self.user, self.object, self.year, self.today)
        if found is None:
            raise Http404("Not found.")
        return found

    def address(self, name: str) -> str:
        return reverse(f"targets:{name}", args=[self.object.authority.code, self.object.urn])


class TargetRoundView(SchoolRound):
    """One school: the grid, who has signed, what was said, and the next step of whoever looks."""

    permission = P.TARGET_VIEW
    template_name = "targets/round.html"

    def context(self) -> dict[str, Any]:
        found, school = self.round, self.object
        sheet = PupilSheet.objects.filter(school=school, academic_year=self.year).first()
        contacts = contacts_on([school.pk], self.today).get(school.pk, [])
        summers = found.summers
        statutory = [line for line in found.lines if line.of_set.is_statutory]
        return {
            "school": school,
            "round": found,
            "title": f"Targets for {max(summers)}: {school.name}" if summers else f"Targets: {school.name}",
            "lede": self._lede(found, worth(statutory or found.lines)),
            "steps": self._steps(found),
            "result_summer": next((line.result_summer for line in found.lines if line.result_summer), self.year),
            "outcomes": any(line.outcome for line in found.lines),
            "acts": self._acts(found, sheet),
            "signers": self._signers(found, contacts),
            "may_record": can(self.user, P.TARGET_RECORD_SIGNATURE, school)
            and len(found.signatures) < len(Signer)
            and found.stage == "decided",
            "sheet": sheet,
            "may_read_sheet": can(self.user, P.PUPIL_READ, sheet) if sheet else can(self.user, P.PUPIL_WRITE, school),
            "may_sum": can(self.user, P.PUPIL_SUMS, school),
            "apart": [
                (line, found.reason(line, "challenge"), found.reason(line, "set")) for line in found.lines if line.target.agreed is False
            ],
            "support": [line for line in found.lines if line.target.needs_support],
            "attachments": [
                one for one in targets_of(found.content).sets_for(school.phase, self.year) if one.needs_attachment and not one.measures
            ]
            if found.content
            else [],
        }

    def _lede(self, found: RoundOfSchool, worth_words: str) -> str:
        words = f"Set in autumn {self.year}"
        if worth_words:
            words += f" ({worth_words})"
        return f"{words}. Statutory date {day(found.deadline)}." if found.deadline else f"{words}."

    def _acts(self, found: RoundOfSchool, sheet: PupilSheet | None) -> list[tuple[str, str, bool]]:
        """What this person can do now: words, address, and whether it stands out."""
        school, user = self.object, self.user
        acts = []
        if can(user, P.TARGET_CHALLENGE, school) and found.in_states("proposed", "challenged"):
            acts.append(("Accept or challenge", self.address("target-answer")))
        if can(user, P.TARGET_PROPOSE, school) and found.in_states("indicative", "proposed", "challenged"):
            acts.append(("Propose targets", self.address("target-propose")))
        if can(user, P.TARGET_DECIDE, school) and found.in_states("accepted", "challenged"):
            acts.append(("Agree or set", self.address("target-decide")))
        if can(user, P.TARGET_PROPOSE, school) and found.in_states("agreed", "not_agreed", "submitted"):
            acts.append(("Revise a target", self.address("target-revise")))
        if can(user, P.TARGET_SETTLE, school):
            acts.append(("Take out of the round", self.address("target-settle")))
        return [(words, url, place == 0) for place, (words, url) in enumerate(acts)]

    def _signers(self, found: RoundOfSchool, contacts: Any) -> list[dict[str, Any]]:
        names = {Signer.HEAD.value: head_of(contacts), Signer.CHAIR.value: chair_of(contacts)}
        worn = {hat.value for hat in self.user.hats.at(self.object)}
        mine = {"headteacher": "head", "chair": "chair", "sip": "adviser"}
        is_ready = found.stage == "decided"
        rows = []
        for signature in targets_of(found.content).signatures if found.content else ():
            row = found.signatures.get(signature.role)
            contact = names.get(signature.role)
            rows.append(
                {
                    "role": Signer(signature.role),
                    "name": row.name if row else contact.name if contact else "",
                    "row": row,
                    "statement": signature.statement,
                    "may": not row and is_ready and mine[signature.role] in worn and can(self.user, P.TARGET_SIGN, self.object),
                }
            )
        return rows

    def _steps(self, found: RoundOfSchool) -> list[dict[str, str]]:
        first, stage = found.first_on, found.stage
        reached = (
            ["indicative", "challenged", "proposed", "accepted", "decided", "signed", "submitted"].index(stage) if stage != "none" else 0
        )
        count = sum(1 for line in found.lines if line.challenge)
        signed = len(found.signatures)
        agreed = "Agreed" + (f": {('none', 'one', 'two', 'three')[signed]} of three signed" if reached >= 4 else "")
        entries = [
            ("Indicative", first.get("indicate"), "authority", bool(first.get("indicate"))),
            ("Proposed", first.get("propose"), "by the school", bool(first.get("propose"))),
            ("Challenged" if count else "Accepted", first.get("challenge"), plural(count, "measure") if count else "", reached >= 3),
            (
                agreed,
                first.get("agree"),
                f"to sign by {short_day(found.sign_by, self.today)}" if found.sign_by and signed < 3 else "",
                reached >= 5,
            ),
            ("Submitted", first.get("submit"), f"by {short_day(found.deadline, self.today)}" if found.deadline else "", reached >= 6),
        ]
        steps, is_now = [], False
        for title, on, detail, is_done in entries:
            state = "done" if is_done else "" if is_now else "now"
            is_now = is_now or not is_done
            words = ", ".join(part for part in (short_day(on, self.today) if on else "", detail) if part)
            steps.append({"title": title, "detail": words, "state": state})
        return steps


class SchoolTargetsExportView(SchoolRound):
    """The grid of one school as a file."""

    permission = P.TARGET_VIEW
    COLUMNS: ClassVar = (
        "Set", "Measure", "Summer", "State", "Last result", "LA", "FFT B", "FFT D", "Indicative", "Proposed", "Challenge", "Target",
        "Pupils", "Cohort", "Sum of pupils", "Outcome", "Flags", "Reason",
    )  # fmt: skip

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in EXPORTS:
            raise Http404("Not found.")
        rows = [
            (
                line.of_set.label, line.measure.label, line.target.summer, line.tag[0], line.result, line.la, line.fft_b, line.fft_d,
                line.target.indicative, line.target.proposed, line.target.challenge, line.target.value, line.pupils, line.cohort,
                line.own_sum, line.outcome, ", ".join(flag.code for flag in line.flags), line.target.rationale,
            )
            for line in self.round.lines
        ]  # fmt: skip
        audit.record(
            "target.exported",
            actor=self.user,
            at=clock.now(),
            subject=self.object,
            school=self.object,
            changes={"rows": len(rows), "kind": kwargs["kind"]},
        )
        return export_response(f"targets {self.object.name}", self.COLUMNS, rows, kwargs["kind"])


class _Step(FormPage, SchoolRound):
    """One deed over the targets that are in a state for it."""

    abstract = True
    template_name = "targets/round_step.html"
    states: ClassVar[tuple[str, ...]] = ()
    form_class: ClassVar[type[LinesForm]]
    words: ClassVar[str] = ""
    lede: ClassVar[str] = ""
    button: ClassVar[str] = "Save"
    none: ClassVar[str] = ""

    @cached_property
    def lines(self) -> list[Line]:
        return self.round.in_states(*self.states)

    def form(self, data: Any = None) -> PortalForm:
        return self.form_class(data, lines=self.lines)

    def context(self) -> dict[str, Any]:
        return {
            "school": self.object, "words": self.words, "lede": self.lede, "button_words": self.button, "lines": self.lines,
            "back_url": self.address("target-round"), "none": self.none,
        }  # fmt: skip

    def service(self, form: LinesForm) -> Sequence[Any]:
        raise NotImplementedError

    def deed(self, form: LinesForm) -> HttpResponse:
        return self.go(self.address("target-round"), f"{plural(len(self.service(form)), 'target')} saved.")


class TargetProposeView(_Step):
    permission = P.TARGET_PROPOSE
    states = (TargetState.INDICATIVE, TargetState.PROPOSED, TargetState.CHALLENGED)
    form_class = ProposeForm
    words = "Propose targets"
    lede = "Work the figures up from the pupils you teach, then compare them with the estimates."
    none = "Nothing waits for a proposal. Revise a target that has been decided instead."

    def service(self, form: LinesForm) -> Sequence[Any]:
        return propose_targets(actor=self.user, school=self.object, academic_year=self.year, rows=form.rows, at=clock.now())


class TargetAnswerView(_Step):
    permission = P.TARGET_CHALLENGE
    states = (TargetState.PROPOSED, TargetState.CHALLENGED)
    form_class = AnswerForm
    words = "Accept or challenge"
    lede = "A challenge names the figure that you ask for, why, and the evidence. The school sees all three."
    none = "The school has proposed nothing that waits for an answer."

    def service(self, form: LinesForm) -> Sequence[Any]:
        return answer_targets(actor=self.user, school=self.object, academic_year=self.year, rows=form.rows, at=clock.now())


class TargetDecideView(_Step):
    permission = P.TARGET_DECIDE
    states = (TargetState.ACCEPTED, TargetState.CHALLENGED)
    form_class = DecideForm
    words = "Agree, or set without agreement"
    lede = "Where the governing body keeps its own figure it stands, with both sides’ reasons beside it."
    none = "Nothing waits for a decision: targets are decided once they have been accepted or challenged."

    def service(self, form: LinesForm) -> Sequence[Any]:
        return decide_targets(actor=self.user, school=self.object, academic_year=self.year, rows=form.rows, at=clock.now())


class TargetReviseView(_Step):
    permission = P.TARGET_PROPOSE
    states = (*DECIDED, TargetState.SUBMITTED)
    form_class = ReviseForm
    words = "Revise a target"
    lede = "It goes round again, and the signatures so far are void. Leave the others empty."
    none = "No target has been decided yet."

    def service(self, form: LinesForm) -> Sequence[Any]:
        return revise_targets(actor=self.user, school=self.object, academic_year=self.year, rows=form.rows, at=clock.now())


class TargetSettleView(_Step):
    permission = P.TARGET_SETTLE
    states = tuple(state for state in TargetState if state != TargetState.SUBMITTED)
    words = "Take targets out of the round"
    lede = "Or back into it. The reason is kept with each."

    def form(self, data: Any = None) -> SettleForm:
        return SettleForm(data, lines=self.lines)

    def deed(self, form: Any) -> HttpResponse:
        done = settle_targets(actor=self.user, school=self.object, academic_year=self.year, at=clock.now(), **form.cleaned_data)
        return self.go(self.address("target-round"), f"{plural(len(done), 'target')} saved.")


class TargetSignView(Deed, SchoolRound):
    """Sign in the portal, as what one is at the school."""

    permission = P.TARGET_SIGN
    http_method_names = ("post",)

    def deed(self) -> str:
        sign_targets(actor=self.user, school=self.object, academic_year=self.year, at=clock.now())
        return "Signed."

    def back(self) -> str:
        return self.address("target-round")


class TargetPaperView(_Step):
    """Record what was signed on paper."""

    permission = P.TARGET_RECORD_SIGNATURE
    states = OPEN + DECIDED
    words = "Record a signature on paper"
    lede = "Say whose signature you have seen, and its date. Your name stands beside it."

    def form(self, data: Any = None) -> PaperForm:
        return PaperForm(data)

    def deed(self, form: Any) -> HttpResponse:
        record_signature(actor=self.user, school=self.object, academic_year=self.year, at=clock.now(), **form.cleaned_data)
        return self.go(self.address("target-round"), "The signature is recorded.")
