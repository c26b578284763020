# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mistake of a declaration is told with its place, its value and its remedy, before any host is asked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import DAEMON
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of, stack_of_daemon
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, ValidationFailed
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..builders import SLEEPER, daemon, desired, problem_of, problems_of, refusal, script, stack, unit

PROPERTY = settings(max_examples=examples(200), deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
LONG = "x" * 300


def daemons(**options: Any) -> dict[str, Any]:
    return {"daemons": {"echo": daemon(**options)}}


def files(path: str, **options: Any) -> dict[str, Any]:
    return {"files": {path: options or "text"}}


@pytest.mark.parametrize(
    ("params", "place", "value", "problem", "remedy"),
    [
        pytest.param(
            daemons(enviroment={}), "daemons.echo.enviroment", "enviroment", "unknown option", "Did you mean 'environment'?",
            id="misspelt option",
        ),
        pytest.param(daemons(xyz=1), "daemons.echo.xyz", "xyz", "unknown option", "The options are: accept", id="unknown"),
        pytest.param(
            {"daemons": {"echo": {"user": "echo"}}}, "daemons.echo.script", None, "required", "Add it to daemons.echo",
            id="no script",
        ),
        pytest.param(
            daemons(script="echo.py"), "daemons.echo.script", "not shown", "names a file of the controller", "full name",
            id="unread script",
        ),
        pytest.param(
            {"daemons": ["echo"]}, "daemons", "a list", "no mapping of names", "Write daemons: {name:", id="list of daemons",
        ),
        pytest.param(
            {"daemons": {"echo": "echo.py"}}, "daemons.echo", "a string", "no mapping of options", "script", id="daemon as text",
        ),
        pytest.param(
            {"daemons": {"echo.service": daemon()}}, "daemons.echo.service", "echo.service", "name of a unit",
            "suffix away: echo.", id="daemon with suffix",
        ),
        pytest.param(
            {"daemons": {"a/b": daemon()}}, "daemons.a/b", "a/b", "holds no '/'", "Choose a name of letters",
            id="daemon with slash",
        ),
        pytest.param(
            {"daemons": {LONG: daemon()}}, f"daemons.{LONG}", LONG, "309 characters long", "Choose", id="daemon too long",
        ),
        pytest.param(
            {"daemons": {"": daemon()}}, "daemons.", "", "nothing stands before", "Choose a name", id="daemon without name",
        ),
        pytest.param(
            {"daemons": {"a b": daemon()}}, "daemons.a b", "a b", "cannot hold ' '", "Choose a name", id="daemon with blank",
        ),
        pytest.param(
            daemons(type="notfy"), "daemons.echo.type", "notfy", "not one of the choices", "Did you mean 'notify'?", id="type",
        ),
        pytest.param(
            daemons(restart=True), "daemons.echo.restart", True, "not one of", "Choose one of: no, on-success",
            id="restart: yes",
        ),
        pytest.param(daemons(state="running"), "daemons.echo.state", "running", "not one of", "started, stopped", id="state"),
        pytest.param(
            daemons(accept="maybe"), "daemons.echo.accept", "maybe", "must be true or false", "Write true or false", id="flag",
        ),
        pytest.param(
            daemons(accept=True), "daemons.echo.accept", True, "without a socket", "Add daemons.echo.socket", id="accept alone",
        ),
        pytest.param(
            daemons(activation="eager"), "daemons.echo.activation", True, "without a socket", "daemons.echo.socket",
            id="eager alone",
        ),
        pytest.param(
            daemons(socket={"ListenStream": 1}, accept=True, activation="eager"), "daemons.echo.activation", "eager",
            "once for each connection", "Take activation away", id="eager and accept",
        ),
        pytest.param(
            daemons(dynamic_user=True, user="root"), "daemons.echo.user", "root", "contradicts dynamic_user", "Take one",
            id="dynamic root",
        ),
        pytest.param(
            daemons(python="venv/bin/python"), "daemons.echo.python", "venv/bin/python", "relative path", "absolute",
            id="python",
        ),
        pytest.param(daemons(args="a 'b"), "daemons.echo.args", "not shown", "cannot be split", "Close the quotes", id="args"),
        pytest.param(
            daemons(description="a\nb"), "daemons.echo.description", "a\nb", "single line", "line break", id="two lines",
        ),
        pytest.param(daemons(after={"a": 1}), "daemons.echo.after", {"a": 1}, "must be a list", "Write [a, b]", id="after"),
        pytest.param(
            daemons(service=["a"]), "daemons.echo.service", "not shown", "must be a mapping, not a list", "key: value",
            id="service",
        ),
        pytest.param(
            {"units": {"echo": SLEEPER}}, "units.echo", "echo", "ends in its type", "write echo.service",
            id="unit without suffix",
        ),
        pytest.param(
            {"units": {"echo.servcie": SLEEPER}}, "units.echo.servcie", "echo.servcie", "no type of unit",
            "did you mean echo.service?", id="unit with a misspelt suffix",
        ),
        pytest.param(
            {"units": {"a/echo.service": SLEEPER}}, "units.a/echo.service", "a/echo.service", "holds no '/'",
            "write echo.service", id="unit with slash",
        ),
        pytest.param(
            {"units": {f"{LONG}.service": SLEEPER}}, f"units.{LONG}.service", f"{LONG}.service", "308 characters long",
            "use 255 at most", id="unit too long",
        ),
        pytest.param(
            {"units": {"a.service": {}}}, "units.a.service", "a.service", "declares nothing", "Give sections",
            id="empty unit",
        ),
        pytest.param(
            {"units": {"a.service": unit(content="[Unit]\n")}}, "units.a.service", "a.service",
            "both sections and content", "Keep one", id="unit told twice",
        ),
        pytest.param(
            {"units": {"a.service": unit(service={})}}, "units.a.service.service", "service", "unknown option", "",
            id="section in small letters",
        ),
        pytest.param(
            {"units": {"a.service": unit(state="absent")}}, "units.a.service.state", "absent", "not one of", "unmanaged",
            id="unit state",
        ),
        pytest.param(
            {"units": {"a.service": {"src": "a.service"}}}, "units.a.service.src", "a.service", "controller", "full", id="src",
        ),
        pytest.param(files("etc/a.conf"), "files.etc/a.conf", "etc/a.conf", "not an absolute path", "/etc/", id="relative path"),
        pytest.param(files("/etc/../a"), "files./etc/../a", "/etc/../a", "not in its plain form", "Write /a.", id="dots"),
        pytest.param(files("/etc/a/"), "files./etc/a/", "/etc/a/", "plain form", "Write /etc/a.", id="slash at the end"),
        pytest.param(files("/"), "files./", "/", "is a directory", "Name the file in it", id="the root"),
        pytest.param(files("//etc/a"), "files.//etc/a", "//etc/a", "plain form", "Write /etc/a.", id="two slashes"),
        pytest.param(
            files("/etc/a", content="x", mode=640), "files./etc/a.mode", 640, "must be an octal string",
            'quotes, for example "0640"', id="mode as a number",
        ),
        pytest.param(
            files("/etc/a", content="x", mode="0888"), "files./etc/a.mode", "0888", "no octal file mode", "octal",
            id="mode 0888",
        ),
        pytest.param(
            files("/etc/a", content="x", mode="u=rw"), "files./etc/a.mode", "u=rw", "no octal file mode", "octal",
            id="mode u=rw",
        ),
        pytest.param(
            files("/etc/a", content="x", mode="77777"), "files./etc/a.mode", "77777", "no octal", "octal digits",
            id="mode too large",
        ),
        pytest.param(
            files("/etc/a", mode="0640"), "files./etc/a", {"mode": "0640"}, "has no content", "Give content", id="no content",
        ),
        pytest.param(
            files("/etc/a", content=5), "files./etc/a.content", "not shown", "must be text, not a number", "as a string",
            id="content as a number",
        ),
        pytest.param(
            files("/etc/a", contents="x"), "files./etc/a.contents", "contents", "unknown option", "Did you mean 'content'?",
            id="contents",
        ),
        pytest.param(files("/etc/a", template="a.j2"), "files./etc/a.template", "a.j2", "controller", "full name", id="template"),
        pytest.param({"name": ""}, "name", "", "nothing stands before", "Choose a name of letters", id="stack without name"),
        pytest.param({"name": "a/b"}, "name", "a/b", "holds no '/'", "Choose a name of letters", id="stack with slash"),
        pytest.param({"name": None}, "name", None, "must be a string, not nothing", "Choose a name", id="stack name missing"),
        pytest.param({"settle": "soon"}, "settle", "soon", "no span of time", "for example 3s", id="settle"),
        pytest.param({"settle": "-1"}, "settle", "-1", "no span of time", "Write seconds", id="negative settle"),
    ],
)  # fmt: skip
def test_mistake(params: dict[str, Any], place: str, value: Any, problem: str, remedy: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        stack(**params)
    (found,) = refused.value.problems
    assert found.place == place
    assert value is ... or found.value == value
    assert problem in found.problem
    assert remedy in found.remedy
    assert found.advice[-1] in ".?!"


@pytest.mark.parametrize("name", [".", ".."])
def test_daemon_whose_directory_would_be_another(name: str) -> None:
    assert problem_of(daemons={name: daemon()}).place == f"daemons.{name}"


def test_all_mistakes_are_told_at_once() -> None:
    found = problems_of(
        daemons={"echo": daemon(typo=1, type="x"), "a/b": daemon()},
        units={"u": SLEEPER},
        files={"etc/a": "x"},
        settle="soon",
    )
    assert [problem.place for problem in found] == [
        "daemons.a/b",
        "daemons.echo.typo",
        "daemons.echo.type",
        "units.u",
        "files.etc/a",
        "settle",
    ]
    message = str(ValidationFailed(found))
    assert message.startswith("6 problems, nothing was changed:\n  1. daemons.a/b: ")


def test_one_mistake_is_one_sentence_for_each_thing_to_know() -> None:
    message = ValidationFailed([Problem("files./etc/a.mode", 640, "must be an octal string", "put it in quotes")]).message
    assert message == "files./etc/a.mode: must be an octal string (got 640). Put it in quotes. Nothing was changed."


def test_problem_as_the_task_returns_it() -> None:
    result = Problem("a.b", "x" * 500, "is long", "Shorten it?").as_result()
    assert (result["place"], result["problem"], result["remedy"]) == ("a.b", "is long", "Shorten it?")
    assert len(result["value"]) == 120


@pytest.mark.parametrize(
    "params",
    [
        pytest.param(files("/etc/key", content="hunter2\0", mode="0600"), id="NUL byte"),
        pytest.param(files("/etc/key", content={"password": "hunter2"}, mode="0600"), id="structure instead of text"),
        pytest.param(daemons(environment="TOKEN=hunter2"), id="environment as text"),
        pytest.param(daemons(environment={"TOKEN": "hunter2\n"}), id="line break in a variable"),
    ],
)
def test_secret_in_a_mistake_is_not_shown(params: dict[str, Any]) -> None:
    found = problem_of(**params)
    assert "hunter2" not in str(found)
    assert "hunter2" not in str(found.as_result())


# What is read


def test_whole_daemon() -> None:
    (read,) = stack(
        daemons={
            "echo": {
                "script": script("print(1)\n"), "args": "-v 'two words'", "environment": {"A": 1}, "user": "echo", "group": 33,
                "wanted_by": "a.target b.target", "after": ["c.service"], "restart": False, "enabled": "yes", "accept": None,
            }
        }
    ).daemons  # fmt: skip
    assert read.script.name == "echo.py"
    assert read.script.data == b"print(1)\n"
    assert read.args == ("-v", "two words")
    assert (read.user, read.group) == ("echo", "33")
    assert (read.wanted_by, read.after) == (("a.target", "b.target"), ("c.service",))
    assert (read.restart, read.enabled, read.accept, read.state) == ("no", True, False, "started")


def test_units_and_files() -> None:
    read = stack(
        units={"a.service": "[Service]\nExecStart=/bin/a\n", "b.target": {"Unit": {"Description": "B"}, "enabled": False}},
        files={"/etc/a": "text", "/etc/b": {"content": {"name": "b.conf", "content": "b"}, "mode": "0640", "owner": "root"}},
    )
    text, structure = read.units
    assert text.content is not None
    assert text.content.data == b"[Service]\nExecStart=/bin/a\n"
    assert (structure.sections, structure.enabled) == ({"Unit": {"Description": "B"}}, False)
    assert [(file.path, file.content and file.content.data, file.mode) for file in read.files] == [
        ("/etc/a", b"text", None),
        ("/etc/b", b"b", 0o640),
    ]


@pytest.mark.parametrize(
    ("value", "seconds"), [("3s", 3.0), ("500ms", 0.5), ("1min", 60.0), ("2.5", 2.5), (4, 4.0), (0, 0.0), (" 1 s ", 1.0)]
)
def test_settle(value: Any, seconds: float) -> None:
    assert stack(settle=value).settle == seconds


def test_sources_are_the_same_however_they_travel() -> None:
    sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"  # of "hello\n"
    ways = [{"content": "hello\n"}, {"base64": "aGVsbG8K"}, {"sha256": sha256, "size": 6, "upload": "/tmp/a"}]
    read = [stack(daemons={"a": {"script": {"name": "a.py", **way}}}).daemons[0].script for way in ways]
    assert {(each.name, each.sha256, each.size) for each in read} == {("a.py", sha256, 6)}
    assert [(each.data, each.upload) for each in read] == [(b"hello\n", None), (b"hello\n", None), (None, "/tmp/a")]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({"content": "x"}, "no usable file name"),
        ({"name": "..", "content": "x"}, "no usable file name"),
        ({"name": "-c", "content": "x"}, "no usable file name"),
        ({"name": "a.py"}, "has no content"),
        ({"name": "a.py", "base64": "%"}, "is not base64"),
        ({"name": "a.py", "sha256": "0"}, "has no content"),
        ({"name": "a.py", "content": "x", "mode": "0644"}, "unknown keys: mode"),
        (["a.py"], "must be a mapping"),
    ],
)
def test_source_that_cannot_be(source: Any, problem: str) -> None:
    found = problem_of(daemons={"a": {"script": source}})
    assert found.place == "daemons.a.script"
    assert problem in found.problem


