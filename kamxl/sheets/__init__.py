"""Process sheets: a Jinja template and the results of a run become one Grid per department."""

from kamxl.sheets.departments import check_templates, department_grids, sheet_names
from kamxl.sheets.notes import kept_notes

__all__ = ["check_templates", "department_grids", "kept_notes", "sheet_names"]
