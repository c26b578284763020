# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases: which must be built, which stay for a rollback, which go.

A daemon has a history, latest first: the one that is declared, the one that was live until now, those on record. As many
as keep_releases of it stay, two at least.
"""

from __future__ import annotations

import posixpath
import re
from typing import Iterable, Iterator

from .._desired.desired import Build, Desired
from .actions import Action, BuildRelease, RemoveRelease, TestRelease
from .observed import Observed

# As it stands behind `current`, and on record. Nothing else is ever taken for a release.
TARGET = re.compile("releases/[0-9a-f]{16}")

_WHY_BUILT = {
    "missing": "its content is new",
    "partial": "its building was interrupted",
    "script": "its building was interrupted",
    "changed": "it was changed by hand since it was built",
}


def builds(desired: Desired, observed: Observed) -> list[Action]:
    actions: list[Action] = []
    for build in desired.builds:
        state = observed.release(build.path)
        untested = [test for test in build.tests if test not in state.tested]
        if state.kind in _WHY_BUILT:
            actions.append(BuildRelease(build.path, _WHY_BUILT[state.kind], build))
        elif untested:
            actions.append(TestRelease(build.path, f"it was not tried for {', '.join(untested)}", build))
    return actions


def must_be_built(build: Build, observed: Observed) -> bool:
    return observed.release(build.path).kind in _WHY_BUILT


def history(desired: Desired, observed: Observed) -> dict[str, tuple[str, ...]]:
    """Directory of a daemon → its releases, as they stand behind `current`, latest first, the declared one included."""
    recorded = observed.manifest.releases if observed.manifest else {}
    found: dict[str, tuple[str, ...]] = {}
    for unit in desired.units:
        if unit.release:
            home = posixpath.dirname(unit.release.path)
            live = observed.path(unit.release.path).target
            targets = dict.fromkeys((unit.release.target, live, *recorded.get(home, ())))
            found[home] = tuple(target for target in targets if TARGET.fullmatch(target))
    return found


def kept(desired: Desired, observed: Observed) -> dict[str, tuple[str, ...]]:
    """That part of the history that stays. What was never finished, or is no more, is nothing to roll back to."""
    return {
        home: tuple(_staying(home, releases, max(desired.keep_releases, 2), observed))
        for home, releases in history(desired, observed).items()
    }


def _staying(home: str, releases: Iterable[str], most: int, observed: Observed) -> Iterator[str]:
    """The latest ones, and those from which something runs, however old they are."""
    count = 0
    for release in releases:
        path = f"{home}/{release}"
        counts = count < most and (count == 0 or _is_usable(path, observed))
        count += counts
        if counts or path in observed.in_use:
            yield release


def too_old(desired: Desired, observed: Observed) -> list[str]:
    """Directories of releases that would go if nothing ran from them."""
    stay = kept(desired, observed)
    return [f"{home}/{name}" for home, names in history(desired, observed).items() for name in names if name not in stay[home]]


def _is_usable(path: str, observed: Observed) -> bool:
    return _is_script(path, observed) or observed.release(path).kind in ("complete", "changed", "script")


def _is_script(path: str, observed: Observed) -> bool:
    """A release that was not built, and is no more than a file on record."""
    return observed.manifest is not None and any(file.startswith(f"{path}/") for file in observed.manifest.files)


def is_built(path: str, observed: Observed) -> bool:
    """There is something at this place that was built, or was begun to be."""
    return observed.release(path).kind != "missing" and not _is_script(path, observed)


def retained_files(desired: Desired, observed: Observed) -> list[str]:
    """Recorded files of releases that stay, but for the declared ones, which are declared themselves."""
    if observed.manifest is None:
        return []
    prefixes = tuple(f"{home}/{release}/" for home, releases in kept(desired, observed).items() for release in releases[1:])
    return [path for path in observed.manifest.files if prefixes and path.startswith(prefixes)]


def on_record(desired: Desired, observed: Observed) -> dict[str, tuple[str, ...]]:
    """All that may lie on the host: the history, and that of daemons that are declared no more."""
    recorded = observed.manifest.releases if observed.manifest else {}
    return {**recorded, **history(desired, observed)}


def superfluous(desired: Desired, observed: Observed, held_back: Iterable[str] = ()) -> list[Action]:
    """Built releases that go. held_back: units that were to be restarted and are not: they run what may be old."""
    homes = {posixpath.dirname(unit.release.path): unit.name for unit in desired.units if unit.release}
    stay = kept(desired, observed)
    actions: list[Action] = []
    for home, releases in on_record(desired, observed).items():
        if homes.get(home, "") in held_back:
            continue
        why = f"{desired.keep_releases} releases are kept" if home in homes else "its daemon is declared no more"
        for release in releases:
            path = f"{home}/{release}"
            if release not in stay.get(home, ()) and is_built(path, observed):
                reason = "its building was interrupted" if observed.release(path).kind == "partial" else why
                actions.append(RemoveRelease(path, reason))
    return actions
