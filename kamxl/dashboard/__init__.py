"""The dashboard: one page that a director reads, as a sheet with native charts and as a page for the browser.

Figures in, Grid or HTML out; knows nothing of files and hosts.
"""

from kamxl.dashboard.content import compose_content
from kamxl.dashboard.sheet import dashboard_grid

__all__ = ["compose_content", "dashboard_grid"]
