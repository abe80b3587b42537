"""Editing a user's .xlsx or .xlsm without losing anything; knows nothing of KAM."""

from kamxl.ooxml.cell_style import CellStyle, RuleStyle
from kamxl.ooxml.cells import Formula
from kamxl.ooxml.columns import ColumnWrite
from kamxl.ooxml.conditional import DataBar, Expression, TextEquals
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.limits import Limits
from kamxl.ooxml.names import DefinedName
from kamxl.ooxml.save import SaveReport
from kamxl.ooxml.table import TableRef
from kamxl.ooxml.tabs import SheetRef
from kamxl.ooxml.workbook import Workbook

__all__ = [
    "CellStyle",
    "ColumnWrite",
    "DataBar",
    "DefinedName",
    "Expression",
    "Formula",
    "Limits",
    "OoxmlError",
    "RuleStyle",
    "SaveReport",
    "SheetRef",
    "TableRef",
    "TextEquals",
    "Workbook",
]
