# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack and a daemon of one name share one record: what one module has declared is not silently removed by the other."""

from __future__ import annotations

from .._declaration.problems import Problems
from .._desired.desired import Desired
from .observed import Manifest, Observed


def check_declared_by(desired: Desired, observed: Observed, problems: Problems) -> None:
    manifest = observed.manifest
    if manifest is None or desired.is_partial or desired.adopt:
        return
    if desired.declared_by == "daemon":
        lost = _beyond_a_daemon(manifest)
        if lost:
            problem = f"a stack of this name is on the host, which has {', '.join(lost)}, too; this task would remove what it has"
            remedy = (
                f"Name the daemon otherwise, or declare it in that stack (daemonic.systemd.stack, name: {desired.stack}). "
                "To have the daemon alone, say adopt: true."
            )
            problems.add("name", desired.stack, problem, remedy)
    elif manifest.declared_by == "daemon" and (desired.units or desired.files):
        lost = [name for name in manifest.owned if name not in desired.unit_names and "@." not in name]
        if lost:
            problem = f"a daemon of this name is on the host, which has {', '.join(lost)}; this task would remove it"
            remedy = (
                f"Declare the daemon {desired.stack} in the stack, or name the stack otherwise. To remove it, say adopt: true."
            )
            problems.add("name", desired.stack, problem, remedy)


def _beyond_a_daemon(manifest: Manifest) -> list[str]:
    """What no daemon task can have made: other units than its service and socket, and what only stacks write."""
    name = manifest.stack
    own = {f"{name}.service", f"{name}@.service", f"{name}.socket"}
    others = sorted(unit for unit in manifest.owned if unit not in own)
    is_stack = manifest.declared_by == "stack"
    files = [path for path in manifest.files if path.rpartition("/")[2] not in own and f"/{name}/" not in path]
    return others or (sorted(files) if is_stack else [])
