# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report → one HTML page that needs nothing else, and runs no script and no style but its own.

What hosts have said is in one place alone, a block of JSON that cannot be left; the scripts show it as text.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from typing import Any, Mapping

from .fleet import findings, headline
from .packing import packed
from .pictures import pictures

# Files of the folder assets/, in the order in which they are put together.
SKELETON = "page.html"
STYLES = ("base.css", "parts.css")
SCRIPTS = ("data.js", "dom.js", "trouble.js", "units.js", "filters.js", "pictures.js", "main.js")
FILES = (SKELETON, *STYLES, *SCRIPTS)

# What the page does not show.
_UNSHOWN = (
    *("relations", "digest", "load_error", "exit_code", "exit_status", "condition_met", "needs_daemon_reload", "stale"),
    "stale_because",
)
# Within a script a parser of HTML looks for these; JSON can spell them otherwise. Anything that is no ASCII is spelled, too.
_SPELLED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def page(report: Mapping[str, Any], files: Mapping[str, str]) -> str:
    """files: the text of each of FILES, by name."""
    style = "\n".join(files[name] for name in STYLES)
    script = '"use strict";\n(() => {\n' + "\n".join(files[name] for name in SCRIPTS) + "\n})();\n"
    parts = {"policy": _policy(style, script), "style": style, "data": island(_data(report)), "script": script}
    before, *places = files[SKELETON].split("{{")
    return before + "".join(parts[name] + after for name, _end, after in (place.partition("}}") for place in places))


def island(value: Any) -> str:
    """JSON that holds nothing that could end the script element that it stands in."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).translate(_SPELLED)


def _data(report: Mapping[str, Any]) -> dict[str, Any]:
    shown = [{key: value for key, value in unit.items() if key not in _UNSHOWN} for unit in report["units"]]
    rows = {"hosts": packed(report["hosts"]), "units": packed(shown)}
    words = {"findings": findings(report["summary"]), "headline": headline(report["summary"])}
    return {**report, **rows, **words, "pictures": pictures(report["units"])}


def _policy(style: str, script: str) -> str:
    """Content Security Policy Level 3: nothing is loaded, and nothing runs but these two texts."""
    return (
        f"default-src 'none'; style-src '{_source(style)}'; script-src '{_source(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
