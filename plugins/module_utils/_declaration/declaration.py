# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Task arguments → Stack. Reads everything, reports every mistake with its place, touches nothing."""

from __future__ import annotations

from typing import Any, Mapping

from .._dataclasses import replace
from .._unitfile.names import UNIT_TYPES, BadUnitName, check_unit_name, instance_of, split_unit_name
from . import options as opt
from .arguments import COMMON, RELEASES
from .constants import WITHOUT_DECLARATION
from .entry_point import check_runs, needs_venv
from .model import Daemon, FileEntry, How, Stack, UnitEntry
from .options import InvalidValue
from .probe import first_stream
from .problems import Problems
from .users import user_of


def stack_of(params: Mapping[str, Any]) -> Stack:
    """The declaration of a `stack` task, or what unit.py makes of another one. Raises ValidationFailed."""
    problems = Problems()
    name = _stack_name(params.get("name"), problems)
    if params.get("state") in WITHOUT_DECLARATION:  # what else is declared does not matter then
        params = {**params, "daemons": {}, "units": {}, "files": {}, "users": {}}
    daemons = [_daemon(key, value, problems) for key, value in _entries("daemons", params, problems)]
    units = [_unit(key, value, problems) for key, value in _entries("units", params, problems)]
    files = [_file(key, value, problems) for key, value in _entries("files", params, problems)]
    users = [user_of(key, value, problems) for key, value in _entries("users", params, problems)]
    patterns = [_pattern(key, value, problems) for key, value in _entries("patterns", params, problems)]
    settle = _settle(params.get("settle"), problems)
    max_exposure = _max_exposure(params.get("max_exposure"), problems)
    keep_releases = _keep_releases(params.get("keep_releases"), problems)
    _check_scope(params, problems)
    for daemon in daemons:
        if daemon and params.get("root") and needs_venv(daemon):
            place, problem = f"daemons.{daemon.name}.requirements", "a virtual environment is built by a running host only"
            problems.add(place, params["root"], problem, "Build the image with a plain source, or deploy at its first boot.")
    problems.raise_if_any()
    return Stack(
        name=name,
        state=params.get("state") or "present",
        settle=settle,
        rollback_on_failure=params.get("rollback_on_failure", params.get("rollback")) is not False,
        adopt=bool(params.get("adopt")),
        scope=params.get("scope") or "system",
        user=params.get("scope_user") or "",
        root=params.get("root") or "",
        unsafe=params.get("unsafe") or "error",
        max_exposure=max_exposure,
        keep_releases=keep_releases,
        daemons=tuple(d for d in daemons if d),
        units=tuple(u for u in units if u),
        files=tuple(f for f in files if f),
        users=tuple(u for u in users if u),
        how=How(**params.get("how") or {}),
        is_partial=bool(params.get("is_partial")),
        patterns=tuple(p for p in patterns if p),
        declared_by=params.get("declared_by") or "stack",
    )


_OF_THE_STACK = ("name", "state", *COMMON, *RELEASES)


