"""The two source briefings, slide by slide: what each line says in ours, where it comes from, and its figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

ROWS, PACK = "rows", "pack"
EITHER = ""
"""The pack's words, or the rows' where there are any: how many schools say so, the agenda of a briefing, a date that is planned."""
ISSUES = (136, 126, 98, 87, 67, 64, 64, 55, 55, 51)

# slide of the source · code of ours · words that it says · where from · how many rows, where the slide gives a figure
PRIMARY: tuple[tuple[str, str, str, str, int | None], ...] = (
    ("P1", "title", "critical, professional friend", PACK, None),
    ("P2", "judgement", "July 2008: outstanding", ROWS, 1),
    ("P3", "agenda", "Introduction", EITHER, None),
    ("P3", "agenda", "SIP manager's update", EITHER, None),
    ("P3", "agenda", "Preparation for the autumn visit", EITHER, None),
    ("P3", "agenda", "theme day on schools causing concern", EITHER, None),
    ("P3", "agenda", "use of challenging questions", EITHER, None),
    ("P3", "agenda", "Ofsted update", EITHER, None),
    ("P3", "agenda", "Quality assurance arrangements", EITHER, None),
    ("P3", "agenda", "Primary strategy update", EITHER, None),
    ("P4", "preparation", "Study all of these", PACK, None),
    ("P4", "preparation", "SIP summary sheet", PACK, None),
    ("P4", "preparation", "Making Figures Speak: Foundation Stage", PACK, None),
    ("P4", "preparation", "Making Figures Speak: Key Stage 1", PACK, None),
    ("P4", "preparation", "Making Figures Speak: Key Stage 2", PACK, None),
    ("P4", "preparation", "FFT pupil estimates for the current Years 4, 5 and 6", PACK, None),
    ("P4", "preparation", "FFT school summary sheets for Years 4, 5 and 6", PACK, None),
    ("P4", "preparation", "Indicative targets for 2010", PACK, None),
    ("P4", "preparation", "RAISEonline", PACK, None),
    ("P5", "headlines-fs", "second year in succession in 12 out of 13 aspects", ROWS, 3900),
    ("P5", "headlines-fs", "exceeded by 3.9 points", ROWS, 200),
    ("P5", "headlines-fs", "the remainder has narrowed by", ROWS, None),
    ("P6", "headlines-ks1", "Best ever results", ROWS, None),
    ("P6", "headlines-ks1", "Now at the national standard for level 2", ROWS, 2100),
    ("P6", "headlines-ks1", "now above it for level 3", ROWS, 2100),
    ("P7", "headlines-ks2", "Best ever results at level 4 and above in English", ROWS, None),
    ("P7", "headlines-ks2", "At level 4 and above the gap to England closed", ROWS, None),
    ("P7", "headlines-ks2", "level 5 the gap to England closed", ROWS, None),
    ("P7", "headlines-ks2", "Another 21 schools achieved the floor target in English", ROWS, None),
    ("P7", "headlines-ks2", "Another 30 schools achieved the floor target in mathematics", ROWS, None),
    ("P8", "raise-online", "three-year averages of contextual value added", PACK, None),
    ("P8", "raise-online", "55% of pupils at level 4", PACK, None),
    ("P9", "visit-purposes", "impact of actions agreed earlier", PACK, None),
    ("P9", "visit-purposes", "self-evaluation of how well it sets targets", PACK, None),
    ("P9", "visit-purposes", "progress towards the 2009 targets", PACK, None),
    ("P9", "visit-purposes", "To agree targets for 2010", PACK, None),
    ("P9", "visit-purposes", "criteria that place the school at a level of support", PACK, None),
    ("P11", "targets-next", "level 4 or above in both English and mathematics, summer 2010", PACK, None),
    ("P11", "targets-next", "English: two levels of progress, summer 2010", PACK, None),
    ("P11", "targets-next", "mathematics: two levels of progress, summer 2010", PACK, None),
    ("P11", "targets-next", "Total absence, 2009/10", PACK, None),
    ("P11", "targets-next", "Key Stage 2, summer 2010: level 4 or above in English, mathematics and science", PACK, None),
    ("P11", "targets-next", "Key Stage 1, summer 2009: level 2 or above in reading, writing, mathematics and science", PACK, None),
    ("P13", "concern-summary", "close analysis of data, SIPs, additional intelligence of the authority and external inspection", PACK, None),
    ("P13", "concern-summary", "Low attaining", ROWS, 1),
    ("P13", "concern-summary", "Underperforming", ROWS, 1),
    ("P13", "concern-summary", "Low attaining and underperforming", ROWS, 1),
    ("P13", "concern-summary", "Inadequate: special measures", ROWS, 1),
    ("P13", "concern-summary", "Other vulnerable school", ROWS, 1),
    *(("P14", "concern-elements", text, PACK, None) for text in (
        "School improvement cycle", "Single plan for raising attainment", "Tracking", "Pupil progress meetings",
        "Explicit focus on learning and teaching", "Systematic whole-school",
    )),
    *(("P15", "tracking", text, PACK, None) for text in (
        "High-quality data", "progress at every level", "assessment for learning", "individual pupils' learning", "impact of actions",
        "Everyone in the school accountable",
    )),
    ("P21", "inspection-outcomes", "Good", ROWS, 450),
    *(("P22", "key-issues", text, ROWS, count) for text, count in zip((
        "Improve teachers' marking", "Raise standards in writing", "Raise standards in mathematics", "quality of teaching",
        "more able pupils", "Raise standards in science", "more challenging work", "monitor more rigorously", "Better use of assessment",
        "tracking pupils' progress",
    ), ISSUES, strict=True)),
    ("P24", "priorities", "Not inspected since September 2005", ROWS, 0),
    ("P24", "priorities", "Inspected early, during 2005/06", ROWS, 118),
    ("P24", "priorities", "capacity to improve only satisfactory", ROWS, None),
    ("P24", "priorities", "In a category at some point in the cycle", ROWS, None),
    ("P24", "priorities", "Low CVA, declining performance, or both", ROWS, None),
    ("P24", "priorities", "floor of 55%, and not inspected within two years, or not improving, or declining", ROWS, None),
    ("P25", "readiness", "revised template", EITHER, None),
    ("P25", "readiness", "community cohesion", EITHER, None),
    ("P25", "readiness", "Early Years Foundation Stage", EITHER, None),
    ("P25", "readiness", "evaluation schedule", PACK, None),
    ("P25", "readiness", "Section 3 holds the 2008 Key Stage 2 data", EITHER, None),
    ("P25", "readiness", "ready for its inspection", PACK, None),
    *(("P26", "cohesion", text, PACK, None) for text in ("common vision", "appreciated and valued", "Similar chances", "positive relationships")),
    *(("P27", "cohesion-dimensions", text, PACK, None) for text in ("The school community", "is located", "Britain", "global community")),
    ("P28", "qa-arrangements", "Every new SIP has a mentor", PACK, None),
    ("P28", "qa-arrangements", "by the line manager", PACK, None),
    ("P28", "qa-arrangements", "one assigned person", PACK, None),
    ("P28", "qa-arrangements", "shadowed on a visit by the end of spring 2009", PACK, None),
    ("P28", "qa-arrangements", "Shadowed so far", ROWS, None),
    *(("P29", "strengths", text, ROWS, 6 - place) for place, text in enumerate((
        "Positive working relationships", "well prepared", "good knowledge and understanding", "all followed up", "Purposeful discussion",
    ))),
    *(("P30", "areas", text, ROWS, 6 - place) for place, text in enumerate((
        "value for money", "Balance between support and challenge", "guidance",
    ))),
    ("P31", "commissioning", "Improving Schools Programme", PACK, None),
    ("P33", "evaluation", "evaluation form", PACK, None),
)  # fmt: skip

SECONDARY: tuple[tuple[str, str, str, str, int | None], ...] = (
    *(("S2", "agenda", text, EITHER, None) for text in (
        "impact of the programme", "reporting to headteachers and governors", "practice in other authorities", "Questions for our visitor",
        "next year's visits", "criteria for support", "school finances", "Brokering", "training",
    )),
    ("S3", "judgement", "pupils with learning difficulties", ROWS, 1),
    ("S6", "national-challenge", "31 secondary schools", ROWS, 31),
    ("S6", "national-challenge", "5 to 20 days", PACK, None),
    ("S6", "national-challenge", "1 November 2008", PACK, None),
    ("S6", "national-challenge", "drawn down from National Challenge funding", PACK, None),
    ("S6", "national-challenge", "on line, straight to the department", PACK, None),
    ("S6", "national-challenge", "regionally, in London", PACK, None),
    ("S7", "criteria", "draft for SIPs", PACK, None),
    ("S7", "criteria", "decide where it would fall", PACK, None),
    ("S8", "finance-reserves", "increased by 7.2% to £67.6m", ROWS, 1150),
    ("S8", "finance-reserves", "take back 5%", PACK, None),
    ("S8", "finance-reserves", "£28.1m in uncommitted", ROWS, 575),
    ("S8", "finance-reserves", "92 schools (16%)", ROWS, 92),
    ("S8", "finance-reserves", "294 schools (51%)", ROWS, 294),
    ("S9", "finance-forecast", "More schools than before", PACK, None),
    ("S9", "finance-forecast", "10 schools forecast a deficit in 2008/09, £0.6m", ROWS, 10),
    ("S10", "finance-forecast", "42 schools forecast a deficit in 2009/10, £2.9m", ROWS, 42),
    ("S10", "finance-forecast", "64 schools forecast a deficit in 2010/11, £7.8m", ROWS, 64),
    ("S10", "finance-forecast", "high reserves in each of five years", PACK, None),
    ("S10", "finance-reserves", "About 60 schools", ROWS, 300),
    *(("S11", "finance-issues", text, PACK, None) for text in (
        "did not connect the balance", "revenue into capital", "may be in deficit later", "limits on balances", "more training",
    )),
    *(("S12", "directory", text, PACK, None) for text in ("one policy", "clear about what a SIP does", "up-to-date directory on line")),
    *(("S14", "workshops", text, EITHER, None) for text in (
        "educational initiatives", "Financial health", "14 to 19", "Models of governance", "EPM", "Finance", "Diploma update", "GATE",
        "Community cohesion", "Ofsted", "performance management (for new SIPs)", "Stretching", "diploma planning", "task training",
        "lead inspector",
    )),
    *(("S16", "dates", text, EITHER, None) for text in ("22 September 2008", "12 January 2009", "11 May 2009", "6 July 2009")),
)  # fmt: skip


def said_on(slide: Any) -> Iterator[tuple[str, Any]]:
    """Each line and row of a slide of the JSON, with its source."""
    yield from ((line["text"], line["source"]) for line in slide["lines"])
    if slide["table"]:
        yield from (("; ".join(row["cells"]), row["source"]) for row in slide["table"]["rows"])


def missing(deck: Any, lines: Sequence[tuple[str, str, str, str, int | None]], *, counted: bool = True) -> list[tuple[Any, ...]]:
    """The lines of a source briefing that a deck lacks, or has from elsewhere. ``counted``: the number of source rows as well."""
    slides, lacking = {slide["code"]: slide for slide in deck["slides"]}, []
    for slide, code, words, origin, count in lines:
        if code not in slides:
            lacking.append((slide, code, deck["left_out"]))
            continue
        found = [source for text, source in said_on(slides[code]) if words in text and origin in (EITHER, source["origin"])]
        if not found:
            lacking.append((slide, words, [text for text, _ in said_on(slides[code])], slides[code]["notes"]))
        elif counted and count is not None and count not in [source["count"] for source in found]:
            lacking.append((slide, words, found))
        elif not all(source["said"] or source["url"] or source["ids"] for source in found):
            lacking.append((slide, words, "no source"))
    return lacking
