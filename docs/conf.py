"""Sphinx reads the Markdown of README, docs/ and the pages for contributors; `make docs` calls it, and warnings are errors."""

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]

project = "validator"
root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/*.md",
    "seeds/README.md",
    "benchmarks/README.md",
]
extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
html_extra_path = [str(path) for path in sorted(Path(__file__).resolve().parent.parent.glob("schemas/*.schema.json"))]
html_theme = "alabaster"
html_theme_options = {"description": _PROJECT["description"], "page_width": "1100px", "fixed_sidebar": True}
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html", "relations.html"]}
html_show_copyright = False
html_show_sourcelink = False
# The pages show terminals and reports in blocks that no lexer knows; they are shown as they are.
suppress_warnings = ["misc.highlighting_failure"]
