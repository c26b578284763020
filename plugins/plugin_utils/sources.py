# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the controller → their content, put where the declaration names them."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Any, Callable, Mapping

from ..module_utils._declaration.credentials import AT_MOST as CREDENTIALS_AT_MOST
from ..module_utils._declaration.problems import Problems

# Larger files travel only when the host does not have them; smaller ones cost less than a second round trip.
INLINE_AT_MOST = 128 * 1024


class Sources:
    """Reads and renders what entries name by script, src and template.

    find: (folder, name) → path on the controller; render: path → text. Both raise an exception with a plain message.
    Mistakes are added to `problems` with their place.
    """

    def __init__(self, find: Callable[[str, str], str], render: Callable[[str], str], problems: Problems) -> None:
        self._find = find
        self._render = render
        self._problems = problems
        self.large: dict[str, str] = {}  # sha256 → path on the controller

    def of_stack(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a `stack` task with every file in them."""
        resolvers = {"daemons": self.of_daemon, "units": self._of_unit, "files": self._with_content}
        return {key: self._each(value, key, resolvers[key]) if key in resolvers else value for key, value in args.items()}

    def of_daemon(self, place: str, entry: Any) -> Any:
        if not isinstance(entry, Mapping):
            return entry
        if isinstance(entry.get("script"), str):
            entry = {**entry, "script": self._read(f"{place}.script", entry["script"])}
        if isinstance(entry.get("credentials"), Mapping):
            entry = {**entry, "credentials": self._each(entry["credentials"], f"{place}.credentials", self._with_secret)}
        return entry

    def _of_unit(self, place: str, entry: Any) -> Any:
        entry = self._with_content(place, entry)
        if not isinstance(entry, Mapping) or not isinstance(entry.get("dropins"), Mapping):
            return entry
        return {**entry, "dropins": self._each(entry["dropins"], f"{place}.dropins", self._with_content)}

    def _each(self, entries: Any, option: str, resolve: Callable[[str, Any], Any]) -> Any:
        if not isinstance(entries, Mapping):
            return entries
        return {name: resolve(f"{option}.{name}", entry) for name, entry in entries.items()}

    def _with_secret(self, place: str, entry: Any) -> Any:
        """All of it travels with the task: it is never put into a file of the managed node on its way."""
        return self._with_content(place, entry, inline_at_most=CREDENTIALS_AT_MOST)

    def _with_content(self, place: str, entry: Any, inline_at_most: int = INLINE_AT_MOST) -> Any:
        """content, src and template are three ways to say the same; exactly one may be used."""
        if not isinstance(entry, Mapping):
            return entry
        given = [key for key in ("content", "src", "template") if entry.get(key) is not None]
        if len(given) > 1:
            self._problems.add(place, ", ".join(given), "names its content more than once", "Keep one of them.")
        if len(given) != 1 or given == ["content"]:
            return entry
        if given == ["template"]:
            source = self._rendered(f"{place}.template", str(entry["template"]))
        else:
            source = self._read(f"{place}.src", str(entry["src"]), inline_at_most)
        return {**{key: value for key, value in entry.items() if key not in ("src", "template")}, "content": source}

    def _rendered(self, place: str, name: str) -> dict[str, Any]:
        path = self._found(place, "templates", name)
        try:
            return {"name": os.path.basename(name), "content": self._render(path) if path else ""}
        except Exception as error:  # a template can raise anything; its author wants to see it with its place
            self._problems.add(place, name, f"cannot be rendered: {error}", "Mend the template or its variables.")
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
        try:
            path = self._find(folder, name)
        except Exception as error:  # AnsibleError with the searched paths, and what a loader may add
            self._problems.add(
                place, name, f"is not on the controller: {_first_line(error)}", f"Put it into {folder}/ beside the playbook."
            )
            return ""
        if os.path.isdir(path):
            self._problems.add(place, name, "is a directory on the controller", "Name a file in it.")
            return ""
        return path


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
