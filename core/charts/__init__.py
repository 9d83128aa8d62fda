"""Charts drawn on the server as plain SVG: the same markup in a page, on paper and in a PDF of record.

===================  =====================================================================
``Trend``            one school, cluster or authority over years, beside LA, national, floor
``Bars``             counts or shares side by side; with an earlier figure, before and after
``Distribution``     how many schools lie in each band, one's own band marked
``Gaps``             a group of pupils beside all others, for several groups
``Matrix``           from (rows) and to (columns): movement of schools, progression of pupils
``Strip``            one figure beside authority, England and floor, for a cell of a table
===================  =====================================================================

Every chart says its finding in a sentence, has a table twin, a ``<title>`` and ``<desc>`` for those who do not see it, and a
source. Presentation attributes only (no class, style, script or reference), so that a strict CSP, WeasyPrint and a
greyscale printer agree; series differ by form, not by colour alone. Show one with ``{% chart it %}``.
"""

from .bars import Bar, Bars
from .base import Chart
from .distribution import Band, Distribution
from .gaps import Gap, Gaps
from .matrix import Matrix
from .strip import Strip
from .trend import Role, Series, Trend

__all__ = ["Band", "Bar", "Bars", "Chart", "Distribution", "Gap", "Gaps", "Matrix", "Role", "Series", "Strip", "Trend"]
