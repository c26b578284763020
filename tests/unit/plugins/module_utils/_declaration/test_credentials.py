# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of a declaration: what is taken, what is refused, and that no refusal shows a value."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.constants import CREDENTIALS_AT_MOST as AT_MOST

from ..builders import daemon, problem_of, stack

SECRET = "hunter2"


def declared(credentials: Any) -> dict[str, Any]:
    return {"daemons": {"echo": daemon(credentials=credentials)}}


@pytest.mark.parametrize(
    ("given", "content"),
    [
        pytest.param(SECRET, b"hunter2", id="text"),
        pytest.param("ünïcode\n", "ünïcode\n".encode(), id="not ASCII"),
        pytest.param({"content": SECRET}, b"hunter2", id="content"),
        pytest.param({"content": {"name": "token", "content": SECRET}}, b"hunter2", id="src"),
        pytest.param({"content": {"name": "key", "base64": "AP8="}}, b"\0\xff", id="binary src"),
        pytest.param("x" * (AT_MOST - 5), b"x" * (AT_MOST - 5), id="as large as can be"),
    ],
)
def test_content(given: Any, content: bytes) -> None:
    (echo,) = stack(**declared({"token": given})).daemons
    assert echo.credentials
    assert echo.credentials["token"].data == content


@pytest.mark.parametrize("name", ["token", "db.password", "a-b_c@d+e=f,g", ".hidden", "x" * 255])
def test_name(name: str) -> None:
    assert stack(**declared({name: SECRET})).daemons[0].credentials


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "a:b", "a b", "a%i", "a\\x", "a'", 'a"', "ü", "a\n", "x" * 256],
    ids=lambda name: repr(name[:9]),
)
def test_bad_name(name: str) -> None:
    assert "with the name" in problem_of(**declared({name: SECRET})).problem


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param(SECRET, "must be a mapping", id="no names"),
        pytest.param({"token": 12345678}, "credential token that must be text", id="number"),
        pytest.param({"token": [SECRET]}, "credential token that must be text", id="list"),
        pytest.param({"token": ""}, "credential token that is empty", id="empty"),
        pytest.param({"token": f"{SECRET}\0"}, "NUL", id="NUL"),
        pytest.param({"token": {"src": SECRET}}, "only the action plugin can read", id="unread"),
        pytest.param({"token": {"contents": SECRET}}, "neither text nor content", id="misspelt"),
        pytest.param({"token": {"content": SECRET, "mode": SECRET}}, "neither text nor content", id="too much"),
        pytest.param({"token": {"content": {"name": "a", "sha256": "0" * 64, "size": 5}}}, "not sent", id="no bytes"),
        pytest.param({"token": SECRET * AT_MOST}, "bytes of credentials", id="too large"),
        pytest.param({"a": "x" * (AT_MOST // 2), "b": "x" * (AT_MOST // 2)}, "bytes of credentials", id="too large together"),
    ],
)
def test_refusal_shows_no_value(given: Any, problem: str) -> None:
    found = problem_of(**declared(given))
    assert found.place == "daemons.echo.credentials"
    assert problem in found.problem
    assert SECRET not in f"{found} {found.as_result()}"
    assert "12345678" not in str(found)


def test_declaration_does_not_print_its_secrets() -> None:
    assert SECRET not in repr(stack(**declared({"token": SECRET})))


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"files": [{"path": "/etc/key", "content": SECRET}]}, id="list of files"),
        pytest.param({"files": {"/etc/key": [SECRET]}}, id="file as list"),
        pytest.param({"files": {"/etc/key": {"content": [SECRET]}}}, id="content as list"),
        pytest.param({"daemons": {"echo": [{"credentials": {"token": SECRET}}]}}, id="daemon as list"),
        pytest.param({"daemons": {"echo": daemon(environment=SECRET)}}, id="environment as text"),
        pytest.param({"daemons": {"echo": daemon(environment={"A": [SECRET]})}}, id="variable as list"),
        pytest.param({"files": {"/etc/key": f"\ud800{SECRET}"}}, id="half of a character"),
    ],
)
def test_refusal_shows_no_content(params: dict[str, Any]) -> None:
    found = problem_of(**params)
    assert SECRET not in f"{found} {found.as_result()}"