# The module `daemon`


def test_daemon_is_a_stack_of_one() -> None:
    params = {"name": "echo", "state": "stopped", "settle": "1s", "script": script(), "user": None, "enabled": True}
    read = stack_of(stack_of_daemon(params))
    assert (read.name, read.state, read.settle) == ("echo", "present", 1.0)
    (only,) = read.daemons
    assert (only.name, only.state, only.enabled) == ("echo", "stopped", True)


def test_daemon_that_nothing_wants() -> None:
    given = {name: spec.get("default") for name, spec in DAEMON.items()}
    declared = stack_of_daemon({**given, "name": "echo", "script": script(), "wanted_by": []})
    (service,) = desired(**declared).units
    assert service.links == ()


def test_absent_daemon_needs_no_script() -> None:
    assert stack_of(stack_of_daemon({"name": "echo", "state": "absent", "settle": "3s"})).state == "absent"


@pytest.mark.parametrize(
    "params",
    [
        {"daemons": {"echo": {"script": "echo.py"}}},
        {"files": {"/etc/a.conf": {"template": "a.conf.j2"}}},
        {"units": {"a.service": {"src": "a.service"}}},
    ],
    ids=["daemon", "file", "unit"],
)
def test_the_same_task_with_state_absent(params: dict[str, Any]) -> None:
    assert stack(state="absent", **params).state == "absent"


