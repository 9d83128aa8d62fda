"""The measures that the department publishes in its own files, kept apart from the policy of any pack.

A pack says what an authority works by: its measures have floors, statutory years and rules. What stands in a published file is
the department's, whatever pack is loaded, so these have codes of their own (``dfe.…``), no floors, and are described here, each
with the column that holds it, the column that holds its cohort, and those of its groups of pupils. ADR 0020.

Columns go by name (FORMATS.md §4): a file lacks those of other years. Sources: the field lists published with the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, cast

from .pack import Measure

PRIMARY: Final = ("primary", "junior", "middle", "all-through", "special")
SECONDARY: Final = ("secondary", "all-through", "special", "pru")
EVERY: Final = ("nursery", "primary", "infant", "junior", "first", "middle", "secondary", "all-through", "special", "pru")

GROUPS: Final[Mapping[str, str]] = {
    "all": "All pupils",
    "girls": "Girls",
    "boys": "Boys",
    "disadv": "Disadvantaged pupils",
    "nondisadv": "All other pupils",
    "eal": "English as an additional language",
    "nonmobile": "Pupils who did not move school",
    "prior_low": "Low prior attainment",
    "prior_mid": "Middle prior attainment",
    "prior_high": "High prior attainment",
}


@dataclass(frozen=True)
class Columns:
    """Where one figure stands. ``scale`` is 100 where the file has 0.162 for 16.2 (a proportion)."""

    value: str
    cohort: str = ""
    numerator: str = ""
    lower: str = ""
    upper: str = ""
    scale: int = 1
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.value, self.cohort, self.numerator, self.lower, self.upper) if name)


@dataclass(frozen=True)
class Published:
    """A measure with its columns, by group of pupils. ``tidy`` are those of the newer tidy files, one row a place and group."""

    measure: Measure
    columns: Mapping[str, Columns] = field(default_factory=dict)
    tidy: Columns | None = None

    @property
    def code(self) -> str:
        return self.measure.code


def _measure(code: str, label: str, short: str, columns: Mapping[str, Columns], **values: object) -> Published:
    kind = str(values.get("kind", "percent"))
    measure = Measure(
        code=code,
        label=label,
        short_label=short,
        unit=str(values.get("unit", "%" if kind in ("percent", "rate") else "points")),
        kind=kind,
        key_stage=str(values["stage"]),
        subject=str(values.get("subject", "all")),
        is_higher_better=bool(values.get("higher", True)),
        decimals=int(str(values.get("decimals", 0))),
        phases=tuple(cast("Iterable[str]", values.get("phases", EVERY))),
        groups=tuple(columns),
        dataset=str(values["file"]),
        definition=str(values.get("says", "")),
        floors=(),
        national=(),
        statutory_summers=(),
        has_interval=any(found.lower for found in columns.values()),
        is_collected=True,
        from_summer=None,
    )
    return Published(measure, columns)


# ---------------------------------------------------------------- key stage 2


def _tidy_share(subject: str, standard: str = "expected") -> Columns:
    tail = f"{subject}_met_{standard}_standard"
    return Columns(f"pt_{tail}", f"t_{subject}_eligible_pupils", f"t_{tail}")


def _tidy_progress(subject: str) -> Columns:
    score = f"avg_{subject}_progress_score"
    return Columns(score, f"t_{subject}_progress_eligible_pupils", lower=f"{score}_lower_CI", upper=f"{score}_upper_CI")


TIDY_KS2: Final[Mapping[str, Columns]] = {
    "cohort": Columns("t_rwm_eligible_pupils"),
    "rwm_exp": _tidy_share("rwm"),
    "rwm_high": _tidy_share("rwm", "higher"),
    "read_exp": _tidy_share("read"),
    "read_high": _tidy_share("read", "higher"),
    "gps_exp": _tidy_share("gps"),
    "gps_high": _tidy_share("gps", "higher"),
    "ma_exp": _tidy_share("mat"),
    "ma_high": _tidy_share("mat", "higher"),
    "wr_exp": _tidy_share("writta"),
    "sc_exp": _tidy_share("scita"),
    "read_progress": _tidy_progress("read"),
    "wr_progress": _tidy_progress("writta"),
    "ma_progress": _tidy_progress("mat"),
}
"""Key Stage 2 on the department's newer site (time_period, geographic_level …)."""

