# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the way on the host is told before anything is touched."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems, ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.conflicts import find_obstacles
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed, PathState

from ..builders import SLEEPER, UNITS, desired

WANTED = desired(units={"a.service": SLEEPER}, files={"/etc/demo/a.conf": "a"})
LINK = f"{UNITS}/multi-user.target.wants/a.service"


def obstacles(**paths: PathState) -> list[Problem]:
    problems = Problems()
    find_obstacles(WANTED, Observed(paths, {}, {}, None), problems)
    try:
        problems.raise_if_any()
    except ValidationFailed as refused:
        return list(refused.problems)
    return []


@pytest.mark.parametrize(
    ("path", "state", "place", "problem", "remedy"),
    [
        pytest.param(
            "/etc/demo/a.conf", PathState("directory"), "files./etc/demo/a.conf", "a directory lies where a file is wanted",
            "Name a file in it", id="directory for a file",
        ),
        pytest.param(
            "/etc/demo/a.conf", PathState("other"), "files./etc/demo/a.conf", "a device, socket or pipe lies", "another path",
            id="pipe",
        ),
        pytest.param(
            "/etc/demo/a.conf", PathState("link", target="/srv/a"), "files./etc/demo/a.conf", "a symbolic link to /srv/a",
            "Name the file that it points to", id="link for a file",
        ),
        pytest.param(
            f"{UNITS}/a.service", PathState("link", target="/dev/null"), "units.a.service", "a.service is masked",
            "Say masked: false", id="masked",
        ),
        pytest.param(
            "/etc/demo", PathState("file"), "/etc/demo", "a file lies where a directory is needed", "Move it", id="file above",
        ),
        pytest.param(
            "/etc/demo", PathState("link"), "/etc/demo", "a symbolic link lies where a directory", "Move it",
            id="dead link above",
        ),
        pytest.param(LINK, PathState("file"), LINK, "a file lies where a link is needed", "Move it away", id="file for a link"),
    ],
)  # fmt: skip
def test_obstacle(path: str, state: PathState, place: str, problem: str, remedy: str) -> None:
    (found,) = obstacles(**{path: state})
    assert found.place == place
    assert problem in found.problem
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/etc/demo/a.conf", PathState("file", sha256=WANTED.files[0].source.sha256)),
        ("/etc/demo", PathState("directory")),
        (LINK, PathState("link", target="/elsewhere")),
    ],
)
def test_no_obstacle(path: str, state: PathState) -> None:
    assert obstacles(**{path: state}) == []
