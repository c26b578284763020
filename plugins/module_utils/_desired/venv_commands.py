# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a release is made: the command lines of venv and pip, or of uv, and the programs that make it and try what was made.

https://pip.pypa.io/en/stable/cli/pip_install/, https://docs.astral.sh/uv/pip/
"""

from __future__ import annotations

import re
from typing import Any, Mapping, Sequence

from .._dataclasses import dataclass
from .._declaration.application import has_hashes
from .desired import Build

# How long the release may take to be imported, in seconds.
PATIENCE = 120

# Begins as the daemon will: where it starts, and with its environment alone, which no command line shows. What systemd would
# make for it alone, such as credentials, lies in a folder of this user's own.
START = """
import base64, json, os, sys
given = json.load(sys.stdin)
os.umask(0o077)
for folder in given["folders"]:
    os.makedirs(folder, exist_ok=True)
for path, content in given["files"].items():
    with open(path, "wb") as stream:
        stream.write(base64.b64decode(content))
    os.chmod(path, 0o400)
os.umask(0o022)
for directory in given["directories"]:
    try:
        os.chdir(directory)
        break
    except OSError:
        pass
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
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


@dataclass(frozen=True)
class BuildStep:
    """task: what it does. asks: it asks an index, and gets the settings for that."""

    task: str
    command: Sequence[str]
    asks: bool = False


def steps(build: Build, uv: str) -> list[BuildStep]:
    """In order. uv: its path, or "" for venv and pip."""
    if not build.has_venv:
        return []
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
        *([] if build.from_source else ["--only-binary", ":all:"]),
    ]
    installations = _installations(build)
    return [
        BuildStep("make its virtual environment", make),
        *(BuildStep("install its requirements", [*install, *each], number == 0) for number, each in enumerate(installations)),
        BuildStep("check its requirements", [*pip, "check", *target]),
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


# Makes a release, as its owner or a throwaway user: runs the steps, and compiles, so that a daemon that may not write there, or
# is another user, need not compile at each start. What comes after the index was asked begins again, without what that took.
# The last line of what it says tells which step has failed, and how.
MAKE = """
import compileall, importlib.util, json, os, py_compile, subprocess, sys
if sys.argv[1:]:
    given = json.loads(sys.argv[1])
else:
    given = json.load(sys.stdin)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.umask(0o022)
files = given.pop("files", {})
for path, content in files.items():
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as stream:
        stream.write(content)
index = given.pop("index", None)
while given["steps"]:
    if index is not None and not any(asks for _number, asks, _command in given["steps"]):
        for path in files:
            os.unlink(path)
        os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", given["program"], json.dumps(given)])
    number, asks, command = given["steps"].pop(0)
    rc = subprocess.call(command, env=dict(given["environment"], **(index if asks else {})), cwd="/")
    if rc:
        sys.exit("\\n%s %d %d" % (given["mark"], number, rc))
for folder, target in given["compile"]:
    if not target:
        compileall.compile_dir(folder, quiet=2)  # but for what pip has compiled already
    for path, folders, names in os.walk(folder) if target else ():
        for name in names:
            file = os.path.join(path, name)
            if name.endswith(".py") and not os.path.islink(file):
                cached = importlib.util.cache_from_source(file)
                cached = os.path.join(target, os.path.relpath(cached, folder))
                try:
                    py_compile.compile(file, cached, doraise=True)
                except Exception:
                    pass
"""
MARK = "daemonic.systemd: step"
_FAILED = re.compile(rf"\n?{MARK} (\d+) (-?\d+)\s*$")


def compiled(build: Build) -> str:
    """Where the compiled source lies until the release is made root's: what makes it can write in `venv` alone."""
    return f"{build.venv}/.compiled"


def call(build: Build, uv: str, home: str, index: Mapping[str, str], files: Mapping[str, str], is_apart: bool) -> dict[str, Any]:
    """What MAKE reads. home: of who runs it. index: the variables that say where packages come from; files: the same, path →
    content. is_apart: it can write in `venv` alone.
    """
    found = steps(build, uv)
    return {
        "program": MAKE,
        "mark": MARK,
        "steps": [(number, step.asks, list(step.command)) for number, step in enumerate(found)],
        "environment": _environment(home),
        "index": dict(index),
        "files": dict(files),
        "compile": [
            (build.source_directory, compiled(build) if is_apart else ""),
            *([(f"{build.venv}/lib", "")] if build.has_venv else []),
        ],
    }


def failure(rc: int, output: str, found: Sequence[BuildStep]) -> tuple[str, int, str]:
    """What it was doing when it failed, its return code, and what it has said."""
    match = _FAILED.search(output)
    number = int(match.group(1)) if match else len(found)
    if match is None or number >= len(found):
        return "make it", rc, output
    return found[number].task, int(match.group(2)), output[: match.start()]


def _environment(home: str) -> dict[str, str]:
    """No cache that only one release would use, no download of an interpreter, no question. Large files go to a disk."""
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": home,
        "LC_ALL": "C",
        "TMPDIR": "/var/tmp",
        "UV_NO_CACHE": "1",
        "UV_LINK_MODE": "copy",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def trial(build: Build) -> list[str]:
    modules: Sequence[str] = build.imports
    entry = [build.working_directory, build.entry.kind, build.entry.name]
    return [build.interpreter, "-I", "-c", START, *entry, *modules]
