"""For MkDocs: the README as the home page, and other files of the repository that pages link to.

GitHub shows the pages where they lie; on the site the folder docs is the root. What links to files
outside of it finds them here, so that a strict build checks these links, too. That goes for the
page on the project as well, whose links weasel writes relative to project.yml, wherever it puts
the page.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
HOME = "index.md"
# What the site has of the repository beside docs.
SHOWN = {"README.md": HOME} | {
    name: name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "project.yml")
}


def on_files(files: Files, config: Any) -> Files:
    """Add the files of the repository."""
    for name, shown in SHOWN.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, shown, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **kwargs: Any) -> str:
    """Let links lead to where files are on the site."""
    if page.file.src_uri in SHOWN.values():
        return re.sub(r"(?<=\]\()docs/", "", markdown)
    return re.sub(r"(?<=\]\()\.\./([\w.]+)", lambda m: SHOWN.get(m[1], m[0]), markdown)
