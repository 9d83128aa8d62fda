"""Payloads of records: a full one (Marlpit, autumn 2008), a bare one and a very long one. All fictional."""

from __future__ import annotations

import copy
from typing import Any

DIGEST = "a3f941c70be25d1877f0c6a49e31b2d5a3f941c70be25d1877f0c6a49e31b2d5"

SCHOOL_VIEW = "Good. The system has been in place for two terms & was praised by the mathematics consultant in June. All classes will have plans by half-term."
SCHOOL_WORDS = "Accurate, and fair. We differ on section 6 <and say so there>. It’s our view that “uneven” undersells Years 3, 4 & 6."
HALF_PAGE = (
    "We are a one-form-entry school and every member of staff holds two roles.\n"
    "That is not an excuse; it is why we ask for eight consultant days.\n\n"
    "Governors would want readers to know that 94% of parents who answered our survey in June said their child is happy here."
)


def text(*parts: str) -> dict[str, Any]:
    return {"kind": "text", "text": "\n\n".join(parts)}


def judgement(area: str, label: str, sip: int | None, school: int | None, evidence: str, descriptor: str = "") -> dict[str, Any]:
    words = {1: "outstanding", 2: "good", 3: "satisfactory", 4: "inadequate", None: ""}
    return {
        "kind": "judgement", "area": area, "label": label, "sip": sip, "sip_label": words[sip], "school": school,
        "school_label": words[school], "evidence": evidence, "descriptor": descriptor,
    }  # fmt: skip


def target(
    measure: str, label: str, previous: str, estimate: str | None, figure: str, rationale: str, agreed: bool | None = True
) -> dict[str, Any]:
    return {
        "measure": measure, "label": label, "unit": "%", "previous": previous, "estimate": estimate, "target": figure, "agreed": agreed,
        "rationale": rationale,
    }  # fmt: skip


def action(number: int, words: str, owner: str, due_on: str, success: str, carried: bool = False) -> dict[str, Any]:
    return {"number": number, "text": words, "owner": owner, "due_on": due_on, "success": success, "carried": carried}


def dataset(label: str, version: str, studied_on: str | None = "2008-10-07", expected: str = "") -> dict[str, Any]:
    state = "studied" if studied_on else "not_available"
    return {"label": label, "version": version, "studied_on": studied_on, "state": state, "expected": expected}


