# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of systemctl and journalctl: built here and nowhere else."""

from __future__ import annotations

from typing import Sequence

from .._desired.stamp import NAME as STAMP

# What the collection asks of a unit. The order in which `show` prints them is systemd's own.
PROPERTIES = (
    "Id",
    "LoadState",
    "ActiveState",
    "SubState",
    "Result",
    "UnitFileState",
    "NeedDaemonReload",
    "MainPID",
    "NRestarts",
    "InvocationID",
    "ExecMainCode",
    "ExecMainStatus",
    "ExecMainStartTimestampMonotonic",
    "InactiveExitTimestampMonotonic",
    "ActiveEnterTimestampMonotonic",
    "ConditionResult",
    "ConditionTimestampMonotonic",
    "FragmentPath",
    "DropInPaths",
    "User",
    "Group",
    "SupplementaryGroups",
    "DynamicUser",
    "EnvironmentFiles",
    "CanReload",
    "Job",
    "FreezerState",
    "TimeoutStartUSec",
    "TriggeredBy",
    "RequiredBy",
    "RequisiteOf",
    "BoundBy",
    "ConsistsOf",
    "PropagatesStopTo",
    "RefuseManualStart",
    "Type",
    "RemainAfterExit",
)


class Systemctl:
    """Command lines for the manager of a scope. user: the manager of a user instead of the system's.

    no_block: jobs are queued, and not waited for. root: of an image that is not running.
    """

    def __init__(self, user: bool = False, no_block: bool = False, root: str = "") -> None:
        self.is_for_user = user
        self._base = ["systemctl", "--user"] if user else ["systemctl"]
        self._waiting = ["--no-block"] if no_block else []
        self._root = [f"--root={root}"] if root else []

    def show(self, units: Sequence[str], properties: Sequence[str] = PROPERTIES) -> list[str]:
        """All units in one call: 8 ms for one, 15–29 for ten. A missing unit has LoadState=not-found, rc 0.

        A pattern such as "worker@*.service" stands for the loaded units that it fits, for none if there is none.
        """
        return [*self._base, "show", "--no-pager", f"--property={','.join(properties)}", "--", *units]

    def show_all(self, unit: str) -> list[str]:
        """Every property of one unit that has a value."""
        return [*self._base, "show", "--no-pager", "--", unit]

    def show_names(self, patterns: Sequence[str]) -> list[str]:
        """The loaded units that fit a pattern."""
        return [*self._base, "show", "--no-pager", "--property=Id,LoadState", "--", *patterns]

    def daemon_reload(self) -> list[str]:
        return [*self._base, "daemon-reload"]

    def daemon_reexec(self) -> list[str]:
        return [*self._base, "daemon-reexec"]

    def enable(self, unit: str, on: bool) -> list[str]:
        """Of a script of SysV init, which systemctl hands over to the tool of the distribution."""
        return [*self._base, *self._root, "enable" if on else "disable", "--no-reload", "--quiet", "--", unit]

    def is_enabled(self, unit: str) -> list[str]:
        """rc 0: enabled, by a script of SysV init too."""
        return [*self._base, "is-enabled", "--quiet", "--", unit]

    def kill_mode(self, unit: str) -> list[str]:
        """systemd.kill(5)"""
        return [*self._base, "show", "--property=KillMode", "--value", "--", unit]

    def job(self, verb: str, units: Sequence[str]) -> list[str]:
        """start, stop, restart, reload or reset-failed of several units; waits for the jobs."""
        return [*self._base, "--no-pager", *self._waiting, verb, "--", *units]

    def by_dependency(self, verb: str, units: Sequence[str]) -> list[str]:
        """start or stop of units that may be "requested by dependency only" (systemd.unit(5), "RefuseManualStart="): a unit
        that is gone at once wants them, or conflicts with them. Returns when their jobs are done.
        """
        whose = ["--user"] if self.is_for_user else []
        dependency = {"start": "Wants", "stop": "Conflicts"}[verb]
        properties = ["Type=oneshot", f"{dependency}={' '.join(units)}", f"After={' '.join(units)}"]
        given = [f"--property={each}" for each in properties]
        return ["systemd-run", *whose, "--quiet", "--collect", *self._waiting, *given, "--", "/bin/true"]

    def list_jobs(self) -> list[str]:
        """All jobs, each with those that it waits for."""
        return [*self._base, "list-jobs", "--before", "--no-legend", "--plain", "--no-pager"]

    def cancel(self, numbers: Sequence[int]) -> list[str]:
        return [*self._base, "cancel", "--", *(str(number) for number in numbers)]

    def kill(self, unit: str, signal: str, whom: str) -> list[str]:
        """--kill-whom is its name from 252 on, and --kill-who is understood everywhere."""
        return [*self._base, "kill", f"--signal={signal}", f"--kill-who={whom}", "--", unit]

    def clean(self, unit: str, kinds: Sequence[str]) -> list[str]:
        """Remove directories of a unit that is inactive. kinds: of state, cache, logs, configuration."""
        return [*self._base, "clean", *(f"--what={kind}" for kind in kinds), "--", unit]


