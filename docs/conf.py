"""Builds the documents: ``sphinx-build -W docs OUT``. What follows from code and data is written by ``generate``."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from generate import write_all  # noqa: E402

from dragoman import __version__  # noqa: E402

project = "Dragoman"
author = "The Dragoman authors"
project_copyright = "The Dragoman authors, Apache-2.0"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = "Dragoman"
exclude_patterns = ["_build", "reference/generated/trust.md"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
myst_heading_anchors = 3
nitpicky = False

write_all(Path(__file__).parent / "reference" / "generated")
