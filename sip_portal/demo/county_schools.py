"""The register and contacts of the full-size Wealdshire: what its files hold beyond the small one's forty schools. Seeded by URN."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from . import material

TYPES = {
    "community": "Community school", "VC": "Voluntary controlled school", "VA": "Voluntary aided school", "foundation": "Foundation school",
    "academy": "Academy sponsor led", "special": "Community special school", "PRU": "Pupil referral unit",
}  # fmt: skip
AGES = {"nursery": (3, 4), "primary": (4, 11), "infant": (4, 7), "junior": (7, 11), "special": (4, 16), "pru": (11, 16)}
PHASES = {"nursery": "Nursery", "primary": "Primary", "infant": "Primary", "junior": "Primary", "secondary": "Secondary"}
OF_PHASE = {"infant": (3, 7), "junior": (4, 7)}
NEW_HEAD_EVERY = 23
ORDINARY = ("", "headteacher", "chair of governors", "clerk to the governors")
UNIT = ("", "teacher in charge", "chair of the management committee", "clerk to the governors")


@cache
def schools() -> tuple[dict[str, str], ...]:
    return material.rows("county-schools")


def register() -> Iterator[list[Any]]:
    """In the columns of ``register.csv``."""
    towns, streets, bands = (material.toml("county")[name] for name in ("towns", "streets", "roll"))
    for number, row in enumerate(schools()):
        draw = random.Random(f"register {row['urn']}")  # noqa: S311 - sizes, not secrets
        phase, town = row["phase"], towns[row["cluster"]]
        low, high = bands[row["size_band"]]
        part, whole = OF_PHASE.get(phase, (1, 1))
        roll = draw.randint(low, high) * part // whole
        sixth = phase == "secondary" and draw.random() < 0.6
        first, last = AGES.get(phase, (11, 18 if sixth else 16))
        yield [
            row["urn"], 999, "Wealdshire", row["estab"], row["name"], "Local authority nursery school" if phase == "nursery" else TYPES[row["type"]],
            "Open", PHASES.get(phase, "Not applicable"), "", first, last,
            ("Has a sixth form" if sixth else "Does not have a sixth form") if phase == "secondary" else "Not applicable", "Mixed",
            row["denomination"] if row["denomination"] != "none" else "Does not apply", "Comprehensive" if phase == "secondary" else "Not applicable",
            (roll * 21 // 100 + 1) * 5, roll, "17-01-2008", draw.choice(streets), row["place"] if row["place"] != town else "", town, "Wealdshire",
            f"WX{list(towns).index(row['cluster']) + 1} {draw.randint(1, 9)}{draw.choice('BDEFGHJL')}{draw.choice('NPQRSTUW')}",
            f"01632 960{200 + number % 800:03d}", "Teacher in charge" if phase == "pru" else "Headteacher", row["easting"], row["northing"],
        ]  # fmt: skip


# ---------------------------------------------------------------- who leads and governs them


def _names() -> Iterator[tuple[str, str]]:
    """Made-up people in the groups of the material: first names with surnames of one group, none that is somebody there already."""
    people = material.rows("county-people")
    taken = {row["name"] for row in people} | {row["Name"] for row in material.rows("contacts")}
    taken |= {person["name"] for person in material.toml("people")["person"]}
    groups: dict[str, list[list[str]]] = defaultdict(lambda: [[], []])
    for row in people:
        first, _, last = row["name"].partition(" ")
        groups[row["group"]][0].append(first)
        groups[row["group"]][1].append(last)
    weights = Counter(row["group"] for row in people)
    draw = random.Random("contacts")  # noqa: S311 - names, not secrets
    codes = sorted(groups)
    while True:
        code = draw.choices(codes, [weights[code] for code in codes])[0]
        name = f"{draw.choice(groups[code][0])} {draw.choice(groups[code][1])}"
        if name not in taken:
            taken.add(name)
            yield name, material.email_of(name, at_school=True)


def own_schools() -> dict[int, str]:
    """Which school each serving headteacher leads: one of their phase in their cluster."""
    found: dict[int, str] = {}
    for person in material.rows("county-people"):
        if person["kind"] != "serving_head":
            continue
        phase = "secondary" if "secondary" in person["phases"] else "primary"
        fitting = [
            row for row in schools() if row["phase"] == phase and row["cluster"] == person["clusters"] and int(row["urn"]) not in found
        ]
        good = [row for row in fitting if row["situation"] in ("steady_good", "outstanding_sharing", "boys_writing", "coasting_leafy")]
        found[int((good or fitting)[0]["urn"])] = person["name"]
    return found


def contacts() -> Iterator[list[Any]]:
    """In the columns of ``contacts.csv``: head, chair and clerk of each; a clerk serves four."""
    names, led = _names(), own_schools()
    listed = {
        role: iter(
            [(row["name"], material.email_of(row["name"], at_school=True)) for row in material.rows("county-people") if row["role"] == role]
        )
        for role in ("headteacher", "chair of governors")
    }
    clerk = ("", "")
    for number, row in enumerate(schools()):
        draw = random.Random(f"contacts {row['urn']}")  # noqa: S311 - days, not secrets
        kinds = UNIT if row["phase"] == "pru" else ORDINARY
        urn = int(row["urn"])
        if urn in led:
            head = (led[urn], material.email_of(led[urn], at_school=False))
        else:
            head = next(listed["headteacher"], None) or next(names)
        year = 2008 if number % NEW_HEAD_EVERY == 0 and urn not in led else draw.randint(1996, 2006)
        if row["situation"] == "new_head_after_sm":
            year = draw.choice((2006, 2007))
        yield [urn, kinds[1], *head, f"01/{'09' if year >= 2006 else draw.choice(('09', '01', '04'))}/{year}"]
        yield [urn, kinds[2], *(next(listed["chair of governors"], None) or next(names)), f"01/09/{draw.randint(2002, 2007)}"]
        if number % 4 == 0:
            clerk = next(names)
        yield [urn, kinds[3], *clerk, f"01/09/{draw.randint(2001, 2006)}"]
