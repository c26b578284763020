# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be known of the host before the stack can be expanded: who we are, systemd, the interpreters."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import sys
from typing import Iterable, Mapping

from .._stack.desired import Desired, File, Scope
from .._stack.model import Stack
from .._stack.problems import Problems
from .commands import Commands

# systemd's own search path, not that of the login, so that every run finds the same interpreter.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Reads a script from standard input and compiles it; the error is one line for a person.
_COMPILE = """
import sys
try:
    compile(sys.stdin.buffer.read(), sys.argv[1], "exec", dont_inherit=True)
except (SyntaxError, ValueError) as error:
    sys.exit("line %s: %s" % (getattr(error, "lineno", None), getattr(error, "msg", error)))
"""


def require_systemd(scope: Scope, problems: Problems) -> None:
    """systemd must be the running init (sd_booted(3)), and we must be allowed to change it."""
    if not os.path.isdir("/run/systemd/system"):
        problems.add(
            "host", _init_name(), "systemd is not the init of this host", "Run this task on hosts that were booted with systemd."
        )
    elif os.geteuid() != 0:
        user = pwd.getpwuid(os.geteuid()).pw_name
        problems.add("become", user, f"{scope.unit_directory} may be changed by root only", "Add become: true to the task.")


def _init_name() -> str:
    try:
        with open("/proc/1/comm", encoding="utf-8") as stream:
            return stream.read().strip()
    except OSError:
        return "unknown"


def find_interpreters(stack: Stack, problems: Problems) -> dict[str, str]:
    """Declared interpreter → absolute path on this host."""
    found = {}
    for daemon in stack.daemons:
        path = shutil.which(daemon.python, path=_PATH)
        if path is None:
            place = f"daemons.{daemon.name}.python"
            problems.add(place, daemon.python, "there is no such interpreter on the host", "Install it, or name another one.")
        found[daemon.python] = path or daemon.python
    return found


def check_accounts(files: Iterable[File], problems: Problems) -> None:
    """Owners and groups must exist before the first file is written."""
    for file in files:
        for option, name, exists in (("owner", file.owner, _user_exists), ("group", file.group, _group_exists)):
            if name is not None and not exists(name):
                problems.add(f"{file.place}.{option}", name, f"there is no such {_ACCOUNT[option]} on the host", "Create it first.")


_ACCOUNT = {"owner": "user", "group": "group"}


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _group_exists(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


def check_scripts(desired: Desired, present: Mapping[str, str], commands: Commands, problems: Problems) -> None:
    """Each script must compile on the interpreter that will run it. present: path → sha256 of what was checked before."""
    for interpreter, file in desired.scripts:
        if present.get(file.path) == file.source.sha256:
            continue
        error = _compile_error(interpreter, file, commands)
        if error:
            problems.add(file.place, file.source.name, f"does not compile with {interpreter}: {error}", "Mend the script.")


def _compile_error(interpreter: str, file: File, commands: Commands) -> str:
    data = _bytes_of(file)
    if os.path.realpath(interpreter) == os.path.realpath(sys.executable):
        try:
            compile(data, file.source.name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            return f"line {getattr(error, 'lineno', None)}: {getattr(error, 'msg', error)}"
        return ""
    rc, stderr = commands.attempt([interpreter, "-I", "-c", _COMPILE, file.source.name], stdin=data)
    return stderr.splitlines()[-1] if rc and stderr else f"exit status {rc}" if rc else ""


def _bytes_of(file: File) -> bytes:
    if file.source.data is not None:
        return file.source.data
    with open(file.source.upload or file.path, "rb") as stream:
        return stream.read()
