# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose folder is it? Ways in, rules and problems out."""

from __future__ import annotations

from typing import Any, Mapping

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.folders import RULES, Declared, check_folders, judged
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.safety import PathStep
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.trusted_paths import Owner
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems

APP = {"owner": "app", "group": "app"}
PATH = "/srv/app/conf/x"


def way(**folders: Mapping[str, Any]) -> list[PathStep]:
    """root's, but for what is unusual of srv, app and conf."""
    steps, path = [PathStep("/", "/")], ""
    for name in ("srv", "app", "conf"):
        path = f"{path}/{name}"
        steps.append(PathStep(**{"path": path, "asked": path, **folders.get(name, {})}))
    return [*steps, PathStep(PATH, PATH, "file", 0o644)]


@pytest.mark.parametrize(
    ("folders", "rule", "culprit"),
    [
        pytest.param({}, "root", "", id="root's all the way"),
        pytest.param({"app": APP, "conf": APP}, "user", "", id="a user's from some folder on"),
        pytest.param({"conf": APP}, "user", "", id="the last one alone"),
        pytest.param({"app": APP}, "crossing", "/srv/app/conf", id="root's in a user's"),
        pytest.param({"app": APP, "conf": {"owner": "bert"}}, "crossing", "/srv/app/conf", id="another user's in a user's"),
        pytest.param({"conf": {"mode": 0o777}}, "shared", "/srv/app/conf", id="everybody's"),
        pytest.param({"srv": {"mode": 0o777}}, "shared", "/srv", id="above it"),
        pytest.param({"conf": {"mode": 0o1777}}, "shared", "/srv/app/conf", id="as /tmp"),
        pytest.param({"srv": {"mode": 0o1777}}, "root", "", id="root's below what is as /tmp"),
        pytest.param({"srv": {"mode": 0o1777}, "app": APP, "conf": APP}, "user", "", id="a user's below what is as /tmp"),
        pytest.param({"conf": {"mode": 0o775, "group": "staff"}}, "root", "", id="a group that nobody is in"),
        pytest.param({"conf": {"mode": 0o775, "members": ("anna",)}}, "shared", "/srv/app/conf", id="a group with members"),
        pytest.param({"conf": {**APP, "mode": 0o775, "members": ("app",)}}, "user", "", id="the user's own group"),
        pytest.param({"conf": {**APP, "mode": 0o775, "members": ("app", "bert")}}, "shared", "/srv/app/conf", id="and another"),
        pytest.param({"conf": {"mode": 0o775, "by_acl": ("bert",)}}, "shared", "/srv/app/conf", id="an ACL"),
        pytest.param({"conf": {**APP, "mode": 0o775, "by_acl": ("app",)}}, "user", "", id="an ACL for the user"),
    ],
)
def test_rule(folders: Mapping[str, Mapping[str, Any]], rule: str, culprit: str) -> None:
    found, weakness = judged(Declared(PATH, "files"), way(**folders), Owner())
    assert (found, weakness.path if weakness else "") == (rule, culprit)
    assert (RULES[found].verdict == "refused") == bool(culprit)


def test_what_is_removed_is_not_written() -> None:
    """It would be stuck else; but no folder may be exchanged for one of root."""
    shared = way(conf={"mode": 0o777})
    assert judged(Declared(PATH, "files", is_removed=True), shared, Owner()) == ("root", None)
    assert judged(Declared(PATH, "files", is_removed=True), way(app=APP), Owner())[0] == "crossing"


def test_problem_names_path_folder_and_remedy() -> None:
    problems = Problems()
    trails = {PATH: way(app=APP), "/srv/app/conf/y": way(app=APP)}
    check_folders([Declared(PATH, "files.x"), Declared("/srv/app/conf/y", "files.y")], trails, Owner(), problems)
    (found,) = problems.found  # once a folder
    assert (found.place, found.value) == ("files.x", PATH)
    assert "/srv/app/conf belongs to root, in a folder of app" in found.problem
    assert found.remedy.startswith("Run chown app /srv/app/conf")
