"""Reads of results: schools put together (``rollup``), the sentences of the headlines (``headlines``)."""

from .headlines import Headlines, NotWritten, Sentence, headlines
from .rollup import (
    By,
    FloorMoves,
    Line,
    Published,
    Row,
    Together,
    floor_moves,
    for_measure,
    published,
    result_years,
    roll_up,
    rows_of,
    together,
)

__all__ = [
    "By",
    "FloorMoves",
    "Headlines",
    "Line",
    "NotWritten",
    "Published",
    "Row",
    "Sentence",
    "Together",
    "floor_moves",
    "for_measure",
    "headlines",
    "published",
    "result_years",
    "roll_up",
    "rows_of",
    "together",
]