def _sections() -> list[dict[str, Any]]:
    found: list[tuple[str, str, list[dict[str, Any]]]] = [
        ("summary", "Summary for governors", [
            text(
                "Marlpit is a caring and orderly school in which too few pupils leave ready for secondary school. Leaders know this, and since Easter have begun to act on it with more precision.",
                "Results have fallen for four years. In 2008, 15 of 29 pupils (52%) reached level 4 in both English and mathematics, below the new floor of 55%. The main cause is slow progress in mathematics in Years 3 and 4. Pupil progress meetings, introduced in April, are starting to change this: in the two classes where they are established, two in three pupils are now where they should be. The 2009 target is within reach but is two pupils short. Targets agreed for 2010 are ambitious and fair.",
            ),
        ]),
        ("actions_review", "Impact of actions agreed earlier", [
            judgement("impact", "Impact of agreed actions", 3, 3, "Two of four actions complete; one has raised attainment."),
            text("Leaders have done most of what was agreed in July. The action that changed teaching has helped pupils; those that changed documents have not yet."),
            {"kind": "actions_review", "rows": [
                {"text": "Pupil progress meetings every half-term in Years 3 and 4", "agreed_on": "2008-07-03", "owner": "Headteacher", "due_on": "2008-09-30", "status": "met", "status_label": "Met", "evidence": "Minutes of three rounds.", "impact": "Pupils at the expected level in mathematics rose from 31 of 58 in April to 39 of 58 in September (53% to 67%).",
                 "progress": [{"on": "2008-09-22", "by": "Jonathan Prewett", "text": "Third round held; minutes are on the shared drive."}]},
                {"text": "Mark mathematics so that pupils know their next step", "agreed_on": "2008-07-03", "owner": "Mathematics leader", "due_on": "2008-10-01", "status": "partly", "status_label": "Partly met", "evidence": "22 books sampled: next steps in 14, pupils’ response in 6.", "impact": "Not yet visible in Year 5, where few pupils correct their work.", "progress": []},
                {"text": "Rewrite the assessment policy", "agreed_on": "2008-07-03", "owner": "Assessment leader", "due_on": "2008-07-18", "status": "met", "status_label": "Met", "evidence": "Policy adopted on 15 July.", "impact": "None can be claimed yet.", "progress": []},
                {"text": "Governors to receive progress data each term", "agreed_on": "2008-07-03", "owner": "Headteacher", "due_on": "2008-11-06", "status": "not_met", "status_label": "Not met", "evidence": "First report is due to the committee on 6 November. Carried forward as action 4.", "impact": "", "progress": []},
            ]},
        ]),
        ("standards", "Standards and progress", [
            judgement("standards", "Standards and progress", 3, 3, "16 of 27 are on track against a target of 18. Absence stood at 6.1% in 2007/08 against 5.8% in similar schools.", "Pupils’ progress is at least in line with that of similar pupils in most subjects and year groups."),
            text(
                "The combined target for 2009 is two pupils away, and the school can say which two kinds of gap must close.",
                "The target is 18 of 27 pupils (67%). In September 16 were on track (59%). Of the 11 who were not, four are secure in English and within two sub-levels in mathematics; a fifth is the reverse. Small-group teaching for these five began on 22 September, taught by the deputy headteacher. Attendance is the risk: two of the five missed more than one session in ten last year.",
            ),
        ]),
        ("tracking", "Setting targets, tracking pupils and acting on underachievement", [
            judgement("tracking", "Target setting, tracking and action", 3, 2, "Tracking is accurate; action follows it in three classes of seven. Teacher assessment in Year 6 was within one sub-level of the test result for 25 of 29 pupils.", "Tracking is accurate, but what follows from it is uneven between classes or year groups."),
            text(
                "The school’s data are accurate and its diagnosis is right. What follows from the diagnosis is uneven.",
                "The assessment leader can show, pupil by pupil, who has slipped and when. In Years 3, 4 and 6 each of those pupils has a named response with a date. In the other four classes the same pupils are coloured amber on the sheet and nothing further is planned.",
                "Challenge centred on the nine pupils who entered key stage 2 at level 2B in mathematics: four left at level 4, or 44%, against 78% nationally. The headteacher accepted that expectations had followed what the class reached before, not what such pupils reach elsewhere.",
            ),
        ]),
        ("targets_next", "Targets for 2010", [
            text(
                "The targets ask for better progress than similar pupils usually make, and every shortfall against an estimate has a reason on record.",
                "The proposal brought to the meeting was 63% in both subjects, equal to FFT B. It was challenged with the conversion table: at the national rate for their key stage 1 levels, two more of the 30 pupils should reach level 4. The school agreed to 70%; one pupil is 3.3 points.",
            ),
            {"kind": "targets", "rows": [
                target("ks2.l4_en_ma", "Level 4+ in both English and mathematics", "52", "70", "70", "2008 was below the 55% floor; the target is at FFT D."),
                target("ks2.2l_en", "Two levels of progress, English", "76", "87", "87", ""),
                target("ks2.2l_ma", "Two levels of progress, mathematics", "69", "83", "80", "Below FFT D by one pupil, new in July, with no key stage 1 record."),
                target("absence", "Total absence, 2009/10", "6.1", None, "5.6", "Better than similar schools (5.8%)."),
                target("ks2.l5_en", "Level 5+ English", "18", "23", "20", "The school holds that three pupils’ estimates rest on one test.", None),
            ]},
        ]),
        ("leadership", "Leadership, management and capacity to improve", [
            judgement("leadership", "Leadership and management", 3, 3, "Secure on diagnosis; governors’ challenge is recent."),
            judgement("capacity", "Capacity to improve", 3, 2, "One action has raised attainment. Roles below the headteacher are thin: the mathematics leader has observed two lessons since January.", "Leaders have acted with success at least once, and have yet to show that they can do so across the school."),
            text(
                "Capacity is satisfactory and rising: leaders see clearly, have acted once with success, and have yet to show they can repeat it across the school.",
                "The self-evaluation form is frank. Section 3 was updated on 1 October with the 2008 results. Of 11 judgements tested against evidence, nine are sound; “achievement” and “leadership” each lean on intentions.",
            ),
        ]),
        ("interventions", "External interventions: impact and value for money", [
            text(
                "One of three interventions earns its cost. The largest has not been evaluated.",
                "The school spent £25,200 on three interventions in 2007/08. Asked what pupils would have gained without them, leaders could answer for only one. The comparison below was made on the visit, from the school’s own tracking.",
            ),
            {"kind": "interventions", "rows": [
                {"name": "Reading support, Year 1, taught daily by a trained teacher", "origin_label": "The school’s own", "started_on": "2007-09-10", "cost": 940000, "days": None, "impact": "Average gain of 15 months in five; five of six reached level 2 in reading.", "value": "Good. Continue."},
                {"name": "Mathematics catch-up groups, Years 3 to 5", "origin_label": "The school’s own", "started_on": "2008-01-07", "cost": 1420050, "days": None, "impact": "Not measured. Of 34 pupils, 11 gained two sub-levels; 12 of 34 similar pupils outside the groups did the same.", "value": "Not shown. Evaluate by 12 December, then decide (action 3)."},
                {"name": "National programme for teaching writing", "origin_label": "National strategy", "started_on": None, "cost": None, "days": 16, "impact": "Year 4 writing up from 55% to 62% at the expected level; no change in Year 3.", "value": "Satisfactory. Extend only to Year 3, with coaching."},
            ]},
        ]),
        ("cohesion", "Community cohesion", [
            text("Work on community cohesion is strong within the school and the locality; the wider dimensions are planned but not begun."),
            {"kind": "cohesion", "rows": [
                {"dimension": "The school", "text": "Pupils of every background play and work together; the school council chose the reading buddies scheme."},
                {"dimension": "The locality", "text": "The link with the supplementary school has raised attendance among the families it reaches."},
                {"dimension": "The United Kingdom", "text": "Planned with a school in a different setting for the spring term."},
                {"dimension": "The world", "text": "Not begun."},
            ]},
        ]),
        ("category", "Level of support", [
            {"kind": "category", "current": "Standard", "proposed": "additional", "label": "Additional support",
             "criteria": "52% at level 4 or above in both subjects, below the floor of 55%.\nFalling in each of the last three years: 60, 57, 53, 52.\nSatisfactory inspection with capacity to improve only satisfactory, March 2007.",
             "reasons": "The school knows where the gap in mathematics lies but does not yet have the subject leadership to close it alone. Intensive support is not proposed: leadership is secure on diagnosis and one action has already raised attainment.",
             "panel_on": "2008-11-27"},
        ]),
        ("differences", "Differences of view", [
            {"kind": "differences", "declared_none": False, "rows": [
                {"topic": "The quality of target setting, tracking and action", "sip_view": "Satisfactory. Four classes of seven had no planned response for pupils identified as falling behind.", "sip_evidence": "Tracking sheets for seven classes; conversion from level 2B.", "school_view": SCHOOL_VIEW, "school_evidence": "Consultant’s report, 12 June; plans for Years 3, 4 and 6.", "settle": "A joint scrutiny of all seven classes’ plans on the spring visit."},
            ]},
        ]),
        ("actions_new", "Actions agreed", [
            {"kind": "actions", "rows": [
                action(1, "Extend pupil progress meetings to all seven classes, with a dated response for every pupil behind", "Headteacher", "2008-11-28", "Every amber pupil has a response, and 70% are back on track by the end of March"),
                action(2, "Teach mathematics in Years 3 to 5 from level 2B upwards to the national conversion rate", "Mathematics leader", "2009-04-03", "At least 20 of 30 in Year 5 at 3B or above in the spring assessment"),
                action(3, "Evaluate the catch-up groups against pupils not in them; keep, change or stop", "Deputy headteacher", "2008-12-12", "Governors decide on evidence of gain and cost for each pupil"),
                action(4, "Report progress and attendance to governors each term, beside the use of reserves", "Headteacher, chair", "2008-11-06", "Minutes show questions asked and a decision that follows from them", carried=True),
                action(5, "Broker a mathematics consultant for eight days from January", "SIP", "2008-11-21", "Package agreed with the school; impact reviewed at day four"),
            ]},
        ]),
        ("datasets", "Data considered", [
            {"kind": "datasets", "rows": [
                dataset("SIP summary sheet", "Issue 2, 29 September 2008"),
                dataset("Making Figures Speak, key stage 2", "September 2008, provisional"),
                dataset("FFT estimates, Years 4 to 6", "26 September 2008"),
                dataset("Indicative targets for 2010", "22 September 2008", "2008-10-09"),
                dataset("RAISEonline, key stage 2", "2008", None, "expected in December; the 2007 report was used"),
                dataset("School tracking and attendance", "Week ending 3 October 2008", "2008-10-09"),
            ]},
        ]),
    ]  # fmt: skip
    comments = {
        "standards": [
            {"by": "Jonathan Prewett", "role": "headteacher", "on": "2008-10-21", "kind": "inaccurate",
             "text": "The draft gave absence in 2007/08 as 6.4%. It was 6.1%.",
             "answer": {"by": "Margaret Hollis", "on": "2008-10-22", "text": "Corrected. Thank you: 6.4% was the half-year figure."}},
        ],
        "interventions": [
            {"by": "Jonathan Prewett", "role": "headteacher", "on": "2008-10-21", "kind": "comment",
             "text": "We know the catch-up groups have not been measured.\nThe new provision map will do it from January.", "answer": None},
        ],
    }  # fmt: skip
    return [
        {"number": number, "code": code, "title": title, "shared": False, "blocks": blocks, "comments": comments.get(code, [])}
        for number, (code, title, blocks) in enumerate(found, start=1)
    ]