_KS2_GROUPS: Final = {
    "boys": ("_B", "BELIG"),
    "girls": ("_G", "GELIG"),
    "prior_low": ("_L", "TKS1GROUP_L"),
    "prior_mid": ("_M", "TKS1GROUP_M"),
    "prior_high": ("_H", "TKS1GROUP_H"),
    "disadv": ("_FSM6CLA1A", "TFSM6CLA1A"),
    "nondisadv": ("_NotFSM6CLA1A", "TNotFSM6CLA1A"),
    "eal": ("_EAL", "TEALGRP2"),
    "nonmobile": ("_MOBN", "TMOBN"),
}


def _ks2(code: str, label: str, short: str, columns: Mapping[str, Columns], **values: object) -> Published:
    found = _measure(f"dfe.ks2.{code}", f"Key Stage 2: {label}", short, columns, stage="KS2", file="ks2", phases=PRIMARY, **values)
    return replace(found, tidy=TIDY_KS2.get(code))


def _ks2_share(code: str, label: str, short: str, column: str, *, in_groups: bool = False, subject: str = "all") -> Published:
    columns = {"all": Columns(column, "TELIG")}
    if in_groups:
        columns |= {group: Columns(f"{column}{tail}", cohort) for group, (tail, cohort) in _KS2_GROUPS.items()}
    return _ks2(code, label, short, columns, subject=subject)


def _ks2_progress(code: str, label: str, short: str, column: str, subject: str) -> Published:
    columns = {"all": Columns(column, lower=f"{column}_LOWER", upper=f"{column}_UPPER")}
    columns |= {
        group: Columns(f"{column}{tail}", lower=f"{column}{tail}_LOWER", upper=f"{column}{tail}_UPPER")
        for group, (tail, _) in _KS2_GROUPS.items()
        if group in ("boys", "girls", "disadv", "nondisadv")
    }
    return _ks2(code, label, short, columns, kind="score", decimals=1, subject=subject)


def _ks2_level(code: str, label: str, short: str, column: str, subject: str, *groups: str) -> Published:
    """Levels of 2012/13: the cut of that file at hand has no cohort of the measures."""
    columns = {"all": Columns(column)} | {group: Columns(f"{column}{_KS2_GROUPS[group][0]}") for group in groups}
    return _ks2(code, label, short, columns, subject=subject)


