# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind of value a directive takes. Data; what no row names is left to the host, which is asked in any case.

systemd starts a unit without the directives whose values it cannot read; the warning is in the journal.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from .._declaration.problems import Problems
from .._unitfile import values as read
from .._unitfile.syntax import Document
from .._unitfile.values import Reader, ValueProblem

# Reader → the directives that it reads, by their names: the same in all sections that have them, but for _ELSEWHERE.
# https://www.freedesktop.org/software/systemd/man/systemd.directives.html
_TABLE: tuple[tuple[Reader, str], ...] = (
    (
        read.truth(),
        """Accept AllowIsolate Broadcast CPUAccounting CPUSchedulingResetOnFork CoredumpReceive DefaultDependencies
        DeferReactivation DynamicUser FixedRandomDelay FlushPending ForceUnmount FreeBind GuessMainPID IOAccounting
        IPAccounting IgnoreOnIsolate IgnoreSIGPIPE KeepAlive LazyUnmount LockPersonality MakeDirectory MemoryAccounting
        MemoryDenyWriteExecute MemoryKSM MemoryZSwapWriteback MountAPIVFS NoDelay NoNewPrivileges NonBlocking OnClockChange
        OnTimezoneChange PassCredentials PassFileDescriptorsToExec PassSecurity Persistent PrivateDevices PrivateIPC
        PrivateMounts PrivateNetwork PrivatePIDs ProtectClock ProtectKernelLogs ProtectKernelModules ProtectKernelTunables
        ReadWriteOnly RefuseManualStart RefuseManualStop RemainAfterElapse RemainAfterExit RemoveIPC RemoveOnStop
        RestrictRealtime RestrictSUIDSGID ReusePort RootDirectoryStartOnly RootEphemeral SELinuxContextFromNet SendSIGHUP
        SendSIGKILL SetLoginEnvironment SloppyOptions StopWhenUnneeded SurviveFinalKillSignal SyslogLevelPrefix TTYReset
        TTYVHangup TTYVTDisallocate TasksAccounting Transparent WakeSystem Writable""",
    ),
    (read.truth("disconnected"), "PrivateTmp"),
    (read.truth("self", "identity", "full", "managed"), "PrivateUsers"),
    (read.truth("full", "strict"), "ProtectSystem"),
    (read.truth("read-only", "tmpfs"), "ProtectHome"),
    (read.truth("private", "strict"), "ProtectControlGroups"),
    (read.truth("restart"), "RuntimeDirectoryPreserve FileDescriptorStorePreserve"),
    (
        read.span,
        """AccuracySec CPUQuotaPeriodSec DeferAcceptSec JobRunningTimeoutSec JobTimeoutSec KeepAliveIntervalSec
        KeepAliveTimeSec LogRateLimitIntervalSec OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec
        PollLimitIntervalSec RandomizedDelaySec RestartMaxDelaySec RestartSec RuntimeMaxSec RuntimeRandomizedExtraSec
        StartLimitInterval StartLimitIntervalSec TimeoutAbortSec TimeoutCleanSec TimeoutIdleSec TimeoutSec TimeoutStartSec
        TimeoutStopSec TriggerLimitIntervalSec WatchdogSec""",
    ),
    (lambda value: read.span(value, nanoseconds=True), "TimerSlackNSec"),
    (read.size, "PipeSize ReceiveBuffer SendBuffer"),
    (
        read.memory,
        """DefaultMemoryLow DefaultMemoryMin MemoryHigh MemoryLimit MemoryLow MemoryMax MemoryMin MemorySwapMax MemoryZSwapMax
        StartupMemoryHigh StartupMemoryLow StartupMemoryMax StartupMemorySwapMax StartupMemoryZSwapMax""",
    ),
    (read.quota, "CPUQuota"),
    (read.count_limit, "LimitLOCKS LimitNOFILE LimitNPROC LimitRTPRIO LimitSIGPENDING"),
    (
        read.mode,
        """CacheDirectoryMode ConfigurationDirectoryMode DirectoryMode LogsDirectoryMode RuntimeDirectoryMode SocketMode
        StateDirectoryMode UMask""",
    ),
    (read.signal, "FinalKillSignal KillSignal ReloadSignal RestartKillSignal WatchdogSignal"),
    (read.whole(-20, 19), "Nice"),
    (read.whole(-1000, 1000), "OOMScoreAdjust"),
    (read.whole(1, 10000), "CPUWeight IOWeight StartupCPUWeight StartupIOWeight"),
    (read.calendar, "OnCalendar"),
    (read.word("no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"), "Restart"),
    (read.word("simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"), "Type"),
    (read.word("main", "cgroup"), "ExitType"),
    (read.word("normal", "direct", "debug"), "RestartMode"),
    (read.word("none", "main", "exec", "all"), "NotifyAccess"),
    (read.word("control-group", "process", "mixed", "none"), "KillMode"),
    (read.word("continue", "stop", "kill"), "OOMPolicy"),
    (read.word("terminate", "abort", "kill"), "TimeoutStartFailureMode TimeoutStopFailureMode"),
    (
        read.word("null", "tty", "tty-force", "tty-fail", "data", "socket", "fd", prefixes=("fd:", "file:")),
        "StandardInput",
    ),
    (
        read.word(
            *("inherit", "null", "tty", "journal", "kmsg", "journal+console", "kmsg+console", "syslog", "syslog+console"),
            *("socket", "fd"),
            prefixes=("file:", "append:", "truncate:", "fd:"),
        ),
        "StandardOutput StandardError",
    ),
    (read.word("noaccess", "invisible", "ptraceable", "default"), "ProtectProc"),
    (read.word("all", "pid"), "ProcSubset"),
    (read.word("inherit", "private", "shared"), "KeyringMode"),
    (read.word("auto", "closed", "strict"), "DevicePolicy"),
    (read.word("other", "batch", "idle", "fifo", "rr", "ext"), "CPUSchedulingPolicy"),
    (read.word("none", "realtime", "best-effort", "idle"), "IOSchedulingClass"),
    (read.word("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"), "SyslogLevel LogLevelMax"),
    (read.word("inactive", "inactive-or-failed"), "CollectMode"),
    (read.word("default", "both", "ipv6-only"), "BindIPv6Only"),
    (read.word("auto", "kill"), "ManagedOOMSwap ManagedOOMMemoryPressure"),
    (read.word("none", "avoid", "omit"), "ManagedOOMPreference"),
)
# Names that mean something else in another section.
_ELSEWHERE = frozenset((("Mount", "Type"),))

