# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the controller → their content, put where the declaration names them."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Any, Callable, Collection, Mapping

from ..module_utils._declaration.constants import CREDENTIALS_AT_MOST, WHEEL
from ..module_utils._declaration.problems import Problems
from ..module_utils._desired.sysusers_tmpfiles import kind_of
from .packing import Unpackable, digest_and_size

# Larger files travel only when the host does not have them; smaller ones cost less than a second round trip.
INLINE_AT_MOST = 128 * 1024
# What must be read before anything can be decided (units, drop-ins, accounts, paths) travels at any size.
_ANY_SIZE = 1 << 62


class Sources:
    """Reads and renders what entries name by script, src and template.

    find: (folder, name) → path on the controller; render: path → text. Both raise an exception with a plain message.
    Mistakes are added to `problems` with their place. vaulted: the paths of those found whose vault was opened.
    """

    def __init__(
        self, find: Callable[[str, str], str], render: Callable[[str], str], problems: Problems, vaulted: Collection[str] = ()
    ) -> None:
        self._find = find
        self._render = render
        self._problems = problems
        self._vaulted = vaulted
        self._secret: set[str] = set()  # places
        self.large: dict[str, str] = {}  # sha256 → path on the controller, of a file or a tree

    def of_stack(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a `stack` task with every file in them."""
        resolvers = {"daemons": self.of_daemon, "units": self.of_unit, "files": self._of_file}
        return {key: self._each(value, key, resolvers[key]) if key in resolvers else value for key, value in args.items()}

    def of_daemon(self, place: str, entry: Any) -> Any:
        if not isinstance(entry, Mapping):
            return entry
        readers = {"source": self._application, "requirements": self._text, "wheelhouse": self._wheelhouse, "script": self._read}
        if entry.get("source") is not None:  # then it is the path of one of its own files
            del readers["script"]
        named = {key: read for key, read in readers.items() if isinstance(entry.get(key), str)}
        entry = {**entry, **{key: read(f"{place}.{key}", entry[key]) for key, read in named.items()}}
        if isinstance(entry.get("credentials"), Mapping):
            entry["credentials"] = self._each(entry["credentials"], f"{place}.credentials", self._with_secret)
        return entry

    def _application(self, place: str, name: str) -> dict[str, Any]:
        """A wheel or a tree. It travels only when a host asks for it, however small it is."""
        path = self._path(place, "files", name)
        if path and not os.path.isdir(path):
            if not path.endswith(WHEEL):
                problem = "is neither a directory nor a wheel"
                self._problems.add(place, name, problem, "Name a directory or a .whl file; for a single file use script.")
            return {"wheel": self._on_demand(place, path)}
        described: dict[str, Any] = {"name": f"{os.path.basename(name.rstrip('/')) or 'source'}.tar", "sha256": "", "size": 0}
        try:
            if path:
                described["sha256"], described["size"] = digest_and_size(path)
                self.large[described["sha256"]] = path
        except Unpackable as error:
            self._problems.add(place, name, f"cannot be sent: {error}", "Take it out of the tree.")
        except OSError as error:
            problem = f"cannot be read on the controller: {error.filename}: {error.strerror}"
            self._problems.add(place, name, problem, "Make it readable.")
        return {"tree": described}

    def _text(self, place: str, name: str) -> dict[str, Any]:
        """A file that must be read before anything is decided, however large it is."""
        path = self._path(place, "files", name)
        try:
            with open(path or os.devnull, encoding="utf-8") as stream:
                return {"name": os.path.basename(name) or "file", "content": stream.read()}
        except (OSError, UnicodeDecodeError) as error:
            self._problems.add(place, name, f"cannot be read on the controller: {error}", "Make it a readable text file.")
            return {"name": "file", "content": ""}

    def _wheelhouse(self, place: str, name: str) -> dict[str, Any]:
        path = self._path(place, "files", name)
        if path and not os.path.isdir(path):
            self._problems.add(place, name, "is no directory on the controller", "Name the directory of the wheels.")
            return {"wheels": []}
        found = sorted(wheel for wheel in os.listdir(path) if wheel.endswith(WHEEL)) if path else []
        if path and not found:
            self._problems.add(place, name, "holds no wheels", "Fill it, for example with pip download --dest.")
        return {"wheels": [self._on_demand(place, os.path.join(path, wheel)) for wheel in found]}

    def _on_demand(self, place: str, path: str) -> dict[str, Any]:
        """A file that is sent when a host asks for it."""
        digest, size = hashlib.sha256(), 0
        try:
            with open(path, "rb") as stream:
                for block in iter(lambda: stream.read(1024 * 1024), b""):
                    digest.update(block)
                    size += len(block)
        except OSError as error:
            self._problems.add(place, path, f"cannot be read on the controller: {error.strerror}", "Make it readable.")
        self.large[digest.hexdigest()] = path
        return {"name": os.path.basename(path), "sha256": digest.hexdigest(), "size": size}

    def of_unit(self, place: str, entry: Any) -> Any:
        entry = self._with_definition(place, entry)
        if not isinstance(entry, Mapping) or not isinstance(entry.get("dropins"), Mapping):
            return entry
        return {**entry, "dropins": self._each(entry["dropins"], f"{place}.dropins", self._with_definition)}

    def _with_definition(self, place: str, entry: Any) -> Any:
        return self._with_content(place, entry, inline_at_most=_ANY_SIZE)

    def _of_file(self, place: str, entry: Any) -> Any:
        is_read = kind_of(place.partition(".")[2]) != ""
        found = self._with_content(place, entry, inline_at_most=_ANY_SIZE if is_read else INLINE_AT_MOST)
        is_secret = bool({f"{place}.src", f"{place}.template"} & self._secret)
        return {**found, "mode": "0600"} if is_secret and found.get("mode") is None else found

    def _each(self, entries: Any, option: str, resolve: Callable[[str, Any], Any]) -> Any:
        if not isinstance(entries, Mapping):
            return entries
        return {name: resolve(f"{option}.{name}", entry) for name, entry in entries.items()}

    def _with_secret(self, place: str, entry: Any) -> Any:
        return self._with_content(place, entry, CREDENTIALS_AT_MOST, is_secret=True)

    def _with_content(self, place: str, entry: Any, inline_at_most: int, is_secret: bool = False) -> Any:
        """content, src and template are three ways to say the same; exactly one may be used.

        is_secret: all of it travels with the task, never by a file of the managed node, and no error tells a part of it.
        """
        if not isinstance(entry, Mapping):
            return entry
        given = [key for key in ("content", "src", "template") if entry.get(key) is not None]
        if len(given) > 1:
            self._problems.add(place, ", ".join(given), "names its content more than once", "Keep one of them.")
        if len(given) != 1 or given == ["content"]:
            return entry
        if given == ["template"]:
            source = self._rendered(f"{place}.template", str(entry["template"]), is_secret)
        else:
            source = self._read(f"{place}.src", str(entry["src"]), inline_at_most)
        return {**{key: value for key, value in entry.items() if key not in ("src", "template")}, "content": source}

    def _rendered(self, place: str, name: str, is_secret: bool) -> dict[str, Any]:
        path = self._found(place, "templates", name)
        try:
            return {"name": os.path.basename(name), "content": self._render(path) if path else ""}
        except Exception as error:  # a template can raise anything; its author wants to see it with its place
            told = f"{type(error).__name__}, whose text may hold a secret" if is_secret else error
            self._problems.add(place, name, f"cannot be rendered: {told}", "Fix the template or its variables.")
            return {"name": os.path.basename(name), "content": ""}

    def _read(self, place: str, name: str, inline_at_most: int = INLINE_AT_MOST) -> dict[str, Any]:
        path = self._found(place, "files", name)
        if not path:
            return {"name": os.path.basename(name) or "file", "content": ""}
        try:
            with open(path, "rb") as stream:
                data = stream.read()
        except OSError as error:
            self._problems.add(place, name, f"cannot be read on the controller: {error.strerror}", "Make it readable.")
            return {"name": os.path.basename(name), "content": ""}
        described: dict[str, Any] = {"name": os.path.basename(name)}
        if len(data) > inline_at_most:
            digest = hashlib.sha256(data).hexdigest()
            self.large[digest] = path
            return {**described, "sha256": digest, "size": len(data)}
        try:
            return {**described, "content": data.decode("utf-8")}
        except UnicodeDecodeError:
            return {**described, "base64": base64.b64encode(data).decode("ascii")}

    def _found(self, place: str, folder: str, name: str) -> str:
        path = self._path(place, folder, name)
        if os.path.isdir(path):
            self._problems.add(place, name, "is a directory on the controller", "Name a file in it.")
            return ""
        return path

    def _path(self, place: str, folder: str, name: str) -> str:
        try:
            path = self._find(folder, name)
            if path in self._vaulted:
                self._secret.add(place)
            return path
        except Exception as error:  # AnsibleError with the searched paths, and what a loader may add
            self._problems.add(
                place, name, f"is not on the controller: {_first_line(error)}", f"Put it into {folder}/ beside the playbook."
            )
            return ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def with_uploads(value: Any, uploads: Mapping[str, str]) -> Any:
    """The arguments with the path on the managed node added to each large file that was sent. uploads: sha256 → path."""
    if isinstance(value, Mapping):
        found = {key: with_uploads(item, uploads) for key, item in value.items()}
        return {**found, "upload": uploads[found["sha256"]]} if found.get("sha256") in uploads else found
    if isinstance(value, list):
        return [with_uploads(item, uploads) for item in value]
    return value
