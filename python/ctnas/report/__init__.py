"""What a run looks like: drawings, plots, and the page that holds them."""

from ctnas.report.comparison import write_comparison
from ctnas.report.drawing import Drawing, draw_architecture
from ctnas.report.page import write_report

__all__ = ["Drawing", "draw_architecture", "write_comparison", "write_report"]
