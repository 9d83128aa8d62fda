"""Results, estimates and comparators from files: seven kinds of ``core.tabular.IMPORTS``.

``wide``      the department's files (ks2, ks4, absence, census): one row a school, hundreds of columns
``generic``   the portal's own form (results, estimates): one row a figure, for what is published in no file
``targets``   what schools aimed at: earlier rounds, rounds on paper, performance scales
``schools``   which school a row is about: URN, then DfE number, then successor
``figures``   what a file changes in the figures held; writing it
"""

from core.tabular.imports import IMPORTS

from .generic import ESTIMATES, RESULTS
from .targets import TARGETS
from .wide import KINDS

for _kind in (*KINDS, RESULTS, ESTIMATES, TARGETS):
    IMPORTS.add(_kind.key, _kind)