READERS: Mapping[str, Reader] = {key: reader for reader, keys in _TABLE for key in keys.split()}


def reader_of(section: str, key: str) -> Reader | None:
    return None if (section, key) in _ELSEWHERE else READERS.get(key)


def check_values(document: Document, place: str, problems: Problems) -> None:
    """What systemd would ignore with a warning. An empty value resets, one with specifiers is known at run time only."""
    told = {problem.place for problem in problems.found}
    for entry in document.entries:
        reader = reader_of(entry.section, entry.key)
        trouble = reader(entry.value) if reader and entry.value and "%" not in _without_percentage(entry.value) else None
        where = f"{place}.{entry.section}.{entry.key}"
        if trouble and where not in told:
            problems.add(where, entry.value, trouble.problem, trouble.remedy)


def _without_percentage(value: str) -> str:
    return value[:-1] if value.endswith("%") else value


# Directives whose values YAML reads otherwise than they are written: 0640 is the number 416, 12:30 is 750.
_TO_BE_QUOTED: Mapping[Reader, ValueProblem] = {
    read.mode: ValueProblem("is a number, and YAML reads 0640 otherwise than systemd", 'Put it in quotes, for example "0640".'),
    read.calendar: ValueProblem("is a number, and YAML reads 12:30 as 750", 'Put it in quotes, for example "12:30".'),
}


def check_numbers(sections: Mapping[str, Any], place: str, problems: Problems) -> None:
    """sections: as the user wrote them, before they are text."""
    for section, key, value in _scalars(sections):
        trouble = _TO_BE_QUOTED.get(READERS.get(key, read.size))
        if trouble and isinstance(value, (int, float)) and not isinstance(value, bool):
            problems.add(f"{place}.{section}.{key}", value, trouble.problem, trouble.remedy)


def _scalars(sections: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for section, body in sections.items():
        for mapping in body if isinstance(body, (list, tuple)) else [body]:
            for key, value in mapping.items() if isinstance(mapping, Mapping) else ():
                for item in value if isinstance(value, (list, tuple)) else [value]:
                    yield str(section), str(key), item