# Whatever is given


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=5,
)
OPTIONS = st.sampled_from(
    [
        "script",
        "args",
        "environment",
        "user",
        "python",
        "socket",
        "accept",
        "activation",
        "wanted_by",
        "after",
        "unit",
        "service",
        "install",
        "enabled",
        "state",
        "type",
        "restart",
    ]
)


@PROPERTY
@given(st.dictionaries(OPTIONS, ANYTHING, max_size=4))
def test_any_daemon_is_read_or_refused(options: dict[str, Any]) -> None:
    found = refusal(daemons={"echo": {"script": script(), **options}})
    assert all(problem.place.startswith("daemons.echo") for problem in found)


@PROPERTY
@given(st.sampled_from(["daemons", "units", "files", "name", "settle"]), ANYTHING)
def test_anything_is_read_or_refused(option: str, value: Any) -> None:
    assert all(problem.place.startswith(option) for problem in refusal(**{option: value}))


def test_validated_daemon() -> None:
    """The state is the stack's; the daemon is checked as if it were to be started."""
    declared = stack_of_daemon({"name": "a", "script": script(), "state": "validated", "settle": "0s"})
    assert declared["state"] == "validated"
    found = stack_of(declared)
    assert (found.state, found.daemons[0].state) == ("validated", "started")