def version() -> list[str]:
    return ["systemctl", "--version"]


def security(units: Sequence[str], for_user: bool = False, offline: bool = False) -> list[str]:
    """How exposed services are. offline: `units` are paths of unit files, which no manager needs to have loaded (250+)."""
    whose = ["--user"] if for_user else []
    return ["systemd-analyze", *whose, "security", "--no-pager", *(["--offline=true"] if offline else []), "--", *units]


def dump_directives(systemd: str) -> list[str]:
    """Every section and directive that this systemd knows; 5 ms, as any user."""
    return [systemd, "--dump-configuration-items"]


def verify(files: Sequence[str], user: bool) -> list[str]:
    """Load unit files as the manager would; their folder wins over what is installed. Warnings are no failure."""
    return ["systemd-analyze", "verify", "--man=no", *(["--user"] if user else []), "--", *files]


def start_user_manager(uid: int) -> list[str]:
    return ["systemctl", "start", "--", f"user@{uid}.service"]


def linger(user: str, on: bool) -> list[str]:
    return ["loginctl", "enable-linger" if on else "disable-linger", user]


def may_linger(process: int) -> list[str]:
    """pkcheck(1): rc 0 where polkit lets the user of this process decide on his own lingering."""
    return ["pkcheck", "--action-id", "org.freedesktop.login1.set-self-linger", "--process", str(process)]


def create_accounts(path: str, root: str = "") -> list[str]:
    """Of one file. root: of an image; the file is named as this process sees it, all else is taken from below."""
    return ["systemd-sysusers", *([f"--root={root}"] if root else []), f"{root}{path}"]


def create_paths(path: str, root: str = "") -> list[str]:
    """The same; what a file says for boot alone is left out."""
    return ["systemd-tmpfiles", "--create", *([f"--root={root}"] if root else []), f"{root}{path}"]


def restore_labels(paths: Sequence[str]) -> list[str]:
    """SELinux's, of these and of all below them; a path that is gone by now is none of its business."""
    return ["restorecon", "-R", "-i", *paths]


def journal_sync() -> list[str]:
    return ["journalctl", "--sync"]


def encrypt(credential: str) -> list[str]:
    """From standard input to standard output, with the key of the host, which is made at the first use.

    Not with its TPM: what is bound to one cannot be decrypted any more when the firmware or its keys are updated.
    """
    return ["systemd-creds", "--with-key=host", f"--name={credential}", "encrypt", "-", "-"]


def decrypt(credential: str, path: str) -> list[str]:
    """To standard output, as base64: what is secret may be no text."""
    return ["systemd-creds", "--transcode=base64", f"--name={credential}", "decrypt", path, "-"]


_JOURNALCTL = ["journalctl", "--no-pager", "--quiet", "--all", "--output=json", "--output-fields=MESSAGE"]


