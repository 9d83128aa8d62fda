"""A deck as a PowerPoint file that can go on being edited: real titles, bullets, tables and charts, in the authority's colour.

Each page is set as ``layout`` measured it. Where each line comes from stands in the speaker's notes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from core.documents.palette import Palette
from people.models import Authority
from schools.slides import Curve, Line, Slide, Source

from . import layout
from .deck import Shown
from .layout import Page, pages_of

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
FONT: Final = "Arial"
INK, SOFT, LINE = "0b0c0c", "505a5f", "b1bfc1"
COVER, TITLED = 0, 5
"""Of the layouts that python-pptx brings; the others are taken out."""


def write_pptx(authority: Authority, title: str, about: str, shown: Sequence[Shown], *, at: dt.datetime) -> bytes:
    return _Writer(authority, title, about, at).write(shown)


class _Writer:
    def __init__(self, authority: Authority, title: str, about: str, at: dt.datetime) -> None:
        from pptx import Presentation

        self.authority, self.title, self.about, self.at = authority, title, about, at
        self.palette = Palette.from_brand(authority.brand_colour)
        self.file: Any = Presentation()
        self._dress()

    def write(self, shown: Sequence[Shown]) -> bytes:
        slides = {each.code: each.slide for each in shown}
        for page in pages_of(shown):
            self._slide(page, slides[page.code])
        properties = self.file.core_properties
        properties.title, properties.author = self.title, self.authority.service or self.authority.name
        properties.subject, properties.language = self.about, "en-GB"
        properties.created = properties.modified = self.at.astimezone(dt.UTC).replace(tzinfo=None)
        properties.last_modified_by = properties.author
        body = io.BytesIO()
        self.file.save(body)
        return body.getvalue()

    # ------------------------------------------------------------ the look

    def _dress(self) -> None:
        """The projector's shape, the authority's colour as the theme's first, one face, and the two layouts that are used."""
        from pptx.opc.constants import RELATIONSHIP_TYPE
        from pptx.util import Pt

        self.file.slide_width, self.file.slide_height = Pt(layout.WIDTH), Pt(layout.HEIGHT)
        master = self.file.slide_master
        theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
        xml = theme.blob.decode("utf-8")
        for name, colour in (("dk2", self.palette.deep), ("accent1", self.palette.text), ("accent2", "#4f8790"), ("accent3", "#44676f")):
            xml = _coloured(xml, name, colour)
        theme._blob = xml.replace('typeface="Calibri"', f'typeface="{FONT}"').encode("utf-8")
        for place in reversed(range(len(self.file.slide_layouts))):
            if place not in (COVER, TITLED):
                self.file.slide_layouts.remove(self.file.slide_layouts[place])
        self.cover, self.titled = self.file.slide_layouts[0], self.file.slide_layouts[1]
        for holder in (master, self.cover, self.titled):
            for shape in list(holder.placeholders):
                kind = shape.placeholder_format.type
                if str(kind).startswith(("DATE", "FOOTER", "SLIDE_NUMBER")):
                    shape._element.getparent().remove(shape._element)
                elif holder is not self.cover and str(kind).startswith("TITLE"):
                    _place(shape, layout.MARGIN, layout.TITLE_TOP, layout.INNER, layout.TITLE_HEIGHT)
                elif holder is master:
                    _place(shape, layout.MARGIN, layout.TOP, layout.INNER, layout.BOTTOM - layout.TOP)
        self._stripe(self.titled, layout.MARGIN, layout.RULE, layout.INNER, 4)
        self._stripe(self.cover, 0, 0, layout.WIDTH, 300)

    def _stripe(self, holder: Any, x: int, y: int, width: int, height: int) -> None:
        """A bar of the brand's colour behind everything on a layout."""
        from pptx.oxml import parse_xml
        from pptx.oxml.ns import nsdecls
        from pptx.util import Pt

        colour = self.palette.brand.lstrip("#")
        shape = parse_xml(
            f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{900 + y}" name="Brand"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
            f'<p:spPr><a:xfrm><a:off x="{Pt(x)}" y="{Pt(y)}"/><a:ext cx="{Pt(width)}" cy="{Pt(height)}"/></a:xfrm>'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill><a:ln><a:noFill/></a:ln>'
            f"</p:spPr></p:sp>"
        )
        holder.shapes._spTree.insert(2, shape)

    # ------------------------------------------------------------ a page

    def _slide(self, page: Page, slide: Slide) -> None:
        made = self.file.slides.add_slide(self.cover if page.is_cover else self.titled)
        if page.is_cover:
            self._cover(made, page)
        else:
            self._head(made, page)
            if page.lines:
                self._lines(made, page)
            if page.table is not None and page.table.is_ranked:
                self._bars(made, page)
            elif page.table is not None:
                self._table(made, page)
            for place, curve in enumerate(page.curves):
                self._curve(made, page, curve, place)
            self._foot(made, page)
        made.notes_slide.notes_text_frame.text = _notes(page, slide)

    def _cover(self, made: Any, page: Page) -> None:
        title, below = made.placeholders[0], made.placeholders[1]
        _place(title, layout.MARGIN, 120, layout.INNER, 150)
        self._say(title.text_frame, [page.title], 40, self.palette.on_brand, bold=True, bottom=True)
        _place(below, layout.MARGIN, 322, layout.INNER, 150)
        self._say(below.text_frame, [*(line.text for line in page.lines), self.about], 22, INK)
        owner = made.shapes.add_textbox(0, 0, 0, 0)
        _place(owner, layout.MARGIN, 40, layout.INNER, 40)
        self._say(owner.text_frame, [self.authority.service or self.authority.name], 18, self.palette.on_brand)

    def _head(self, made: Any, page: Page) -> None:
        title = made.shapes.title
        _place(title, layout.MARGIN, layout.TITLE_TOP, layout.INNER, layout.TITLE_HEIGHT)
        self._say(title.text_frame, [page.title], page.title_size, self.palette.deep, bold=True, bottom=True)

    def _say(self, frame: Any, texts: Sequence[str], size: int, colour: str, *, bold: bool = False, bottom: bool = False) -> None:
        from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
        from pptx.util import Pt

        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
        frame.vertical_anchor = MSO_ANCHOR.BOTTOM if bottom else MSO_ANCHOR.TOP
        for place, text in enumerate(texts):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.LEFT
            paragraph.space_after = Pt(size * layout.GAP)
            _run(paragraph, text, size, colour, bold=bold)

    def _lines(self, made: Any, page: Page) -> None:
        from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
        from pptx.util import Pt

        box = made.shapes.add_textbox(0, 0, 0, 0)
        box.name = "Text"
        height = layout.height_of(page.lines, page.size)
        _place(box, layout.MARGIN, layout.TOP, layout.INNER, min(int(height) + 4, layout.BOTTOM - layout.TOP))
        frame = box.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap, frame.auto_size, frame.vertical_anchor = True, MSO_AUTO_SIZE.NONE, MSO_ANCHOR.TOP
        for place, line in enumerate(page.lines):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(page.size * layout.GAP)
            paragraph.level = line.level
            _bullet(paragraph, line, self.palette.text)
            _run(paragraph, line.text, page.size - 2 if line.level else page.size, INK)

    def _table(self, made: Any, page: Page) -> None:
        from pptx.util import Pt

        table, size, columns = page.table, page.table_size, page.columns
        assert table is not None
        top = float(page.table_top)
        if table.caption:
            self._caption(made, table.caption, top)
            top += layout.CAPTION
        heights = [layout.row_height(table.head, columns, size - 2, is_bold=True)]
        heights += [layout.row_height(row.cells, columns, size) for row in page.rows]
        frame = made.shapes.add_table(
            len(page.rows) + 1, len(columns), Pt(layout.MARGIN), Pt(top), Pt(sum(columns)), Pt(sum(heights))
        )  # fmt: skip
        frame.name = table.caption or page.title
        frame._element.nvGraphicFramePr.cNvPr.set("descr", table.caption or page.title)
        grid = frame.table
        grid.horz_banding = False
        for at, width in enumerate(columns):
            grid.columns[at].width = Pt(width)
        texts = [table.head, *(row.cells for row in page.rows)]
        for place, (cells, height) in enumerate(zip(texts, heights, strict=True)):
            grid.rows[place].height = Pt(height)
            for at, text in enumerate(cells):
                self._cell(grid.cell(place, at), text, size - 2 if place == 0 else size, is_head=place == 0, is_first=at == 0)

    def _caption(self, made: Any, text: str, top: float) -> None:
        box = made.shapes.add_textbox(0, 0, 0, 0)
        box.name = "Caption"
        _place(box, layout.MARGIN, top, layout.INNER, layout.CAPTION - 4)
        self._say(box.text_frame, [text], 16, SOFT, bold=True)

    def _cell(self, cell: Any, text: str, size: int, *, is_head: bool, is_first: bool) -> None:
        from pptx.dml.color import RGBColor
        from pptx.enum.text import MSO_ANCHOR
        from pptx.util import Pt

        cell.margin_left = cell.margin_right = Pt(layout.CELL)
        cell.margin_top = cell.margin_bottom = Pt(layout.CELL * 0.75)
        cell.vertical_anchor = MSO_ANCHOR.TOP
        cell.fill.solid()
        cell.fill.fore_color.rgb = RGBColor.from_string((self.palette.tint if is_head else "#ffffff").lstrip("#").upper())
        cell.text_frame.word_wrap = True
        _run(cell.text_frame.paragraphs[0], text, size, self.palette.deep if is_head else INK, bold=is_head or is_first)
        _rule_below(cell, self.palette.text if is_head else LINE)

    # ------------------------------------------------------------ charts

    def _bars(self, made: Any, page: Page) -> None:
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
        from pptx.util import Pt

        assert page.table is not None
        top = float(page.table_top)
        if page.table.caption:
            self._caption(made, page.table.caption, top)
            top += layout.CAPTION
        data = CategoryChartData()
        data.categories = [f"{place}  {row.cells[0]}" for place, row in enumerate(page.rows, start=1)]
        data.add_series(page.table.head[1], [int(row.cells[1]) for row in page.rows])
        height = min(len(page.rows) * layout.BAR + 6, layout.BOTTOM - top)
        frame = made.shapes.add_chart(
            XL_CHART_TYPE.BAR_CLUSTERED, Pt(layout.MARGIN), Pt(top), Pt(layout.INNER), Pt(height), data
        )  # fmt: skip
        _describe(frame, page.title, (f"{row.cells[0]} {row.cells[1]}" for row in page.rows))
        chart = frame.chart
        chart.has_legend, chart.has_title = False, False
        _font(chart.font, 13, INK)
        names, values = chart.category_axis, chart.value_axis
        names.reverse_order, names.tick_label_position = True, XL_TICK_LABEL_POSITION.LOW
        names.major_tick_mark, names.has_major_gridlines = XL_TICK_MARK.NONE, False
        values.visible, values.has_major_gridlines, values.minimum_scale = False, False, 0
        plot = chart.plots[0]
        plot.gap_width, plot.vary_by_categories = 45, False
        self._fill(plot.series[0].format.fill, self.palette.text)
        plot.has_data_labels = True
        plot.data_labels.position = XL_LABEL_POSITION.OUTSIDE_END
        _font(plot.data_labels.font, 16, INK, bold=True)

    def _curve(self, made: Any, page: Page, curve: Curve, place: int) -> None:
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
        from pptx.enum.dml import MSO_LINE
        from pptx.util import Pt

        data = CategoryChartData(number_format="0.0")
        data.categories = curve.points
        series = [(self.authority.name, curve.own), ("England", curve.national)]
        series = [(name, values) for name, values in series if any(value is not None for value in values)]
        for name, values in series:
            data.add_series(name, [None if value is None else float(value) for value in values])
        width = (layout.INNER - 24) // 2
        frame = made.shapes.add_chart(
            XL_CHART_TYPE.LINE_MARKERS, Pt(layout.MARGIN + place * (width + 24)), Pt(page.curves_top), Pt(width), Pt(page.curves_height), data
        )  # fmt: skip
        said = [f"{name}: " + ", ".join(f"{at} {value}" for at, value in zip(curve.points, values, strict=True)) for name, values in series]
        _describe(frame, curve.heading, said)
        chart = frame.chart
        chart.has_title, chart.has_legend = True, len(series) > 1
        chart.chart_title.text_frame.text = curve.heading
        _font(chart.chart_title.text_frame.paragraphs[0].runs[0].font, 14, INK, bold=True)
        _font(chart.font, 12, INK)
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.RIGHT, False
        known = [float(value) for _, values in series for value in values if value is not None]
        chart.value_axis.minimum_scale = max(0, int(min(known) // 5 * 5))
        chart.value_axis.has_major_gridlines = True
        chart.value_axis.major_gridlines.format.line.color.rgb = _rgb("cfd8d9")
        styles = ((self.palette.text, XL_MARKER_STYLE.SQUARE, MSO_LINE.SOLID), (INK, XL_MARKER_STYLE.CIRCLE, MSO_LINE.ROUND_DOT))
        for one, (colour, marker, dash) in zip(chart.plots[0].series, styles, strict=False):
            one.smooth = False
            one.format.line.color.rgb, one.format.line.width, one.format.line.dash_style = _rgb(colour), Pt(2.5), dash
            one.marker.style, one.marker.size = marker, 7
            self._fill(one.marker.format.fill, colour)

    @staticmethod
    def _fill(fill: Any, colour: str) -> None:
        fill.solid()
        fill.fore_color.rgb = _rgb(colour)

    def _foot(self, made: Any, page: Page) -> None:
        from pptx.enum.text import PP_ALIGN

        left = made.shapes.add_textbox(0, 0, 0, 0)
        _place(left, layout.MARGIN, layout.FOOT, layout.INNER - 80, 22)
        self._say(left.text_frame, [page.foot or self.title], 12, SOFT)
        right = made.shapes.add_textbox(0, 0, 0, 0)
        _place(right, layout.MARGIN + layout.INNER - 72, layout.FOOT, 72, 22)
        self._say(right.text_frame, [str(page.number)], 12, SOFT)
        right.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
        left.name, right.name = "Source", "Number"


# ---------------------------------------------------------------- small things


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour.lstrip("#").upper())


def _place(shape: Any, x: float, y: float, width: float, height: float) -> None:
    from pptx.util import Pt

    shape.left, shape.top, shape.width, shape.height = Pt(x), Pt(y), Pt(width), Pt(height)


def _font(font: Any, size: int, colour: str, *, bold: bool = False) -> None:
    from pptx.util import Pt

    font.size, font.bold, font.name = Pt(size), bold, FONT
    font.color.rgb = _rgb(colour)


def _run(paragraph: Any, text: str, size: int, colour: str, *, bold: bool = False) -> None:
    from pptx.enum.lang import MSO_LANGUAGE_ID

    run = paragraph.add_run()
    run.text = text
    _font(run.font, size, colour, bold=bold)
    run.font.language_id = MSO_LANGUAGE_ID.ENGLISH_UK


def _bullet(paragraph: Any, line: Line, colour: str) -> None:
    """A bullet of the brand's colour, hanging as far as ``layout`` measured."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls
    from pptx.util import Pt

    properties = paragraph._p.get_or_add_pPr()
    hang = layout.INDENT if line.level else layout.BULLET
    properties.set("marL", str(int(Pt(layout.BULLET + (layout.INDENT if line.level else 0)))))
    properties.set("indent", str(-int(Pt(hang))))
    sign = "–" if line.level else "•"
    properties.append(parse_xml(f'<a:buClr {nsdecls("a")}><a:srgbClr val="{colour.lstrip("#")}"/></a:buClr>'))
    properties.append(parse_xml(f'<a:buFont {nsdecls("a")} typeface="{FONT}"/>'))
    properties.append(parse_xml(f'<a:buChar {nsdecls("a")} char="{sign}"/>'))


def _rule_below(cell: Any, colour: str) -> None:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    properties = cell._tc.get_or_add_tcPr()
    for place, side in enumerate(("L", "R", "T")):
        properties.insert(place, parse_xml(f'<a:ln{side} {nsdecls("a")} w="0"><a:noFill/></a:ln{side}>'))
    rule = f'<a:lnB {nsdecls("a")} w="9525"><a:solidFill><a:srgbClr val="{colour.lstrip("#")}"/></a:solidFill></a:lnB>'
    properties.insert(3, parse_xml(rule))


def _describe(frame: Any, name: str, said: Iterable[str]) -> None:
    frame.name = name
    frame._element.nvGraphicFramePr.cNvPr.set("descr", f"{name}. {'; '.join(said)}")


def _coloured(xml: str, name: str, colour: str) -> str:
    start, end = xml.index(f"<a:{name}>"), xml.index(f"</a:{name}>")
    return f'{xml[:start]}<a:{name}><a:srgbClr val="{colour.lstrip("#")}"/>{xml[end:]}'


def _notes(page: Page, slide: Slide) -> str:
    """What the speaker says, then where each line of the page comes from."""
    named = [(line.text, line.source) for line in page.lines] + [(row.cells[0], row.source) for row in page.rows]
    named += [(curve.heading, curve.source) for curve in page.curves]
    sources = [f"{text}: {said}" for text, source in named if (said := said_of(source))]
    return "\n".join([*([page.notes, ""] if page.notes else []), *(["Where it comes from", *sources] if sources else [])])


def said_of(source: Source) -> str:
    """ "136 rows of schools.KeyIssue; 136 schools; P22"."""
    rows = f"{source.count} row{'' if source.count == 1 else 's'} of {source.model}" if source.origin == "rows" else ""
    return "; ".join(part for part in (rows, source.said, source.slide) if part)
