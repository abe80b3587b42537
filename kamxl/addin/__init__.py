"""The Excel add-in: worksheet functions, ribbon commands, the Python server behind them, and the files themselves."""