def record_payload(kind: str = "final", **changes: Any) -> dict[str, Any]:
    """A full payload. ``changes`` replaces top-level keys; ``kind="release"`` gives the draft sent out for accuracy."""
    final = kind == "final"
    payload: dict[str, Any] = {
        "format": 1,
        "note": {"id": "7k2m9p4q1r8s5t3v6w0x", "reference": "2008/0417", "version": 1, "kind": kind, "title": "Autumn pupil review", "academic_year": "2008/09"},
        "authority": {
            "name": "Wealdshire County Council", "code": "999", "directorate": "Children, Families and Education", "service": "School Improvement",
            "brand": "#14505c", "address": "County Hall, Wealdhurst WD1 1AA", "telephone": "01632 960100", "email": "sip@wealdshire.example",
            "website": "https://www.wealdshire.example/schools",
        },
        "words": {
            "note": "Note of Visit", "sip": "School Improvement Partner", "sip_short": "SIP", "head": "headteacher", "chair": "chair of governors",
            "category": "support category",
        },
        "school": {
            "name": "Marlpit Primary School", "urn": "990147", "dfe_number": "999/2147", "phase": "Primary", "ages": "4 to 11", "roll": 204,
            "roll_on": "2008-01-17", "cluster": "Marlbridge", "head": {"title": "Headteacher", "name": "Jonathan Prewett"},
            "chair": {"title": "Chair of governors", "name": "Sandra Okafor"},
            "facts": [
                {"label": "Last inspection", "value": "March 2007, satisfactory"}, {"label": "Support category", "value": "Standard"},
            ],
        },
        "visit": {
            "on": "2008-10-09", "from": "09:00", "to": "12:30", "type": "autumn", "type_label": "Autumn visit: pupil review",
            "lead": {"name": "Margaret Hollis", "role": "School Improvement Partner"}, "second": None, "observers": ["Daniel Hale, SIP in training"],
            "met": ["Headteacher", "Assessment leader", "Chair of governors (from 11:30am)"], "days": {"preparation": 2, "in_school": 4, "writing": 1},
            "purposes": ["To review the impact of actions agreed earlier", "To review progress towards the 2009 targets", "To agree targets for 2010"],
            "next": "Week of 2 February 2009", "other_schools": [],
        },
        "sections": _sections(),
        "school_half_page": {"by": "Jonathan Prewett", "on": "2008-10-21", "text": HALF_PAGE} if final else None,
        "response": {
            "accuracy": "accurate", "agreement": "differ", "by": "Jonathan Prewett", "role": "Headteacher", "on": "2008-10-22", "words": SCHOOL_WORDS,
            "silence": None,
        } if final else None,
        "corrections": [],
        "frozen": {
            "category": {"label": "Standard", "since": "2007-12-01", "source": "Panel of 27 November 2007"},
            "flags": [{"label": "Uncommitted reserves above 8%", "value": "9.1%", "source": "Outturn 2007/08"}],
        },
        "distribution": [
            {"name": "Jonathan Prewett", "role": "Headteacher", "organisation": "Marlpit Primary School", "at": "2008-10-23T15:06:00+01:00", "state": "delivered"},
            {"name": "Sandra Okafor", "role": "Chair of governors", "organisation": "Marlpit Primary School", "at": None, "state": "to be sent"},
            {"name": "School Improvement", "role": "For the file", "organisation": "Wealdshire County Council", "at": None, "state": "to be sent"},
        ],
        "signatures": [
            {"role": "School Improvement Partner", "name": "Margaret Hollis", "lines": ["Written 14 October 2008", "Finalised 23 October 2008, 3:04pm"]},
            {"role": "Headteacher", "name": "Jonathan Prewett", "lines": ["Accepted as accurate 22 October 2008, with one difference of view (section 10)"]},
            {"role": "For the authority", "name": "Helen Marlowe", "lines": ["SIP manager", "Approved 16 October 2008"]},
        ],
        "dates": {"written_on": "2008-10-14", "released_at": "2008-10-16T10:12:00+01:00", "finalised_at": "2008-10-23T15:04:00+01:00" if final else None},
    }  # fmt: skip
    if not final:
        payload["distribution"] = payload["distribution"][:1]
        payload["signatures"] = payload["signatures"][:1]
        payload["signatures"][0]["lines"] = ["Written 14 October 2008"]
        for section in payload["sections"]:
            section["comments"] = []
    return copy.deepcopy(payload) | changes


