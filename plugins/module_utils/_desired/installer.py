# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a release is made: the command lines of venv and pip, or of uv, and the program that tries what was made.

https://pip.pypa.io/en/stable/cli/pip_install/, https://docs.astral.sh/uv/pip/
"""

from __future__ import annotations

from typing import Sequence

from .._declaration.application import has_hashes
from .desired import Build

# How long the release may take to be imported, in seconds.
PATIENCE = 120

# Begins as the daemon will: where it starts, and with its environment alone, which no command line shows.
START = """
import json, os, sys
given = json.load(sys.stdin)
for directory in given["directories"]:
    try:
        os.chdir(directory)
        break
    except OSError:
        pass
os.execve(sys.executable, [sys.executable, "-B", "-c", given["program"], *sys.argv[1:]], given["environment"])
"""

# Looks for the entry and imports modules; the error is one line for a person, or a traceback. Python looks for modules where
# it does for the daemon, and last in the source, as gunicorn with --chdir does.
TRY = f"""
import importlib, importlib.util, os, signal, sys
signal.alarm({PATIENCE})
source, kind, name = sys.argv[1:4]
path = os.path.join(source, name)
if sys.path[:1] == [""]:
    sys.path[0] = os.path.dirname(path) if kind == "script" and source else os.getcwd()
if source and source not in sys.path:
    sys.path.append(source)
def found(module):
    try:
        return importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
if kind == "command":
    path = os.path.join(os.path.dirname(sys.executable), name)
    if not os.access(path, os.X_OK):
        sys.exit("no requirement has brought the command %s" % name)
elif kind == "module":
    spec = found(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = found(name + ".__main__")
    if spec is None:
        sys.exit("there is no module %s that can be run" % name)
else:
    try:
        with open(path, "rb") as stream:
            compile(stream.read(), name, "exec", dont_inherit=True)
    except FileNotFoundError:
        sys.exit("there is no file %s in the source" % name)
    except (SyntaxError, ValueError) as error:
        sys.exit("%s does not compile: line %s: %s" % (name, getattr(error, "lineno", None), getattr(error, "msg", error)))
for module in sys.argv[4:]:
    importlib.import_module(module)
"""


def requirements_file(build: Build) -> str:
    return f"{build.path}/requirements.txt"


def wheelhouse(build: Build) -> str:
    """Where the wheels of the controller lie while the release is built."""
    return f"{build.path}/wheelhouse"


def scratch(build: Build) -> str:
    """The installer's temporary files: below the release, so that what an interruption leaves is removed with it."""
    return f"{build.path}/tmp"


def steps(build: Build, uv: str) -> list[tuple[str, list[str]]]:
    """(what it does, command line), in order. uv: its path, or "" for venv and pip."""
    python = build.interpreter
    make = [uv, "venv", "--quiet", "--python", build.python, build.venv] if uv else [build.python, "-I", "-m", "venv", build.venv]
    pip = [uv, "pip"] if uv else [python, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"]
    target = ["--python", python] if uv else []
    install = [
        *pip,
        "install",
        *target,
        "--quiet",
        *([] if uv else ["--no-cache-dir", "--no-compile", "--no-warn-script-location"]),
    ]
    return [
        ("make its virtual environment", make),
        *(("install its requirements", [*install, *arguments]) for arguments in _installations(build)),
        ("check its requirements", [*pip, "check", *target]),
    ]


def _installations(build: Build) -> list[list[str]]:
    """One resolution for requirements and wheel together; with hashes two, since a wheel of our own has none there."""
    directory = build.remote_wheels or (wheelhouse(build) if build.wheels else "")
    where = ["--no-index", "--find-links", directory] if directory else []
    listed = ["--requirement", requirements_file(build)] if build.requirements else []
    own = [f"{wheelhouse(build)}/{build.source.name}"] if build.source and build.kind == "wheel" else []
    if listed and own and has_hashes(build.requirements):
        return [[*where, "--require-hashes", *listed], ["--no-index", "--no-deps", *own]]
    return [[*where, *(["--require-hashes"] if has_hashes(build.requirements) else []), *listed, *own]]


def environment(build: Build) -> dict[str, str]:
    """No cache that only one release would use, no download of an interpreter, no question."""
    return {
        "TMPDIR": scratch(build),
        "UV_NO_CACHE": "1",
        "UV_LINK_MODE": "copy",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def compile_all(build: Build) -> list[str]:
    """So that a daemon that may not write there, or is another user, need not compile at each start."""
    places = [build.source_directory, *([f"{build.venv}/lib"] if build.has_venv else [])]
    return [build.interpreter, "-I", "-m", "compileall", "-q", "-q", *places]


def trial(build: Build) -> list[str]:
    """Whatever the code does, it ends."""
    modules: Sequence[str] = build.imports
    bounded = ["timeout", "-k", "5", str(PATIENCE + 5)]
    entry = [build.working_directory, build.entry.kind, build.entry.name]
    return [*bounded, build.interpreter, "-I", "-c", START, *entry, *modules]
