"""report.html: one page for managers and engineers, without scripts, fonts or pictures from elsewhere."""

from loadtest.report.page.rendering import report_page

PAGE = "report.html"

__all__ = ["PAGE", "report_page"]