KS2: Final = (
    _ks2("pupils", "pupils on roll", "Pupils on roll", {"all": Columns("TOTPUPS")}, kind="points", unit="pupils"),
    _ks2("cohort", "pupils at the end of the key stage", "Cohort", {"all": Columns("TELIG"), "boys": Columns("BELIG"), "girls": Columns("GELIG")},
         kind="points", unit="pupils"),
    _ks2_share("rwm_exp", "expected standard in reading, writing and mathematics", "RWM expected", "PTRWM_EXP", in_groups=True),
    _ks2_share("rwm_high", "higher standard in reading, writing and mathematics", "RWM higher", "PTRWM_HIGH", in_groups=True),
    _ks2_share("read_exp", "expected standard in reading", "Reading expected", "PTREAD_EXP", subject="reading"),
    _ks2_share("read_high", "higher standard in reading", "Reading higher", "PTREAD_HIGH", subject="reading"),
    _ks2_share("gps_exp", "expected standard in grammar, punctuation and spelling", "GPS expected", "PTGPS_EXP", subject="GPS"),
    _ks2_share("gps_high", "higher standard in grammar, punctuation and spelling", "GPS higher", "PTGPS_HIGH", subject="GPS"),
    _ks2_share("ma_exp", "expected standard in mathematics", "Maths expected", "PTMAT_EXP", subject="mathematics"),
    _ks2_share("ma_high", "higher standard in mathematics", "Maths higher", "PTMAT_HIGH", subject="mathematics"),
    _ks2_share("wr_exp", "expected standard in writing, teacher assessment", "Writing expected", "PTWRITTA_EXP", subject="writing"),
    _ks2_share("wr_high", "greater depth in writing, teacher assessment", "Writing greater depth", "PTWRITTA_HIGH", subject="writing"),
    _ks2_share("sc_exp", "expected standard in science, teacher assessment", "Science expected", "PTSCITA_EXP", subject="science"),
    *(
        _ks2(f"{key}_average", f"average scaled score in {name}", f"{name} score", {"all": Columns(column)}, kind="score", subject=name)
        for key, name, column in (("read", "reading", "READ_AVERAGE"), ("gps", "GPS", "GPS_AVERAGE"), ("ma", "mathematics", "MAT_AVERAGE"))
    ),
    _ks2_progress("read_progress", "progress in reading", "Reading progress", "READPROG", "reading"),
    _ks2_progress("wr_progress", "progress in writing", "Writing progress", "WRITPROG", "writing"),
    _ks2_progress("ma_progress", "progress in mathematics", "Maths progress", "MATPROG", "mathematics"),
    _ks2_level("prog2_ma", "two levels of progress in mathematics", "2 levels, maths", "PT2MATH12", "mathematics",
               "boys", "girls", "prior_low", "prior_mid", "prior_high"),
    _ks2_level("prog2_re", "two levels of progress in reading", "2 levels, reading", "PT2READ12", "reading"),
    _ks2_level("prog2_wr", "two levels of progress in writing", "2 levels, writing", "PT2WRITTA12", "writing"),
    _ks2_level("l4_re", "level 4 or above in reading", "Reading L4+", "PTREADX", "reading"),
    _ks2("aps", "average point score", "KS2 APS", {"all": Columns("TAPS")}, kind="points", decimals=1),
)  # fmt: skip

# ---------------------------------------------------------------- key stage 4


def _ks4(code: str, label: str, short: str, columns: Mapping[str, Columns], **values: object) -> Published:
    return _measure(f"dfe.ks4.{code}", f"Key Stage 4: {label}", short, columns, stage="KS4", file="ks4", phases=SECONDARY, **values)


def _basics(grade: str) -> dict[str, Columns]:
    tail = f"BASICS_{grade}"
    return {
        "all": Columns(f"PTL2{tail}", "TPUP"),
        "boys": Columns(f"PBL2{tail}", "BPUP"),
        "girls": Columns(f"PGL2{tail}", "GPUP"),
        "disadv": Columns(f"PTFSM6CLA1A{tail}", "TFSM6CLA1A"),
        "nondisadv": Columns(f"PTNOTFSM6CLA1A{tail}", "TNOTFSM6CLA1A"),
        "prior_low": Columns(f"PTBASICSLO_{grade}", "TPRIORLO"),
        "prior_mid": Columns(f"PTBASICSAV_{grade}", "TPRIORAV"),
        "prior_high": Columns(f"PTBASICSHI_{grade}", "TPRIORHI"),
    }


