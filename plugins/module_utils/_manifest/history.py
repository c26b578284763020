# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which declaration is live on a host and which one was before it: what state: rolled_back returns to."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from .._dataclasses import asdict, dataclass, replace

_PARTS = ("daemons", "units", "files", "users")


@dataclass(frozen=True)
class History:
    """Declarations as the task gave them, contents included but for credentials; None where there is none.

    is_back: the live one was returned to, so that the same request again has nothing to do.
    """

    live: Mapping[str, Any] | None = None
    previous: Mapping[str, Any] | None = None
    is_back: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> History:
        """Raises KeyError."""
        return cls(stored["live"], stored["previous"], stored["is_back"]) if stored else cls()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def return_to(self, was_interrupted: bool) -> Mapping[str, Any] | None:
        """The declaration before the last deployment; where that never came to its end, the one that is live still."""
        return self.live if self.is_back or was_interrupted else self.previous

    def deployed(self, declared: Mapping[str, Any]) -> History:
        """After a deployment that went well."""
        new = {part: _without_uploads(declared.get(part) or {}) for part in _PARTS}
        new["daemons"] = {name: _without_secrets(daemon) for name, daemon in new["daemons"].items()}
        none: dict[str, Any] = {part: {} for part in _PARTS}  # an older release of the collection knew fewer
        return self if self.live and new == {**none, **self.live} else History(new, self.live)

    def returned(self, was_interrupted: bool) -> History:
        if self.is_back or was_interrupted:
            return self
        return replace(self, live=self.previous, previous=self.live, is_back=True)

    def rollback_state(self, after: History | None, was_deployed: bool) -> str | None:
        """The state that takes the deployment back which has made `after` of this; None where nothing does.

        after: None where nothing is put on record. was_deployed: the host had the stack before this run. The same declaration
        again is no deployment: what state: rolled_back returns to would be one too far.
        """
        if after is None or after.is_back or after.live == self.live:
            return None
        if self.live is not None:
            return "rolled_back"
        return None if was_deployed else "absent"


def _without_uploads(value: Any) -> Any:
    """Where a large file lay for the time of one run is no part of what was declared: its digest is."""
    if isinstance(value, Mapping):
        is_source = "sha256" in value
        return {key: _without_uploads(item) for key, item in value.items() if not (is_source and key == "upload")}
    return [_without_uploads(item) for item in value] if isinstance(value, (list, tuple)) else value


def _without_secrets(daemon: Any) -> Any:
    """Credentials by name alone: they are not what a return brings back (a rotated secret stays rotated)."""
    return {**daemon, "credentials": dict.fromkeys(daemon["credentials"])} if daemon.get("credentials") else daemon


def with_secrets(declared: Mapping[str, Any], read: Callable[[str, str], Any]) -> dict[str, Any]:
    """The declaration with the credentials that the host has now. read: (daemon, credential) → its value."""

    def filled(name: str, daemon: Mapping[str, Any]) -> Mapping[str, Any]:
        credentials = daemon.get("credentials")
        return {**daemon, "credentials": {each: read(name, each) for each in credentials}} if credentials else daemon

    return {**declared, "daemons": {name: filled(name, daemon) for name, daemon in declared["daemons"].items()}}
