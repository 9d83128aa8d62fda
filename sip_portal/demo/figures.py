"""The figures of a made-up school: drawn once from the spans of its situation, seeded by its URN, and quoted everywhere alike.

Percentages are whole numbers, tenths are ``Decimal``; what a figure needs and the school has not (no Key Stage 2 in a
referral unit) is simply absent, and a passage that quotes it is not chosen.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Figure = int | Decimal | str

WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
YEARS_AT = {"infant": 3, "junior": 4, "primary": 7, "secondary": 5}


class _Draw:
    def __init__(self, urn: int, spans: Mapping[str, Any], phase: str) -> None:
        self.random = random.Random(urn)  # noqa: S311 - figures, not secrets
        self.spans = spans
        self.phase = phase

    def has(self, name: str) -> bool:
        return self._name(name) in self.spans

    def _name(self, name: str) -> str:
        special = f"{self.phase}_{name}"
        return special if special in self.spans else name

    def one(self, name: str) -> Any:
        """A whole number, or a tenth where the span is written in tenths."""
        low, high = self.spans[self._name(name)]
        if isinstance(low, float) or isinstance(high, float):
            return Decimal(self.random.randint(round(low * 10), round(high * 10))).scaleb(-1)
        return self.random.randint(low, high)

    def whole(self, low: int, high: int) -> int:
        return self.random.randint(low, high)


def figures_of(urn: int, phase: str, roll: int, situation: Mapping[str, Any]) -> dict[str, Figure]:
    """Every figure that a note of this school may quote, by the placeholder's name."""
    draw = _Draw(urn, situation, phase)
    found: dict[str, Figure] = {"category": situation["category"], "floor": 30 if phase == "secondary" else 55, "port_town": "Aldermouth"}
    cohort = max(5, round(roll / YEARS_AT.get(phase, 5)))
    found |= {name: max(5, cohort + draw.whole(-2, 2)) for name in ("cohort_2008", "cohort_2009", "cohort_2010")}
    found["one_pupil_pts"] = _share(found["cohort_2009"])
    found["one_pupil_2008"] = _share(found["cohort_2008"])
    if draw.has("main_2008"):
        _results(found, draw)
    _context(found, draw, roll)
    _of_the_visit(found, draw)
    _of_some(found, draw)
    return found


def _share(cohort: Any) -> Decimal:
    return (Decimal(100) / cohort).quantize(Decimal("0.1"))


