"""The LibreOffice extension: what Calc is told about kamxl, what its menu does, and how kamxl.oxt is built."""
