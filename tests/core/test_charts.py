"""Charts: the same figures in picture, description and table; nothing that a strict CSP or a greyscale printer loses."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from core.charts import Bar, Bars, Chart, Role, Series, Trend
from core.charts.drawing import spread, ticks
from core.documents import is_available
from core.documents.pool import the_pool
from sip_portal.gallery import charts, ranking

ALL = [*charts(), ranking()]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.key)
def test_markup_and_twin(chart: Chart) -> None:
    for drawn in (chart.svg, chart.wide_svg):
        root = ElementTree.fromstring(drawn)
        assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
        assert root[0].text == chart.title
        assert root[1].text == chart.desc
        assert not re.search(r"\sstyle=|<style|<script|href=|\son\w+=", drawn)
        width, height = int(root.attrib["width"]), Decimal(root.attrib["height"])
        assert len(root) > 8
        for shape in root.iter(f"{SVG}rect"):
            assert Decimal(shape.attrib["x"]) + Decimal(shape.attrib["width"]) <= width
            assert 0 <= Decimal(shape.attrib["y"]) <= height
        assert all(int(text.attrib["font-size"]) >= 13 for text in root.iter(f"{SVG}text"))
    for row in chart.rows:
        assert len(row) == len(chart.head)
        assert all(cell in chart.desc for cell in row)


def test_a_missing_figure_is_a_gap_in_the_line_and_no_nought() -> None:
    line = Series("England", Role.NATIONAL, [Decimal(68), None, Decimal(70), Decimal(71)])
    chart = Trend(key="t", heading="Level 4+, %", points=["2005", "2006", "2007", "2008"], series=[line])
    assert [[value for _, value in run] for run in line.runs()] == [[68], [70, 71]]
    assert chart.rows[0] == ["England", "68%", "", "70%", "71%"]
    assert "2006 no figure" in chart.desc
    assert chart.svg.count("<polyline") == 1


def test_words_are_escaped() -> None:
    chart = Bars(key="b", heading="<b>", bars=[Bar('St "Mary" & <script>', 3)])
    assert "<script>" not in chart.svg
    assert "St &quot;Mary&quot; &amp; &lt;script&gt;" in chart.svg


def test_labels_keep_apart_and_axes_are_round() -> None:
    assert spread([Decimal(100), Decimal(102), Decimal(50)], apart=17, low=16, high=110) == [93, 110, 50]
    assert ticks(Decimal(52), Decimal(81)) == [50, 60, 70, 80, 90]
    assert ticks(Decimal("-1.5"), Decimal("0.4")) == [Decimal("-1.5"), -1, Decimal("-0.5"), 0, Decimal("0.5")]


def test_the_same_picture_in_a_document() -> None:
    usable, why = is_available()
    if not usable:
        pytest.skip(why)
    html = f"<!doctype html><html lang=en><title>Chart</title><body><h1>Chart</h1>{ALL[0].svg}"
    assert the_pool().make(html, "note_print.css", "").pages == 1
