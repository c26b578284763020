# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths that have power over a release while it is built: where it lies, and what it is made with."""

from __future__ import annotations

from typing import Iterator

from .._desired.desired import Build, Unit
from .._desired.identity import identity_of
from .trusted_paths import Use


def uses_of_build(build: Build, unit: Unit, uv: str, who: str) -> Iterator[Use]:
    """The way to the release counts for each daemon: root works there. The rest has power over what a daemon may do.

    uv: its path, or ""; who: root, or the user in whose scope it is.
    """
    yield Use(build.path, build.place, f"{who} builds the release there", is_ours=True)
    if who != "root" or not identity_of(unit.document).is_root:
        return
    yield Use(build.python, f"{build.place}.python", f"root runs {unit.name} by it")
    if build.has_venv and uv:
        yield Use(uv, f"{build.place}.requirements", f"it makes what root runs as {unit.name}")
    if build.remote_wheels:
        yield Use(build.remote_wheels, f"{build.place}.wheelhouse", f"root runs what comes from it, as {unit.name}")
