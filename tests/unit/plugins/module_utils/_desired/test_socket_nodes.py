# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No socket lies in a directory that goes with its service. systemd.exec(5), "RuntimeDirectoryPreserve="."""

from __future__ import annotations

from typing import Any

import pytest

from ..builders import daemon, problem_of, refusal, unit


def declared(listen: str, kind: str = "ListenStream", **service: Any) -> dict[str, Any]:
    return {"daemons": {"s": daemon(service=service, socket={kind: listen})}}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        pytest.param(declared("/run/s/s.sock", RuntimeDirectory="s"), "when s.service stops", id="daemon"),
        pytest.param(declared("%t/s/s.sock", RuntimeDirectory="%p"), "when s.service stops", id="specifiers"),
        pytest.param(declared("/run/s/x", "ListenFIFO", RuntimeDirectory="a s"), "when s.service stops", id="fifo"),
        pytest.param(declared("/run/s/d/x.sock", RuntimeDirectory="s"), "when s.service stops", id="below"),
        pytest.param(
            declared("/run/s/s.sock", RuntimeDirectory="s", RuntimeDirectoryPreserve="restart"),
            "when s.service stops",
            id="restart",
        ),
        pytest.param(
            declared("/run/s/s.sock", RuntimeDirectory="s", RuntimeDirectoryPreserve=True, DynamicUser=True),
            "only root can enter",
            id="dynamic user, preserved",
        ),
        pytest.param(
            declared("/var/lib/s/s.sock", StateDirectory="s", DynamicUser=True), "only root can enter", id="dynamic user, state"
        ),
    ],
)
def test_socket_that_would_be_lost(params: dict[str, Any], words: str) -> None:
    problem = problem_of(**params)
    assert problem.place.startswith("daemons.s.service.")
    assert "s.socket listens at /" in problem.problem
    assert words in problem.problem
    assert "Listen elsewhere, for example at /" in problem.remedy
    assert ("RuntimeDirectoryPreserve: yes" in problem.remedy) is ("DynamicUser" not in str(params))


@pytest.mark.parametrize(
    "params",
    [
        pytest.param(declared("/run/s.sock", RuntimeDirectory="s"), id="beside it"),
        pytest.param(declared("/run/s/s.sock", RuntimeDirectory="s", RuntimeDirectoryPreserve=True), id="preserved"),
        pytest.param(declared("/run/s/s.sock", RuntimeDirectory="s/own"), id="above it"),
        pytest.param(declared("/var/lib/s/s.sock", StateDirectory="s"), id="state"),
        pytest.param(declared("/tmp/s.sock", PrivateTmp=True), id="private tmp: systemd binds it outside"),
        pytest.param(declared("@s", RuntimeDirectory="s"), id="abstract"),
    ],
)
def test_socket_that_stays(params: dict[str, Any]) -> None:
    assert refusal(**params) == ()


def test_directory_of_another_service_of_the_stack() -> None:
    socket = {"Socket": {"ListenStream": "/run/shared/a.sock"}, "Install": {"WantedBy": "sockets.target"}}
    services = {"a.service": {"Service": {"ExecStart": "/bin/a"}}, "b.service": unit(Service={"RuntimeDirectory": "shared"})}
    assert "when b.service stops" in problem_of(units={"a.socket": socket, **services}).problem
