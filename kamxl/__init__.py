"""kamxl: a rules engine for spreadsheets, made for Key Account Management."""

__version__ = "0.1.0"