def journal(unit: str, lines: int, invocation: str = "", stamp: str = "", since: float = 0) -> list[str]:
    """The last lines of one invocation, or where it is not known of the unit. since: seconds since the epoch.

    PID 1's own lines about it carry INVOCATION_ID, those of the unit's processes _SYSTEMD_INVOCATION_ID; but a line that
    journald reads when its process has ended may lack that, and has the unit and the stamp alone. Anybody may write to the
    journal, with any field but those that begin with "_", which are journald's own: what has none of these is no line of it.
    """
    if not invocation:
        return [*_JOURNALCTL, f"--lines={lines}", f"--unit={unit}"]
    fields = [f"_SYSTEMD_INVOCATION_ID={invocation}", "+", f"INVOCATION_ID={invocation}", "_UID=0"]
    if stamp and since:
        fields += ["+", f"_SYSTEMD_UNIT={unit}", f"{STAMP}={stamp}"]
    return [*_JOURNALCTL, f"--lines={lines}", *_since(since), *fields]


def journal_of_last_end(unit: str, uid: int | None) -> list[str]:
    """What the manager has noted of the last process of a unit that ended. uid: of the user whose manager it is."""
    whose = [f"UNIT={unit}", "_PID=1"] if uid is None else [f"USER_UNIT={unit}", f"_UID={uid}"]
    fields = [field if field != "--output-fields=MESSAGE" else f"--output-fields={','.join(END_FIELDS)}" for field in _JOURNALCTL]
    return [*fields, "--lines=1", *whose, f"MESSAGE_ID={_PROCESS_EXIT}"]


def journal_of_stop(unit: str, invocation: str, uid: int | None) -> list[str]:
    """What the manager has noted when it began to stop a unit in this start of it: nothing where its processes ended by
    themselves. uid: of the user whose manager it is.
    """
    whose = (
        [f"UNIT={unit}", "_PID=1", f"INVOCATION_ID={invocation}"]
        if uid is None
        else [f"USER_UNIT={unit}", f"_UID={uid}", f"USER_INVOCATION_ID={invocation}"]
    )
    return [*_JOURNALCTL, "--lines=1", *whose, f"MESSAGE_ID={_STOPPING}"]


def journal_of_last_start(unit: str, uid: int | None) -> list[str]:
    """What the manager has noted at the end of the last job that started a unit. uid: of the user whose manager it is."""
    whose = [f"UNIT={unit}", "_PID=1"] if uid is None else [f"USER_UNIT={unit}", f"_UID={uid}"]
    return [*_JOURNALCTL, "--lines=1", *whose, f"MESSAGE_ID={_START_DONE}"]


# sd-messages.h: SD_MESSAGE_UNIT_STARTED.
_START_DONE = "39f53479d3a045ac8e11786248231fbf"
# systemd.journal-fields(7); sd-messages.h: SD_MESSAGE_UNIT_PROCESS_EXIT, SD_MESSAGE_UNIT_STOPPING.
END_FIELDS = ("COMMAND", "EXIT_CODE", "EXIT_STATUS")
_PROCESS_EXIT = "98e322203f7a4ed290d09fe03c09fe15"
_STOPPING = "de5b426a63be47a7b6ac3eaac82e2f6f"


def journal_of_user_unit(unit: str, uid: int, lines: int, since: float = 0) -> list[str]:
    """The last lines of a unit of a user's manager, and of that manager about it. since: seconds since the epoch.

    The lines of its processes do not tell which start of the unit they come from; and a line that journald reads when its
    process has ended tells no unit at all, but what the unit is called in its lines.
    """
    fields = [f"_SYSTEMD_USER_UNIT={unit}", f"_UID={uid}", "+", f"USER_UNIT={unit}", f"_UID={uid}"]
    if since:
        fields += ["+", f"SYSLOG_IDENTIFIER={unit.rpartition('.')[0]}", f"_UID={uid}"]
    return [*_JOURNALCTL, f"--lines={lines}", *_since(since), *fields]


def _since(seconds: float) -> list[str]:
    return [f"--since=@{seconds:.3f}"] if seconds else []
