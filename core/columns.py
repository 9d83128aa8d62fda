"""Facts of many subjects as columns of whole numbers, and what rules do with them: decisions/0056.

This module and those that a source of many figures keeps beside it import numpy at their top, and are themselves imported
where facts are asked for. A number is two integers, ``over`` / ``under``: nothing is rounded, and what is held against a
threshold is multiplied out, so that 10 pupils of 20 are not below 50 and 11 of 20 are not below 55.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Any, Final

import numpy as np
from django.db.models import BigIntegerField, F
from django.db.models.expressions import Func
from numpy.typing import NDArray

from .facts import Answer, FactValue, Standing

Ints = NDArray[Any]
Bits = NDArray[np.bool_]
Truths = NDArray[np.uint8]
Number = tuple[Any, Any]
"""``over`` and ``under``: arrays, or one number for all; ``under`` is above nought."""

FIGURE, UNKNOWN, SUPPRESSED, DOES_NOT_APPLY = range(4)
STANDINGS: Final = {
    Standing.FIGURE: FIGURE,
    Standing.UNKNOWN: UNKNOWN,
    Standing.SUPPRESSED: SUPPRESSED,
    Standing.DOES_NOT_APPLY: DOES_NOT_APPLY,
}
TRUE, FALSE, NOT_KNOWN, NOT_APPLICABLE = range(4)
"""What the bytes of a rule's column mean; ``core.rules.ORDER`` says the same."""
_LARGEST: Final = 2**62
_OWN: Final = -1

Tell = Callable[[int, Any], FactValue]
"""``(place, value)`` → the figure of the subject at that place, with its source, day and mark."""


# ---------------------------------------------------------------- reading

NOTHING: Final = -(2**62)
"""What :class:`Whole` reads where the row holds nothing."""


class Whole(Func):
    """A number of a row as a whole one, times ``10 ** places``; :data:`NOTHING` where it is empty. Decimals are kept to that many
    places, so that both databases give the same integer."""

    output_field = BigIntegerField()

    def __init__(self, name: str, places: int = 0) -> None:
        super().__init__(F(name))
        number = f"CAST(ROUND(%(expressions)s * {10**places}) AS BIGINT)" if places else "%(expressions)s"
        self.template = f"COALESCE({number}, {NOTHING})"

    @cached_property
    def convert_value(self) -> Any:
        """As the database gives it: a column of a hundred thousand is not converted number by number."""
        return self._convert_value_noop  # type: ignore[attr-defined]


def whole_numbers(rows: Iterable[Sequence[int]], width: int) -> Ints:
    """Rows of ``width`` integers as an array of as many columns."""
    return np.fromiter(chain.from_iterable(rows), dtype=np.int64).reshape(-1, width)


class Places:
    """Where the subjects stand, by their keys."""

    def __init__(self, keys: Sequence[int]) -> None:
        self.number = len(keys)
        self._order = np.argsort(np.asarray(keys, dtype=np.int64), kind="stable")
        self._sorted = np.asarray(keys, dtype=np.int64)[self._order]

    def of(self, keys: Ints) -> Ints:
        """The place of each key; −1 for one that is no subject."""
        if not self.number:
            return np.full(len(keys), -1)
        near = np.searchsorted(self._sorted, keys)
        near[near == self.number] = 0
        return np.where(self._sorted[near] == keys, self._order[near], -1)


# ---------------------------------------------------------------- one fact