def bare_payload() -> dict[str, Any]:
    """Every optional part empty: a final note of one section with nothing but a declared absence of difference."""
    payload = record_payload()
    payload["school"] |= {
        "dfe_number": "",
        "phase": "",
        "ages": "",
        "roll": None,
        "roll_on": None,
        "cluster": "",
        "head": None,
        "chair": None,
        "facts": [],
    }
    payload["authority"] |= {"directorate": "", "service": "", "address": "", "telephone": "", "email": "", "website": ""}
    payload["visit"] |= {
        "from": None,
        "to": None,
        "observers": [],
        "met": [],
        "purposes": [],
        "next": None,
        "days": {"preparation": 0, "in_school": 2, "writing": 0},
    }
    empty = [{"kind": kind, "rows": []} for kind in ("actions_review", "actions", "targets", "interventions", "datasets", "cohesion")]
    payload["sections"] = [
        {"number": 1, "code": "context", "title": "The school", "shared": False, "comments": [], "blocks": [
            text(""), judgement("teaching", "Teaching", None, None, ""),
            {"kind": "category", "current": None, "proposed": None, "label": None, "criteria": "", "reasons": "", "panel_on": None},
            {"kind": "differences", "declared_none": True, "rows": []}, *empty,
        ]},
    ]  # fmt: skip
    return payload | {
        "school_half_page": None, "response": {"accuracy": "none", "agreement": "none", "by": None, "role": None, "on": None, "words": "", "silence": "The school did not comment by 6 November 2008"},
        "frozen": {"category": None, "flags": []}, "distribution": [], "signatures": [],
    }  # fmt: skip


def long_payload() -> dict[str, Any]:
    """A note of some twenty pages: very long paragraphs, tables over two pages, many comments."""
    payload = record_payload()
    sentence = (
        "The books of the most able in Year 5 show correct but brief work, and the pupils themselves say that they seldom write at length. "
    )
    for section in payload["sections"]:
        for block in section["blocks"]:
            if block["kind"] == "text":
                block["text"] += "\n\n" + "\n\n".join([sentence * 14] * 2)
            elif block["kind"] in ("actions", "interventions", "targets", "datasets", "actions_review"):
                block["rows"] = [
                    dict(row, number=count) if "number" in row else dict(row) for count, row in enumerate(block["rows"] * 9, start=1)
                ]
    payload["sections"][3]["comments"] = [
        {
            "by": "Jonathan Prewett",
            "role": "headteacher",
            "on": "2008-10-21",
            "kind": "comment",
            "text": sentence * 8,
            "answer": {"by": "Margaret Hollis", "on": "2008-10-22", "text": sentence * 4},
        }
    ] * 3
    payload["sections"][9]["blocks"][0]["rows"] = [
        dict(row, school_view=sentence * 12) for row in payload["sections"][9]["blocks"][0]["rows"] * 3
    ]
    return payload