KS4: Final = (
    _ks4("cohort", "pupils at the end of the key stage", "Cohort",
         {"all": Columns("TPUP", aliases=("t_pupils",)), "boys": Columns("BPUP", aliases=("t_boys",)), "girls": Columns("GPUP", aliases=("t_girls",))},
         kind="points", unit="pupils"),
    _ks4("att8", "Attainment 8 score", "Attainment 8",
         {"all": Columns("ATT8SCR"), "disadv": Columns("ATT8SCR_FSM6CLA1A"), "nondisadv": Columns("ATT8SCR_NFSM6CLA1A")},
         kind="points", decimals=1),
    _ks4("p8", "Progress 8 score", "Progress 8", {"all": Columns("P8MEA", lower="P8CILOW", upper="P8CIUPP")}, kind="score", decimals=2),
    _ks4("basics_94", "grade 4 or above in English and mathematics", "E and M 4+", _basics("94"), subject="English and mathematics"),
    _ks4("basics_95", "grade 5 or above in English and mathematics", "E and M 5+", _basics("95"), subject="English and mathematics"),
    _ks4("ebacc_entry", "entered for the English Baccalaureate", "EBacc entry",
         {"all": Columns("PTEBACC_E_PTQ_EE", "TPUP", "TEBACC_E_PTQ_EE")}),
    _ks4("ebacc_94", "English Baccalaureate at grade 4 or above", "EBacc 4+", {"all": Columns("PTEBACC_94", "TPUP")}),
    _ks4("ebacc_95", "English Baccalaureate at grade 5 or above", "EBacc 5+", {"all": Columns("PTEBACC_95", "TPUP")}),
    _ks4("ebacc_aps", "English Baccalaureate average point score", "EBacc APS", {"all": Columns("EBACCAPS")}, kind="points", decimals=2),
    _ks4("five_94", "five or more passes including English and mathematics", "5 with E and M", {"all": Columns("PT5EM_94", "TPUP")}),
    _ks4("prior_score", "average scaled score at Key Stage 2", "KS2 score", {"all": Columns("avg_ks2_scaledscore")}, kind="score", decimals=1),
    _ks4("gap_att8", "disadvantaged pupils, gap to all others in England, Attainment 8", "Gap, Attainment 8",
         {"all": Columns("DIFFN_ATT8")}, kind="score", decimals=1),
    _ks4("gap_p8", "disadvantaged pupils, gap to all others in England, Progress 8", "Gap, Progress 8",
         {"all": Columns("DIFFN_P8MEA")}, kind="score", decimals=2),
)  # fmt: skip

# ---------------------------------------------------------------- absence, census


def _absence(code: str, label: str, column: str, says: str) -> Published:
    return _measure(
        f"dfe.absence.{code}", label, label, {"all": Columns(column)}, stage="all", subject="attendance", file="absence", kind="rate",
        decimals=1, higher=False, says=says,
    )  # fmt: skip


ABSENCE: Final = (
    _absence("total", "Overall absence", "PERCTOT", "Half-day sessions missed as a percentage of sessions possible."),
    _absence("persistent10", "Persistent absence, 10%", "PPERSABS10", "Share of pupils who missed a tenth or more of their sessions."),
    _absence("persistent15", "Persistent absence, 15%", "PPERSABS15", "Share of pupils who missed 15% or more of their sessions."),
)


def _census(code: str, label: str, columns: Columns, **values: object) -> Published:
    return _measure(
        f"dfe.census.{code}", label, label, {"all": columns}, stage="all", subject="context", file="census", **{"decimals": 1, **values}
    )


_PREMIUM_PRIMARY: Final = "Percentage of Primary pupils eligible for the Deprivation Pupil Premium"
_PREMIUM_SECONDARY: Final = "Percentage of Secondary pupils eligible for the Deprivation Pupil Premium"

CENSUS: Final = (
    _census("roll", "Pupils on roll", Columns("NOR", aliases=("Number of pupils on roll (7)",)), kind="points", unit="pupils", decimals=0),
    _census("girls", "Girls", Columns("PNORG", "NOR", "NORG")),
    _census("ehcp", "Pupils with an education, health and care plan", Columns("PSENELSE", "NOR", "TSENELSE")),
    _census("sen", "Pupils with SEN support", Columns("PSENELK", "NOR", "TSENELK")),
    _census("eal", "Pupils with English as an additional language", Columns("PNUMEAL", "", "NUMEAL")),
    _census("fsm6", "Pupils eligible for free school meals in the last six years", Columns("PNUMFSMEVER", "", "NUMFSMEVER")),
    _census("premium_primary", "Primary pupils eligible for the pupil premium",
            Columns(_PREMIUM_PRIMARY, scale=100), phases=("primary", "infant", "junior", "first", "middle", "all-through", "special", "pru")),
    _census("premium_secondary", "Secondary pupils eligible for the pupil premium",
            Columns(_PREMIUM_SECONDARY, scale=100), phases=("secondary", "middle", "all-through", "special", "pru")),
)  # fmt: skip

FILES: Final[Mapping[str, tuple[Published, ...]]] = {"ks2": KS2, "ks4": KS4, "absence": ABSENCE, "census": CENSUS}

MEASURES: Final[Mapping[str, Measure]] = {found.code: found.measure for file in FILES.values() for found in file}
