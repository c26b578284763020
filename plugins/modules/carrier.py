#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the managed node, as a module that is told its arguments by one replaced word: JSONARGS of Ansible's developer guide.

The code of the collection comes with the arguments. It is compiled once on a host and kept there.
"""

# Without `from __future__`: Python would look for that module where the task begins, which may be the folder of some user.

DOCUMENTATION = r"""
module: carrier
short_description: Internal - runs the code of the other modules on a host
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - The action plugins of M(daemonic.systemd.stack), M(daemonic.systemd.daemon) and M(daemonic.systemd.unit) call this module, so
    that a host compiles the code of the collection once instead of in each task. Playbooks do not call it.
  - Compiled code is kept below C(/var/cache/daemonic.systemd), for users other than root below C(~/.cache/daemonic.systemd),
    in check mode too. It can be deleted at any time. If it cannot be kept, the code is compiled in each task.
options:
  module:
    description: The module to run.
    type: str
    required: true
  params:
    description: The options of that module.
    type: dict
    required: true
  code:
    description: The code of the collection, packed, and its digest.
    type: dict
    required: true
attributes:
  check_mode:
    description: Only looks, and returns what would be done.
    support: full
  diff_mode:
    description: Returns what has changed, or would change.
    support: full
"""

EXAMPLES = r"""
- name: Called by this, for example
  daemonic.systemd.unit:
    name: systemd-journald.service
    state: started
"""

RETURN = r"""
"""

import sys

# What lies in the directory of the user is not Python's own; the script comes by standard input.
if "" in sys.path:
    sys.path.remove("")

import gc

gc.set_threshold(100_000, 50, 50)  # a run is short, and keeps most of what it makes

import binascii
import contextlib
import json
import marshal
import os
import zlib
from importlib.machinery import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any, Dict, Optional, Tuple

    Parts = Dict[str, Tuple[bool, Optional[bytes]]]
    Sources = Optional[Dict[str, str]]

CALL = r"""<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"""
PACKAGE = "daemonic_systemd"
KEEP = 4  # versions of the code, of whichever controllers and interpreters


class Code:
    """The collection's modules, for `import`: compiled before, or compiled when they are needed.

    digest, packed: of the sources. parts: name → whether it is a package, and its compiled code, None where it is not known.
    """

    def __init__(self, digest: str, packed: str) -> None:
        self._packed = packed
        self._sources: Sources = None
        self._path = os.path.join(cache_directory(), "%s-%s" % (digest, sys.implementation.cache_tag))
        self._has_grown = False
        try:
            self._parts: Parts = read(self._path)
        except (OSError, ValueError, EOFError, TypeError):  # not there yet, or spoilt by a crash of the host
            paths = sorted(self.sources)
            self._parts = {name_of(path): (path.endswith("__init__.py"), None) for path in paths}

    @property
    def sources(self) -> "dict[str, str]":
        """Path → text."""
        if self._sources is None:
            found: dict[str, str] = json.loads(zlib.decompress(binascii.a2b_base64(self._packed)))
            self._sources = found
        return self._sources

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        if name not in self._parts:
            return None
        return ModuleSpec(name, self, is_package=self._parts[name][0])  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Python makes it."""

    def exec_module(self, module: "ModuleType") -> None:
        exec(self._compiled(module.__name__), module.__dict__)

    def get_source(self, name: str) -> str:
        """For tracebacks."""
        return self.sources[path_of(name, self._parts[name][0])]

    def _compiled(self, name: str) -> "CodeType":
        is_package, compiled = self._parts[name]
        if compiled is None:
            path = path_of(name, is_package)
            compiled = marshal.dumps(compile(self.sources[path], path, "exec", dont_inherit=True, optimize=2))  # no docstrings
            self._parts[name] = is_package, compiled
            self._has_grown = True
        code: CodeType = marshal.loads(compiled)
        return code

    def keep(self) -> None:
        """What was compiled now is known next time. A host where it cannot be kept does without."""
        if not self._has_grown:
            return
        with contextlib.suppress(OSError):
            write(self._path, self._parts)


def name_of(path: str) -> str:
    """_host/transaction/run.py → daemonic_systemd._host.transaction.run, and of an __init__.py the package."""
    parts = [PACKAGE, *path[: -len(".py")].split("/")]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def path_of(name: str, is_package: bool) -> str:
    path = "/".join(name.split(".")[1:])
    return ("%s/__init__.py" % path).lstrip("/") if is_package else "%s.py" % path


def cache_directory() -> str:
    if os.geteuid() == 0:
        return "/var/cache/daemonic.systemd"
    import pwd

    return "%s/.cache/daemonic.systemd" % pwd.getpwuid(os.geteuid()).pw_dir


def read(path: str) -> "Parts":
    """What was kept there. Raises OSError or ValueError where nothing of this user's own is there in one piece."""
    with open(path, "rb") as stream:
        owner = os.fstat(stream.fileno())
        data = stream.read()
    if owner.st_uid != os.geteuid() or owner.st_mode & 0o022 or zlib.crc32(data[8:]) != int(data[:8], 16):
        raise ValueError(path)
    parts: Parts = marshal.loads(data[8:])
    return parts


def write(path: str, parts: "Parts") -> None:
    """Beside its place, then renamed; the oldest ones go."""
    folder = os.path.dirname(path)
    os.makedirs(folder, 0o700, exist_ok=True)
    data = marshal.dumps(parts)
    beside = "%s.%d" % (path, os.getpid())
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(b"%08x" % zlib.crc32(data))
        stream.write(data)
    os.rename(beside, path)
    found = [os.path.join(folder, name) for name in os.listdir(folder)]
    for old in sorted(found, key=os.path.getmtime, reverse=True)[KEEP:]:
        os.unlink(old)


def main() -> None:
    call = json.loads(CALL)
    code = Code(call["code"]["digest"], call["code"]["packed"])
    sys.meta_path.insert(0, code)
    from daemonic_systemd._host.entry.bootstrapped import run

    result = run(call)
    code.keep()
    # What is no text, in the lines of a journal or a file, is not to make the answer unreadable.
    sys.stdout.buffer.write(json.dumps(result, ensure_ascii=False).encode("utf-8", "replace"))


def declare() -> None:
    """For ansible-test alone, which runs it without arguments and holds the documentation against what AnsibleModule is told."""
    required = ({"type": "str", "required": True}, {"type": "dict", "required": True}, {"type": "dict", "required": True})
    basic = __import__("ansible.module_utils.basic", fromlist=["AnsibleModule"])
    basic.AnsibleModule(argument_spec=dict(zip(("module", "params", "code"), required)), supports_check_mode=True)


if __name__ == "__main__":
    main() if CALL.startswith("{") else declare()
