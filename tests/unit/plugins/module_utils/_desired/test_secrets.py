# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in Environment=: found by the name of the variable, acquitted by what cannot be one, never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ..builders import SLEEPER, daemon, desired, problem_of, refusal, unit

SECRET = "s3cr3t-xyzzy"
LOOKALIKE = """
    TOKENIZERS_PARALLELISM KEYBOARD MONKEY KEYWORDS PASSWORD_FILE SECRET_PATH TOKEN_DIR TOKEN_URL PASSWORD_MIN_LENGTH
    MAX_TOKENS TOKEN_TTL SECRET_NAME AWS_ACCESS_KEY_ID KEY_ID PUBLIC_KEY NEXT_PUBLIC_API_KEY STRIPE_PUBLISHABLE_API_KEY PWD
    CREDENTIALS_DIRECTORY SECRETARY PASSWORDLESS PRIMARY_KEY CACHE_KEY SORT_KEYS API_KEY_HEADER PARTITION_KEY
"""
TELLING = """
    PASSWORD DB_PASSWORD PGPASSWORD db_password dbPassword SMTP_PASSWD KEY_PASSPHRASE SECRET CLIENT_SECRET JWT_SECRET TOKEN
    GITHUB_TOKEN ACCESSTOKEN API_KEY OPENAI_API_KEY APIKEY API_KEYS API_KEY_2 PRIVATE_KEY SECRET_KEY DJANGO_SECRET_KEY
    SECRET_KEY_BASE AWS_SECRET_ACCESS_KEY ENCRYPTION_KEY MASTER_KEY CREDENTIAL DB_CREDENTIALS PASSWORD1
"""


@pytest.mark.parametrize("name", TELLING.split())
def test_a_name_that_tells(name: str) -> None:
    problem = problem_of(daemons={"echo": daemon(environment={name: SECRET})})
    assert (problem.place, problem.value) == ("daemons.echo.environment", name)
    assert all(word in problem.remedy for word in ("credentials", "0600", "unsafe: warn"))
    assert SECRET not in json.dumps(problem.as_result())


@pytest.mark.parametrize("name", LOOKALIKE.split())
def test_a_name_that_only_looks_like_one(name: str) -> None:
    assert refusal(daemons={"echo": daemon(environment={name: SECRET})}) == ()


@pytest.mark.parametrize(
    "value",
    ["", " ", "true", "No", "0", 1, True, "none", "/run/secrets/db", "~/.token", "./token", "%d/db", "%E/echo/token", "$OTHER",
     "${OTHER}", "file:/run/token", "https://issuer.example/token"],
)  # fmt: skip
def test_a_value_that_is_none(value: Any) -> None:
    assert refusal(daemons={"echo": daemon(environment={"DB_PASSWORD": value})}) == ()


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        pytest.param(f"postgres://app:{SECRET}@db/app", True, id="user and password"),
        pytest.param(f"redis://:{SECRET}@cache:6379/0", True, id="password alone"),
        pytest.param(f"a=b amqp+ssl://app:{SECRET}@mq", True, id="in the midst"),
        pytest.param("postgres://app@db/app", False, id="user alone"),
        pytest.param("postgres://app:@db/app", False, id="empty password"),
        pytest.param("postgres://app:${PASSWORD}@db/app", False, id="a variable"),
        pytest.param("postgres://app:***@db/app", False, id="masked"),
        pytest.param("http://host:8080/a@b", False, id="a port, and an @ in the path"),
        pytest.param("http://[::1]:8080/?to=a@b", False, id="IPv6"),
        pytest.param("user@host:path", False, id="not an address"),
    ],
)
def test_an_address_with_a_password(value: str, refused: bool) -> None:
    found = refusal(daemons={"echo": daemon(environment={"DATABASE_URL": value})})
    assert bool(found) == refused
    assert SECRET not in json.dumps([problem.as_result() for problem in found])


@pytest.mark.parametrize(
    ("params", "place"),
    [
        pytest.param(
            {"daemons": {"echo": daemon(service={"Environment": {"TOKEN": SECRET}})}},
            "daemons.echo.service.Environment",
            id="a daemon's own directive",
        ),
        pytest.param(
            {"units": {"a.service": unit(Service={"Environment": [f"A=1 TOKEN={SECRET}"]})}},
            "units.a.service.Service.Environment",
            id="sections",
        ),
        pytest.param(
            {"units": {"a.service": f"[Service]\nExecStart=/bin/true\nEnvironment='TOKEN={SECRET}'\n"}},
            "units.a.service.Service.Environment",
            id="text",
        ),
        pytest.param(
            {"units": {"a.service": {"dropins": {"b": {"Service": {"Environment": {"TOKEN": SECRET}}}}}}},
            "units.a.service.dropins.b.Service.Environment",
            id="drop-in",
        ),
        pytest.param(
            {"units": {"a.socket": {"Socket": {"ListenStream": 9000, "Environment": {"TOKEN": SECRET}}}, "a.service": SLEEPER}},
            "units.a.socket.Socket.Environment",
            id="socket",
        ),
    ],
)
def test_wherever_it_stands(params: dict[str, Any], place: str) -> None:
    problem = problem_of(**params)
    assert (problem.place, problem.value) == (place, "TOKEN")


def test_a_value_that_was_taken_back() -> None:
    assert refusal(units={"a.service": unit(Service={"Environment": [f"TOKEN={SECRET}", ""]})}) == ()


@pytest.mark.parametrize(("unsafe", "warned"), [("warn", 1), ("ignore", 0)])
def test_unsafe_lets_it_pass(unsafe: str, warned: int) -> None:
    warnings = desired(daemons={"echo": daemon(environment={"TOKEN": SECRET})}, unsafe=unsafe).warnings
    assert len(warnings) == warned
    assert SECRET not in str(warnings)
    assert all("daemons.echo.environment" in warning and "TOKEN" in warning for warning in warnings)


@settings(max_examples=examples(200), deadline=None, database=None)
@given(value=st.text("0123456789?", min_size=8, max_size=40))
def test_the_value_is_never_shown(value: str) -> None:
    for found in refusal(daemons={"echo": daemon(environment={"PASSWORD": value})}):
        assert value not in str(found).replace("PASSWORD", "")