def _results(found: dict[str, Figure], draw: _Draw) -> None:
    """Results, estimates, targets. What rises or falls does so over three years, and no percentage passes 99."""
    first, last = draw.one("main_2006"), draw.one("main_2008")
    middle = (first + last) // 2
    fft_b, fft_d = (min(99, last + draw.one(name)) for name in ("fft_b_over", "fft_d_over"))
    fft_d = max(fft_d, fft_b + 1)
    target = min(98, max(last + draw.one("target_2009_over"), 20))
    forecast = target + draw.one("forecast_under_target")
    target_2010 = min(98, max(fft_d + draw.one("target_2010_under_fft_d"), int(found["floor"]) + 1))
    cohort = int(found["cohort_2009"])
    short = max(2, round(cohort * 0.12))
    progress = {subject: draw.one(f"progress_{subject}_2008") for subject in ("en", "ma")}
    found |= {
        "main_2006": first,
        "main_2007": middle,
        "main_2008": last,
        "change_1y": last - middle,
        "change_2y": last - first,
        "fft_b": fft_b,
        "fft_d": fft_d,
        "target_2009": target,
        "forecast_2009": forecast,
        "target_2010": target_2010,
        "pupils_short": short,
        "pupils_on_track": max(1, round(cohort * forecast / 100) - short // 2),
        "pupils_on_track_needed": max(1, round(cohort * target / 100)),
        "cva_2008": draw.one("cva_2008"),
    }
    for subject, result in progress.items():
        found |= {
            f"progress_{subject}_2008": result,
            f"progress_target_{subject}_2009": min(98, result + 3),
            f"progress_target_{subject}_2010": min(98, result + 6),
            f"progress_fft_{subject}": min(99, result + 5),
        }
    found["progress_forecast_en"] = min(97, progress["en"] + 1)
    if first - last >= 2:
        found["main_fall"] = first - last
    for name, value in (
        ("fft_d_gap", fft_d - target_2010),
        ("target_gap_2008", target_2010 - last),
        ("target_gap_2009", target - forecast),
    ):
        if value >= 1:
            found[name] = value
    if draw.phase == "secondary":
        found |= {"main_words": "five A*-C grades including English and mathematics", "exam_year": "Year 11"}
    elif draw.phase == "infant":
        found |= {"main_words": "level 2 or above in reading, writing and mathematics", "exam_year": "Year 2"}
    else:
        found |= {"main_words": "level 4 or above in both English and mathematics", "exam_year": "Year 6"}
        found |= {f"l4_en_ma_{year}": found[f"main_{year}"] for year in (2006, 2007, 2008)}
    words = str(found["main_words"])
    found["main_words_cap"] = words[:1].upper() + words[1:]


def _context(found: dict[str, Figure], draw: _Draw, roll: int) -> None:
    absence = draw.one("absence_2008")
    found |= {
        "absence_2008": absence,
        "absence_target_2010": absence - Decimal(draw.whole(2, 5)).scaleb(-1),
        "pa_2008": draw.one("pa_2008"),
    }
    for name in ("fsm_pct", "eal_pct", "mobility_pct"):
        if draw.has(name):
            found[name] = draw.one(name)
    if "eal_pct" not in found:
        before = draw.one("eal_pct_2005") if draw.has("eal_pct_2005") else draw.whole(4, 10)
        found |= {"eal_pct_2005": before, "eal_pct": before + draw.whole(14, 22)}
    change = draw.one("roll_change_pct") if draw.has("roll_change_pct") else 0
    found["roll_2008"] = roll
    if change < 0:
        found |= {"roll_2005": round(roll * 100 / (100 + change)), "roll_change_pct": -change}
    if draw.has("ks1_avg"):
        found["ks1_avg"] = draw.one("ks1_avg")


def _of_the_visit(found: dict[str, Figure], draw: _Draw) -> None:
    """What was counted on the day: lessons, books, meetings, and the children of the Foundation Stage and Year 2."""
    lessons = draw.whole(5, 9)
    weak = found["category"] in ("Additional support", "Intensive")
    found |= {
        "lessons_seen": lessons,
        "good_lessons": max(2, lessons // 2 + (0 if weak else 2)),
        "books_seen": draw.whole(18, 40),
        "group_size": draw.whole(6, 18),
        "meetings_held": draw.whole(3, 6),
        "gain_points": Decimal(draw.whole(21, 36)).scaleb(-1),
        "cost": f"{draw.whole(24, 120) * 50:,}",
        "weeks": draw.random.choice(("eight", "ten", "twelve")),
        "terms_in_post": draw.random.choice(("three", "four", "five")),
        "inspection_month": draw.random.choice(("March 2007", "June 2007", "November 2007")),
        "focus_subject": draw.random.choice(("science", "history", "guided reading", "writing")),
        "nc_risk": draw.random.choice(("high", "medium")),
        "nc_days": draw.whole(9, 18),
        "fsp_78_pct": draw.whole(44, 58),
        "n_supported_schools": WORDS[draw.whole(3, 5)],
        "n_supported_good": "three",
    }
    read, write = draw.whole(80, 88), draw.whole(54, 62)
    found |= {
        "ks1_read_2008": read - 2,
        "ks1_read_forecast_2009": read,
        "ks1_read_target_2009": read + 2,
        "ks1_wr_2b_2008": write - 3,
        "ks1_wr_2b_forecast": write,
        "ks1_wr_2b_target_2009": write + 5,
    }


def _of_some(found: dict[str, Figure], draw: _Draw) -> None:
    """What only some situations have."""
    if draw.has("reintegrated"):
        attendance, rate = draw.one("pru_attendance"), draw.one("reintegration_rate")
        found |= {"reintegrated": draw.one("reintegrated"), "reintegration_rate": rate, "pru_return_target": rate + 3}
        found |= {"pru_attendance": attendance, "pru_attendance_target": attendance + 4}
    if draw.has("p_good"):
        good = draw.one("p_good")
        found |= {"p_good": good, "p_good_num": good - 6, "p_on_track": draw.one("p_on_track"), "p_good_target": min(92, good + 3)}
    if draw.has("l4_wr_girls_2008"):
        girls, gap = draw.one("l4_wr_girls_2008"), draw.one("wr_gap_2008")
        boys = girls - gap
        found |= {
            "wr_gap_2008": gap,
            "wr_gap_2007": gap + 5,
            "l4_wr_boys_2008": boys,
            "l4_wr_all_2008": (girls + boys) // 2,
            "l4_wr_boys_forecast": boys + 5,
        }
    if draw.has("middle_conv_2008"):
        converted, middle = draw.one("middle_conv_2008"), draw.one("middle_n")
        found |= {"middle_conv_2008": converted, "middle_conv_top": converted + 15, "middle_gap": 7, "middle_pct": draw.one("middle_pct")}
        found |= {"middle_n": middle, "pupils_on_track_mid": middle // 2, "intervention_n": draw.whole(24, 60)}
    found |= {
        "late_joiners": draw.whole(19, 30),
        "new_arrivals": WORDS[draw.whole(4, 9)],
        "no_school_n": WORDS[draw.whole(4, 6)],
        "parents_n": draw.whole(14, 32),
    }
    found |= {"staff_n": "seven", "cohort_3y": sum(int(found[f"cohort_{year}"]) for year in (2008, 2009, 2010))}
    found |= {"deficit_k": draw.whole(20, 90), "deficit_k_before": draw.whole(100, 150), "deficit_year": "2009/10"}
    reserve = draw.one("reserve_pct")
    found |= {"reserve_pct": int(abs(reserve)) or 1, "reserve_k": draw.whole(140, 260), "reserve_share_pct": draw.whole(6, 12)}


# ---------------------------------------------------------------- passages

_START = re.compile(r"(^|[.!?] |\n)\{(\w+)\}(?!%)")
_CONDITION = re.compile(r"^(abs\()?(\w+)(?: - (\w+))?\)? (<=|>=|<|>|==) (\w+)(?: \+ (\d+))?$")
_OF = re.compile(r"\b(" + "|".join(word.capitalize() for word in WORDS) + r") of (\d)\b")
_NAMES = re.compile(r"\{(\w+)\}")


def quoted(text: str, figures: Mapping[str, Figure]) -> str | None:
    """The passage with its figures, or ``None`` where the school lacks one. A small number that begins a sentence is a word."""
    if any(name not in figures for name in _NAMES.findall(text)):
        return None

    def opening(match: re.Match[str]) -> str:
        value = figures[match[2]]
        shown = WORDS[value].capitalize() if isinstance(value, int) and 0 <= value < len(WORDS) else str(value)
        return match[1] + shown

    filled = _START.sub(opening, text).format_map({name: str(value) for name, value in figures.items()})
    return _OF.sub(lambda match: f"{match[1]} of {WORDS[int(match[2])]}", filled)


def holds(condition: str, figures: Mapping[str, Figure]) -> bool:
    """Whether ``"abs(target_2010 - fft_d) <= 2"`` and its like hold; a figure that is absent makes it false."""
    match = _CONDITION.match(condition)
    if match is None:
        raise ValueError(f"Not a condition on figures: {condition}")
    absolute, left, minus, sign, right, plus = match.groups()

    def value(name: str) -> Any:
        return int(name) if name.isdigit() else figures.get(name)

    terms = [value(name) for name in (left, minus, right) if name]
    if any(not isinstance(term, int | Decimal) for term in terms):
        return False
    first = value(left) - (value(minus) if minus else 0)
    if absolute:
        first = abs(first)
    second = value(right) + int(plus or 0)
    return bool({"<=": first <= second, ">=": first >= second, "<": first < second, ">": first > second, "==": first == second}[sign])