class Column:
    """One fact of every subject, in their order: a number of its own, told by ``tell`` where somebody asks; or one of the values
    ``said`` that several share (a reason why there is none, a floor, a word)."""

    def __init__(self, said: Sequence[FactValue], index: Ints, over: Ints | None = None, under: Any = 1, tell: Tell | None = None) -> None:
        self.said = said
        self.index = index
        self.over = over
        self.under = under
        self.tell = tell

    @cached_property
    def standing(self) -> Truths:
        of_said = np.array([*(STANDINGS[value.standing] for value in self.said), FIGURE], dtype=np.uint8)
        found: Truths = of_said[self.index]  # -1 is the last
        return found

    @cached_property
    def is_figure(self) -> Bits:
        found: Bits = self.standing == FIGURE
        return found

    def told(self, place: int) -> FactValue:
        which = int(self.index[place])
        if which != _OWN:
            return self.said[which]
        assert self.over is not None
        assert self.tell is not None
        under = self.under if isinstance(self.under, int) else int(self.under[place])
        return self.tell(place, Decimal(int(self.over[place])) / under)

    # ------------------------------------------------------------ held against something

    def compared(self, compare: Callable[[Any, Any], Any], against: Any) -> Bits:
        """Where the figures compare so with one value; elsewhere it means nothing."""
        each = [bool(value.is_figure and compare(value.value, against)) for value in self.said]
        found: Bits = np.array([*each, False], dtype=np.bool_)[self.index]
        if self.over is not None:
            own = self.index == _OWN
            if isinstance(against, int | Decimal) and not isinstance(against, bool):
                found = np.where(own, self._held(compare, (self.over, self.under), exact(against)), found)
            else:
                found[own] = [bool(compare(number, against)) for number in self._own(own)]
        return found

    def compared_with(self, compare: Callable[[Any, Any], Any], other: Column, plus: Decimal) -> Bits:
        """Where the figures compare so with another fact's, ``plus`` so many."""
        left, right = self.numbers, other.numbers
        return self._held(compare, left, added(right, exact(plus)) if plus else right)

    @staticmethod
    def _held(compare: Callable[[Any, Any], Any], left: Number, right: Number) -> Bits:
        return np.asarray(compare(times(left[0], right[1]), times(right[0], left[1])), dtype=np.bool_)

    def _own(self, own: Bits) -> Iterable[Decimal]:
        assert self.over is not None
        under = np.broadcast_to(self.under, self.index.shape)
        return (Decimal(one) / other for one, other in zip(self.over[own].tolist(), under[own].tolist(), strict=True))

    @cached_property
    def numbers(self) -> Number:
        """The figures as numbers; nought where there is none. Raises TypeError where they are none."""
        shared = [exact(value.value) if value.is_figure else (0, 1) for value in self.said]
        under = _whole([number[1] for number in shared] + [1])[self.index]
        over = _whole([number[0] for number in shared] + [0])[self.index]
        if self.over is None:
            return over, under
        own = self.index == _OWN
        if not any(value.is_figure for value in self.said):
            return np.where(own, self.over, 0), self.under
        return np.where(own, self.over, over), np.where(own, self.under, under)


def exact(number: Any) -> tuple[int, int]:
    """A number as two whole ones."""
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        raise TypeError(f"{number!r} is no number.")
    return number.as_integer_ratio()


def _whole(numbers: Sequence[int]) -> Ints:
    is_small = all(-_LARGEST < number < _LARGEST for number in numbers)
    return np.array(numbers, dtype=np.int64 if is_small else object)


def times(one: Any, other: Any) -> Any:
    """The product, in Python's integers where it might not go into 64 bits."""
    if _most(one) * _most(other) < _LARGEST:
        return one * other
    return np.asarray(one, dtype=object) * np.asarray(other, dtype=object)


def _most(numbers: Any) -> int:
    if isinstance(numbers, int):
        return abs(numbers)
    return max(abs(int(numbers.max())), abs(int(numbers.min()))) if len(numbers) else 0


def added(one: Number, other: Number) -> Number:
    return times(one[0], other[1]) + times(other[0], one[1]), times(one[1], other[1])


