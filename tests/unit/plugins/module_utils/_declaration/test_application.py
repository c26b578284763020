# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application is made of, and what of that belongs together."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration import application
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.options import InvalidValue

from ..builders import problem_of, problems_of, refusal, script, stack

TREE = {"tree": {"name": "shop.tar", "sha256": "1" * 64, "size": 3}}
WHEEL = {"wheel": {"name": "shop-1-py3-none-any.whl", "sha256": "2" * 64, "size": 3}}
HOUSE = {"wheels": [{"name": "flask-3-py3-none-any.whl", "sha256": "3" * 64, "size": 3}]}
COMPILED = """
# made by pip-compile
flask==3.1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via -r requirements.in
gunicorn[gevent] >= 22 ;  python_version < "3.12"  # a server
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(["flask", "gunicorn", "flask"], ("flask", "gunicorn"), id="list"),
        pytest.param(["b", "a"], ("a", "b"), id="sorted"),
        pytest.param([], (), id="none"),
        pytest.param(
            {"name": "requirements.txt", "content": COMPILED},
            (
                "flask==3.1.0 --hash=sha256:aa --hash=sha256:bb",
                'gunicorn[gevent] >= 22 ; python_version < "3.12"',
            ),
            id="file",
        ),
        pytest.param(["pip @ https://example.org/pip.zip#egg=pip"], ("pip @ https://example.org/pip.zip#egg=pip",), id="URL"),
    ],
)
def test_requirements(given: Any, expected: tuple[str, ...]) -> None:
    assert application.requirements(given) == expected
    assert application.requirements(list(expected)) == expected


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param(["-r other.txt"], "option of pip: -r", id="other file"),
        pytest.param(["--index-url=https://example.org"], "option of pip: --index-url", id="index"),
        pytest.param(["flask --global-option=x"], "option of pip: --global-option=x", id="option of one"),
        pytest.param(["./shop"], "has a path: ./shop", id="path"),
        pytest.param(["/srv/shop.whl"], "has a path", id="absolute path"),
        pytest.param("flask", "names a file of the controller", id="not read"),
        pytest.param(3, "neither a list", id="number"),
    ],
)
def test_requirements_that_are_refused(given: Any, says: str) -> None:
    with pytest.raises(InvalidValue) as error:
        application.requirements(given)
    assert says in error.value.problem


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"source": TREE, "script": "bin/serve.py"}, id="tree and script"),
        pytest.param({"source": TREE, "module": "shop.server"}, id="tree and module"),
        pytest.param({"source": TREE, "requirements": ["gunicorn"], "command": "gunicorn"}, id="tree and command"),
        pytest.param({"source": WHEEL, "command": "shop"}, id="wheel and command"),
        pytest.param({"source": WHEEL, "module": "shop", "wheelhouse": HOUSE}, id="wheel and module"),
        pytest.param({"script": script(), "requirements": ["requests"]}, id="script with requirements"),
        pytest.param({"script": script(), "requirements": ["gunicorn"], "command": "gunicorn"}, id="script and command"),
        pytest.param({"requirements": ["jupyter"], "command": "jupyter", "wheelhouse": {"remote": "/srv/wheels"}}, id="command"),
        pytest.param({"script": script(), "imports": ["json"]}, id="script and imports"),
    ],
)
def test_what_belongs_together(options: dict[str, Any]) -> None:
    assert refusal(daemons={"shop": options}) == ()


@pytest.mark.parametrize(
    ("options", "place", "says"),
    [
        pytest.param({"source": TREE}, "daemons.shop.script", "required", id="nothing to run"),
        pytest.param({"source": TREE, "script": "a.py", "module": "a"}, "daemons.shop", "more than once", id="two entries"),
        pytest.param({"source": TREE, "script": script()}, "daemons.shop.script", "file of its own", id="two sources"),
        pytest.param({"source": WHEEL, "script": "a.py"}, "daemons.shop.script", "no path to run", id="script of a wheel"),
        pytest.param({"source": TREE, "script": "../a.py"}, "daemons.shop.script", "below the source", id="outside"),
        pytest.param({"source": TREE, "command": "gunicorn"}, "daemons.shop.command", "nothing is installed", id="command"),
        pytest.param({"module": "shop"}, "daemons.shop.module", "nothing brings", id="module of nothing"),
        pytest.param({"source": TREE, "module": "-m"}, "daemons.shop.module", "name of a module", id="no module"),
        pytest.param({"source": TREE, "command": "../sh"}, "daemons.shop.command", "name of a command", id="no command"),
        pytest.param(
            {"script": script(), "wheelhouse": HOUSE}, "daemons.shop.wheelhouse", "nothing to install", id="wheels for nothing"
        ),
        *(
            pytest.param(
                {"source": TREE, "module": "a", "requirements": [line]}, "daemons.shop.requirements", "of its source", id=line
            )
            for line in ("b @ https://x.example/b-1.tar.gz", "b[c]@git+https://x.example/b.git", "b @ https://x/b.zip#a.whl")
        ),
        pytest.param({"source": "shop", "module": "shop"}, "daemons.shop.source", "action plugin", id="not packed"),
        pytest.param(
            {"source": TREE, "module": "a", "requirements": ["b"], "wheelhouse": {"remote": "wheels"}},
            "daemons.shop.wheelhouse", "absolute", id="relative wheelhouse",
        ),
    ],
)  # fmt: skip
def test_what_does_not(options: dict[str, Any], place: str, says: str) -> None:
    found = problem_of(daemons={"shop": options})
    assert found.place == place
    assert says in found.problem
    assert found.remedy


def test_image_gets_a_plain_tree_and_no_environment() -> None:
    plain = {"source": TREE, "script": "serve.py"}
    assert refusal(root="/srv/image", daemons={"shop": plain}) == ()
    found = problem_of(root="/srv/image", daemons={"shop": {**plain, "requirements": ["flask"]}})
    assert (found.place, found.value) == ("daemons.shop.requirements", "/srv/image")


@pytest.mark.parametrize("count", [1, 0, -1, "many"])
def test_one_release_is_no_way_back(count: Any) -> None:
    assert [found.place for found in problems_of(keep_releases=count)] == ["keep_releases"]


def test_three_releases_stay_by_default() -> None:
    assert stack().keep_releases == 3
    assert stack(keep_releases="5").keep_releases == 5