def stack_of_daemon(params: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a `daemon` task as those of a `stack` task with that one daemon."""
    entry = {key: value for key, value in params.items() if key not in _OF_THE_STACK and value is not None}
    state = params.get("state") or "started"
    of_the_stack = state if state in ("validated", *WITHOUT_DECLARATION) else "present"
    if of_the_stack == "present":
        entry["state"] = state
    return {
        "name": params.get("name"),
        "state": of_the_stack,
        "declared_by": "daemon",
        **{key: params.get(key) for key in (*COMMON, *RELEASES)},
        "daemons": {params.get("name"): entry},
    }


def _entries(option: str, params: Mapping[str, Any], problems: Problems) -> list[tuple[str, Any]]:
    given = params.get(option)
    if given is None:
        return []
    if not isinstance(given, Mapping):
        problems.add(option, opt.kind_of(given), "is no mapping of names to entries", f"Write {option}: {{name: {{…}}}}.")
        return []
    return [(str(key), value) for key, value in sorted(given.items(), key=lambda item: str(item[0]))]


def _stack_name(value: Any, problems: Problems) -> str:
    try:
        name = opt.text(value)
        check_unit_name(f"{name}.service")
    except (InvalidValue, BadUnitName) as error:
        problems.add("name", value, error.problem, "Choose a name of letters, digits, '-' and '_'.")
        return ""
    return name


def _check_scope(params: Mapping[str, Any], problems: Problems) -> None:
    scope, user, root = params.get("scope") or "system", params.get("scope_user"), params.get("root")
    if user and scope != "user":
        problems.add("scope_user", user, f"has no meaning in the {scope} scope", "Add scope: user, or take scope_user away.")
    if root and scope == "user":
        problems.add("root", root, "an image has no user's manager", "Use the scope system or global with root.")
    if root and (not root.startswith("/") or root == "/"):
        problems.add("root", root, "is not the absolute path of an image's folder", "Write for example /srv/image.")


def _settle(value: Any, problems: Problems) -> float:
    try:
        return opt.seconds(value)
    except InvalidValue as error:
        problems.add("settle", value, error.problem, error.remedy)
        return 0


def _max_exposure(value: Any, problems: Problems) -> float | None:
    if value is None:
        return None
    try:
        return opt.exposure(value)
    except InvalidValue as error:
        problems.add("max_exposure", value, error.problem, error.remedy)
        return None


def _keep_releases(value: Any, problems: Problems) -> int:
    try:
        count = opt.number(3 if value is None else value)
    except InvalidValue as error:
        problems.add("keep_releases", value, error.problem, error.remedy)
        return 2
    if count < 2:
        problem = "leaves no release to go back to"
        problems.add("keep_releases", value, problem, "Keep 2 or more: the live one and the one before.")
    return count


def _daemon(name: str, value: Any, problems: Problems) -> Daemon | None:
    place = f"daemons.{name}"
    if name.endswith(".service"):
        problems.add(place, name, "is the name of a unit", f"Leave the suffix away: {name[:-8]}.")
        return None
    try:
        check_unit_name(f"{name}@.service")
        if name.startswith("."):
            raise BadUnitName(name, "begins with a dot, and names a directory below /opt", "")
    except BadUnitName as error:
        problems.add(place, name, error.problem, "Choose a name of letters, digits, '-' and '_'.")
        return None
    says_state = isinstance(value, Mapping) and value.get("state") is not None
    daemon = opt.read(Daemon, place, value, problems, name=name, says_state=says_state)
    if daemon:
        _check_daemon(daemon, place, problems)
    return daemon


def _check_daemon(daemon: Daemon, place: str, problems: Problems) -> None:
    check_runs(daemon, place, problems)
    if daemon.socket is None:
        for option, given in (("accept", daemon.accept), ("activation", daemon.activation == "eager")):
            if given:
                problems.add(f"{place}.{option}", given, "has no meaning without a socket", f"Add {place}.socket.")
    elif daemon.accept and daemon.activation == "eager":
        problems.add(
            f"{place}.activation",
            "eager",
            "a daemon with accept: true is started once for each connection",
            "Take activation away.",
        )
    if daemon.health and daemon.health.needs_socket and not first_stream(daemon.socket):
        problem = "names no port, and the daemon has no socket with a ListenStream that could be asked"
        problems.add(f"{place}.health.http", daemon.health.request, problem, "Write for example :8000/, or add a socket.")
    if daemon.dynamic_user and (daemon.user in ("root", "0")):
        problems.add(f"{place}.user", daemon.user, "contradicts dynamic_user: true", "Take one of the two away.")
    if not (daemon.python.startswith("/") or "/" not in daemon.python):
        problems.add(
            f"{place}.python",
            daemon.python,
            "is a relative path",
            "Write an absolute path, or a name that is searched in the PATH of the host.",
        )


def _unit(name: str, value: Any, problems: Problems) -> UnitEntry | None:
    place = f"units.{name}"
    try:
        check_unit_name(f"x.{name}" if name in UNIT_TYPES else name)
    except BadUnitName as error:
        problems.add(place, name, error.problem, error.remedy)
        return None
    if name in UNIT_TYPES and not _has_dropins_alone(value):
        problem, remedy = f"stands for all .{name} units, for which there can be dropins alone", f"Write a name such as a.{name}."
        problems.add(place, name, problem, remedy)
        return None
    if isinstance(value, str):
        value = {"content": value}
    elif isinstance(value, Mapping):
        value = _sections_apart(value)
    unit = opt.read(UnitEntry, place, value, problems, name=name)
    if unit:
        _check_unit(unit, place, problems)
    return unit


def _has_dropins_alone(value: Any) -> bool:
    return isinstance(value, Mapping) and {str(key) for key, given in value.items() if given is not None} == {"dropins"}


def _pattern(pattern: str, value: Any, problems: Problems) -> UnitEntry | None:
    """What is asked of all units that fit."""
    place = f"units.{pattern}"
    unit = opt.read(UnitEntry, place, value, problems, name="each.service")
    if unit:
        _check_unit(unit, place, problems)
    return replace(unit, name=pattern) if unit else None


def _check_unit(unit: UnitEntry, place: str, problems: Problems) -> None:
    if unit.content is not None and unit.sections is not None:
        problems.add(place, unit.name, "has both sections and content", "Keep one of the two.")
    managed = (unit.dropins, unit.instances, unit.enabled, unit.masked, unit.state or None)
    if not unit.is_defined and all(option is None for option in managed):
        problems.add(place, unit.name, "declares nothing", "Give sections, content, src, template, dropins, enabled or state.")
    if unit.instances is not None and not split_unit_name(unit.name).is_template:
        named = split_unit_name(unit.name)
        template = f"{named.prefix}@.{named.type}"
        problems.add(f"{place}.instances", unit.instances, "only a template has instances", f"Name the unit {template}.")
    elif unit.instances is not None:
        _check_instances(unit, place, problems)
    if unit.health is not None:
        _check_health(unit, place, problems)
    if unit.masked and unit.state not in ("", "stopped", "unmanaged"):
        problems.add(f"{place}.masked", True, f"a masked unit cannot be {unit.state}", "Take masked or state away.")
    if unit.masked and unit.enabled:
        problems.add(f"{place}.masked", True, "a masked unit cannot be enabled", "Take masked or enabled away.")


def _check_health(unit: UnitEntry, place: str, problems: Problems) -> None:
    named = split_unit_name(unit.name)
    if unit.health and unit.health.needs_socket:
        problems.add(f"{place}.health.http", unit.health.request, "names no port", "Write for example :8000/.")
    if named.type not in ("service", "socket"):
        problems.add(
            f"{place}.health",
            unit.name,
            f"a .{named.type} unit cannot have health checks; services and sockets can",
            "Move it to a service or socket.",
        )
    elif named.is_template:
        problem = "a template does not run itself"
        problems.add(f"{place}.health", unit.name, problem, "Move it to its socket, or to the entry of an instance.")


def _check_instances(unit: UnitEntry, place: str, problems: Problems) -> None:
    for instance in unit.instances or ():
        try:
            check_unit_name(instance_of(unit.name, instance))
        except BadUnitName as error:
            problems.add(f"{place}.instances", instance, error.problem, error.remedy)


def _sections_apart(value: Mapping[str, Any]) -> dict[str, Any]:
    """{Unit: …, Install: …, enabled: true} → {sections: {Unit: …, Install: …}, enabled: true}.

    Sections are written with a capital letter, options without.
    """
    entry = {str(key): item for key, item in value.items() if not str(key)[:1].isupper()}
    sections = {str(key): item for key, item in value.items() if str(key)[:1].isupper()}
    if sections:
        entry["sections"] = {**(entry.get("sections") or {}), **sections}
    return entry


def _file(path: str, value: Any, problems: Problems) -> FileEntry | None:
    place = f"files.{path}"
    try:
        opt.absolute_path(path)
    except InvalidValue as error:
        problems.add(place, path, error.problem, error.remedy)
        return None
    if path.endswith("/") or path == "/":
        problems.add(place, path, "is a directory", "Name the file in it.")
        return None
    if isinstance(value, str):
        value = {"content": value}
    entry = opt.read(FileEntry, place, value, problems, path=path)
    if entry and entry.content is None:
        problems.add(place, value, "has no content", "Give content, src or template.")
        return None
    return entry
