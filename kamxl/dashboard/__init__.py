"""The dashboard: one page that a director reads, as a sheet with native charts and as a page for the browser.

Figures in, Grid or HTML out; knows nothing of files and hosts.
"""

from kamxl.dashboard.content import Content, compose_content
from kamxl.dashboard.page import dashboard_page
from kamxl.dashboard.sheet import dashboard_grid
from kamxl.dashboard.white_space import white_space_grid

__all__ = ["Content", "compose_content", "dashboard_grid", "dashboard_page", "white_space_grid"]