def half_up(over: Ints, under: Ints) -> Ints:
    """Divided once and rounded to the nearest, halves away from nought."""
    found: Ints = np.sign(over) * ((2 * np.abs(over) + under) // (2 * under))
    return found


# ---------------------------------------------------------------- made


class Making:
    """A column while it is made: at first every subject has ``otherwise``."""

    def __init__(self, number: int, otherwise: FactValue) -> None:
        self.said = [otherwise]
        self.index = np.zeros(number, dtype=np.int32)
        self.over = np.zeros(number, dtype=np.int64)

    def say(self, where: Any, value: FactValue) -> None:
        """``where`` as numpy indexes: a mask, places, one place."""
        self.said.append(value)
        self.index[where] = len(self.said) - 1

    def count(self, where: Any, over: Any) -> None:
        """Numbers of their own."""
        self.index[where] = _OWN
        self.over[where] = over

    def column(self, tell: Tell | None = None, under: Any = 1) -> Column:
        return Column(self.said, self.index, self.over if tell else None, under, tell)


def of_answer(answer: Answer, keys: Sequence[int]) -> Column:
    """A column of values that were made one by one; who is not among them has ``otherwise``."""
    said: dict[int, FactValue] = {id(answer.otherwise): answer.otherwise}
    places = {id(answer.otherwise): 0}
    get, otherwise, index = answer.values.get, answer.otherwise, []
    for key in keys:
        value = get(key, otherwise)
        place = places.get(id(value))
        if place is None:
            place = places[id(value)] = len(said)
            said[id(value)] = value
        index.append(place)
    return Column(list(said.values()), np.array(index, dtype=np.int32))


def of_kinds(kinds: Sequence[Any], value_of: Callable[[Any], FactValue]) -> Column:
    """A column where subjects of one kind have one value: ``kinds`` in their order, each asked for once."""
    places: dict[Any, int] = {}
    index = np.fromiter((places.setdefault(kind, len(places)) for kind in kinds), dtype=np.int32, count=len(kinds))
    return Column([value_of(kind) for kind in places], index)


def of_numbers(numbers: Sequence[int | FactValue], tell: Tell, under: int | Sequence[int] = 1) -> Column:
    """A column of whole numbers, each over ``under`` of its place, or the reason why there is none; the same reason is the same
    object."""
    reasons: dict[int, int] = {}
    said: list[FactValue] = []
    index = np.full(len(numbers), _OWN, dtype=np.int32)
    over = np.zeros(len(numbers), dtype=np.int64)
    for place, number in enumerate(numbers):
        if isinstance(number, FactValue):
            known = reasons.get(id(number))
            if known is None:
                known = reasons[id(number)] = len(said)
                said.append(number)
            index[place] = known
    own = index == _OWN
    over[own] = [number for number in numbers if not isinstance(number, FactValue)]
    return Column(said, index, over, under if isinstance(under, int) else _whole(under), tell)


# ---------------------------------------------------------------- decided


def comparison(left: Column, right: Column | None, phase: Column | None, *, leaf: Any, compare: Callable[[Any, Any], Any] | None) -> Truths:
    """The truth of one comparison of every subject."""
    known = left.is_figure if right is None else left.is_figure & right.is_figure
    if compare is None:
        found = np.where(known == (leaf.op == "known"), np.uint8(TRUE), np.uint8(FALSE))
    else:
        holds = left.compared(compare, leaf.value) if right is None else left.compared_with(compare, right, leaf.plus)
        found = np.where(holds, np.uint8(TRUE), np.uint8(FALSE))
        found[~known] = NOT_KNOWN
    found[left.standing == DOES_NOT_APPLY] = NOT_APPLICABLE
    if right is not None:
        found[right.standing == DOES_NOT_APPLY] = NOT_APPLICABLE
    if phase is not None:
        found[phase.is_figure & ~phase.compared(lambda own, phases: own in phases, leaf.phases)] = NOT_APPLICABLE
    return found


def combination(parts: Sequence[Truths], kind: str, least: int) -> Truths:
    """``all``, ``any`` or at least so many; what is not applicable falls out."""
    number = parts[0].shape
    true, unknown, out = (np.zeros(number, dtype=np.int16) for _ in range(3))
    for part in parts:
        true += part == TRUE
        unknown += part == NOT_KNOWN
        out += part == NOT_APPLICABLE
    counted = len(parts) - out
    needed: Any = counted if kind == "all" else 1 if kind == "any" else least
    found = np.where(true >= needed, np.uint8(TRUE), np.where(true + unknown >= needed, np.uint8(NOT_KNOWN), np.uint8(FALSE)))
    found[counted == 0] = NOT_APPLICABLE
    return found


_TURNED: Final = np.array([FALSE, TRUE, NOT_KNOWN, NOT_APPLICABLE], dtype=np.uint8)


def turned(part: Truths) -> Truths:
    return _TURNED[part]
