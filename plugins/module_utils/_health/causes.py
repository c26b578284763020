# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a unit failed, in plain words that name the directive and its value. Pure: facts of the host come as Diagnostics."""

from __future__ import annotations

from typing import Callable, Iterable

from .._dataclasses import dataclass, replace
from .._desired.desired import Unit
from .._plan.observed import UnitState
from .._plan.unit_plan import describe_exit
from .._text import listed
from .._unitfile.quoting import split_words
from .diagnostics import Diagnostics, PathFacts
from .listeners import unit_of
from .skipped import conditions_of


@dataclass(frozen=True)
class _Setup:
    """A step of the manager before the process runs. name: as systemd prints it; problem: a clause; keys: what may cause it."""

    name: str
    problem: str
    keys: tuple[str, ...] = ()


def _row(name: str, problem: str, keys: str = "") -> _Setup:
    return _Setup(name, problem, tuple(keys.split()))


# https://www.freedesktop.org/software/systemd/man/systemd.exec.html#Process%20Exit%20Codes
_SETUP = {
    200: _row("CHDIR", "its working directory cannot be entered", "WorkingDirectory"),
    201: _row("NICE", "its scheduling priority cannot be set", "Nice"),
    202: _row("FDS", "the descriptors that it was passed cannot be set up"),
    203: _row("EXEC", "its executable does not exist or cannot be run"),
    204: _row("MEMORY", "there was not enough memory to start it"),
    205: _row("LIMITS", "its resource limits cannot be set", "LimitNOFILE LimitNPROC LimitMEMLOCK LimitCORE LimitAS LimitRTPRIO"),
    206: _row("OOM_ADJUST", "its OOM score cannot be set", "OOMScoreAdjust"),
    207: _row("SIGNAL_MASK", "its signal mask cannot be set"),
    208: _row("STDIN", "its standard input cannot be set up", "StandardInput"),
    209: _row("STDOUT", "its standard output cannot be set up", "StandardOutput"),
    210: _row("CHROOT", "its root directory cannot be entered", "RootDirectory RootImage"),
    211: _row("IOPRIO", "its priority for input and output cannot be set", "IOSchedulingClass IOSchedulingPriority"),
    212: _row("TIMERSLACK", "its timer slack cannot be set", "TimerSlackNSec"),
    213: _row("SECUREBITS", "its secure bits cannot be set", "SecureBits"),
    214: _row("SETSCHEDULER", "its CPU scheduling cannot be set", "CPUSchedulingPolicy CPUSchedulingPriority"),
    215: _row("CPUAFFINITY", "its CPUs cannot be set", "CPUAffinity"),
    216: _row("GROUP", "its group does not exist", "Group SupplementaryGroups"),
    217: _row("USER", "its user does not exist", "User"),
    218: _row("CAPABILITIES", "its capabilities cannot be set", "CapabilityBoundingSet AmbientCapabilities"),
    219: _row("CGROUP", "its control group cannot be set up", "Slice Delegate"),
    220: _row("SETSID", "it cannot have a session of its own"),
    222: _row("STDERR", "its standard error cannot be set up", "StandardError"),
    224: _row("PAM", "its PAM session cannot be set up", "PAMName"),
    225: _row("NETWORK", "its network namespace cannot be set up", "PrivateNetwork NetworkNamespacePath"),
    226: _row("NAMESPACE", "its file system namespace cannot be set up"),
    227: _row("NO_NEW_PRIVILEGES", "it cannot be kept from new privileges", "NoNewPrivileges"),
    228: _row("SECCOMP", "its system call filter cannot be set", "SystemCallFilter RestrictAddressFamilies"),
    229: _row("SELINUX_CONTEXT", "its SELinux context cannot be set", "SELinuxContext"),
    230: _row("PERSONALITY", "its execution domain cannot be set", "Personality"),
    231: _row("APPARMOR", "its AppArmor profile cannot be set", "AppArmorProfile"),
    232: _row("ADDRESS_FAMILIES", "its address families cannot be restricted", "RestrictAddressFamilies"),
    233: _row("RUNTIME_DIRECTORY", "its runtime directory cannot be made", "RuntimeDirectory"),
    235: _row("CHOWN", "the owner of its socket cannot be set", "SocketUser SocketGroup"),
    236: _row("SMACK_PROCESS_LABEL", "its SMACK label cannot be set", "SmackProcessLabel"),
    237: _row("KEYRING", "its kernel keyring cannot be set up", "KeyringMode"),
    238: _row("STATE_DIRECTORY", "its state directory cannot be made", "StateDirectory"),
    239: _row("CACHE_DIRECTORY", "its cache directory cannot be made", "CacheDirectory"),
    240: _row("LOGS_DIRECTORY", "its logs directory cannot be made", "LogsDirectory"),
    241: _row("CONFIGURATION_DIRECTORY", "its configuration directory cannot be made", "ConfigurationDirectory"),
    242: _row("NUMA_POLICY", "its NUMA policy cannot be set", "NUMAPolicy NUMAMask"),
    243: _row("CREDENTIALS", "its credentials cannot be read", "LoadCredential LoadCredentialEncrypted SetCredentialEncrypted"),
    245: _row("BPF", "its BPF restrictions cannot be set", "RestrictFileSystems"),
}  # fmt: skip
_RESULTS = {
    "timeout": "did not become ready, or did not stop, in time",
    "resources": "a file or resource that its unit names is missing (EnvironmentFile=, a port that is in use, memory)",
    "start-limit-hit": "was started too often in a short time",
    "service-start-limit-hit": "its service was started too often in a short time",
    "trigger-limit-hit": "was triggered too often in a short time",
    "protocol": "its process did not behave as its Type= promises",
    "oom-kill": "was killed for lack of memory",
    "watchdog": "did not answer its watchdog",
}
_NAMESPACE_KEYS = (
    "ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths", "ExecPaths", "NoExecPaths", "BindPaths", "BindReadOnlyPaths",
    "RootDirectory", "RootImage",
)  # fmt: skip
# Labels of what systemd may execute, besides those of programs with a policy of their own (…_exec_t). Files of /home, /srv, /tmp
# and /var have others: https://github.com/hhd-dev/hhd/pull/168, https://github.com/muniter/halinuxcompanion/issues/41
_EXECUTABLE = ("bin_t", "lib_t", "shell_exec_t", "usr_t")
# What a service of a type does when it is ready (systemd.service(5), Type=).
_READY = {
    "notify": "did not call READY=1",
    "notify-reload": "did not call READY=1",
    "dbus": "did not take its name on the bus",
    "forking": "did not go into the background (its first process did not end)",
    "oneshot": "did not come to its end",
}


def cause(state: UnitState, unit: Unit | None = None, evidence: Diagnostics | None = None) -> str:
    """Why this unit has failed or ended: a clause."""
    return _Case(state, unit, evidence or Diagnostics()).cause()


def cause_of_last_end(state: UnitState, unit: Unit | None, evidence: Diagnostics) -> str:
    """Why a unit had to be restarted that runs again, whose state tells nothing of it any more; "" where not known."""
    end = evidence.last_end(state)
    if end is None:
        return ""
    return _Case(replace(state, exit_code=end.exit_code, exit_status=end.exit_status, result=""), unit, evidence).of_exit()


def unmet(unit: Unit | None, kind: str) -> str:
    """The conditions or assertions of a unit: " (ConditionPathExists=/a)". kind: Condition or Assert."""
    found = conditions_of(unit, kind)
    return f" ({listed(found)})" if found else ""


class _Case:
    def __init__(self, state: UnitState, unit: Unit | None, evidence: Diagnostics) -> None:
        self._state = state
        self._unit = unit
        self._evidence = evidence
        self._section = state.name.rpartition(".")[2].capitalize()

    def cause(self) -> str:
        state = self._state
        if state.result == "timeout":
            return self._timeout()
        if state.result == "resources":
            return self._missing(("EnvironmentFile",)) or self._taken_address() or _RESULTS["resources"]
        if state.result in ("exit-code", "signal", "core-dump") and state.exit_code == 0:
            return self._of_another_process()
        if state.result == "protocol":
            return self._protocol()
        if self._is_setup_failure():
            return self.of_exit()
        if state.result == "start-limit-hit" and state.exit_code and (state.exit_code, state.exit_status) != (1, 0):
            return self.of_exit()  # systemd 262; older ones keep the result of the last end
        return _RESULTS.get(state.result) or describe_exit(state)

    def of_exit(self) -> str:
        """The end of a process: a step before it ran, or its own exit status or signal."""
        return self._setup(self._state.exit_status) if self._is_setup_failure() else describe_exit(self._state)

    def _is_setup_failure(self) -> bool:
        return self._state.exit_code == 1 and self._state.exit_status in _SETUP

    def _of_another_process(self) -> str:
        """Not the main one: that of ExecStartPre= and the like, or the first one of Type=forking."""
        end = self._evidence.last_end(self._state)
        if end is None:
            return describe_exit(self._state)
        ended = replace(self._state, exit_code=end.exit_code, exit_status=end.exit_status)
        words = _Case(ended, self._unit, self._evidence).of_exit()
        if end.command in ("", "ExecStart"):
            return words
        value = self._values(end.command)
        return f"{end.command}={value[0] if len(value) == 1 else ''} ended with {words}"

    # Steps of the manager before the process runs.

    def _setup(self, status: int) -> str:
        row = _SETUP[status]
        special: dict[int, Callable[[], str]] = {
            200: self._directory, 203: self._executable, 216: self._group, 217: self._user, 226: self._namespace,
            243: lambda: self._missing(("LoadCredential", "LoadCredentialEncrypted"), _source),
        }  # fmt: skip
        told = special[status]() if status in special else ""
        if not told:
            named = [f"{key}={value}" for key in row.keys for value in self._values(key)]
            told = row.problem + (f" ({listed(named)})" if named else "")
        return f"{status}/{row.name}: {told}"

    def _directory(self) -> str:
        value = self._last("WorkingDirectory").lstrip("-")
        seen = self._at(value)
        if seen is None:
            return ""
        if seen.kind == "missing":
            return f"its WorkingDirectory={value} does not exist"
        if seen.kind != "directory":
            return f"its WorkingDirectory={value} is no directory"
        user = self._last("User")
        return f"its WorkingDirectory={value} cannot be entered{f' by {user}' if user else ''}"

    def _executable(self) -> str:
        """The first of its programs that cannot be run: the manager does not say which one it was."""
        for key in ("ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost"):
            for value in self._values(key):
                told = self._why_it_cannot_run((split_words(value.lstrip("@-:+!|")) or ("",))[0])
                if told:
                    return told
        return ""

    def _why_it_cannot_run(self, path: str) -> str:
        seen = self._at(path)
        if seen is None:
            return ""
        if seen.kind == "missing":
            return f"its executable {path} does not exist"
        if seen.kind != "file":
            return f"its executable {path} is no file"
        if not seen.is_executable:
            return f"its executable {path} has no permission to be executed (its mode has no x)"
        interpreter = self._at(seen.interpreter)
        if interpreter and interpreter.kind == "missing":
            return f"the interpreter {seen.interpreter} that the first line of {path} names does not exist"
        if not seen.is_program:
            return f"its executable {path} is no program, and has no #! line that names its interpreter"
        return self._label(path, seen) or (self._label(seen.interpreter, interpreter) if interpreter else "")

    def _label(self, path: str, seen: PathFacts) -> str:
        if not seen.label or seen.label in _EXECUTABLE or seen.label.endswith("_exec_t"):
            return ""
        remedy = f"semanage fcontext -a -t bin_t '{path}' && restorecon -v '{path}'"
        return f"systemd may not execute {path}, whose SELinux label is {seen.label} (to change that for good: {remedy})"

    def _user(self) -> str:
        return f"its User={self._last('User')} does not exist" if self._last("User") else ""

    def _group(self) -> str:
        if self._last("Group"):
            return f"its Group={self._last('Group')} does not exist"
        return f"the group of its User={self._last('User')} does not exist" if self._last("User") else ""

    def _namespace(self) -> str:
        return self._missing(_NAMESPACE_KEYS, _source)

    # Results.

    def _timeout(self) -> str:
        state = self._state
        kind = self._type()
        if not self._unit or not kind:
            return _RESULTS["timeout"]
        if 0 < state.started <= state.entered and kind != "oneshot":
            if self._last("RuntimeMaxSec"):
                return f"ran longer than RuntimeMaxSec={self._last('RuntimeMaxSec')}"
            return f"did not stop within {self._span('TimeoutStopSec')}"
        return f"{_READY.get(kind, 'was not started')} within {self._span('TimeoutStartSec')}"

    def _span(self, key: str) -> str:
        for each in (key, "TimeoutSec"):
            if self._last(each):
                return f"{each}={self._last(each)}"
        return f"{key}="

    def _protocol(self) -> str:
        kind = self._type()
        if kind in ("notify", "notify-reload"):
            ended = f" ({describe_exit(self._state)})" if self._state.exit_code else ""
            return f"ended before it called READY=1{ended}"
        if kind == "forking":
            return f"left no process behind that could be its main one{self._named('PIDFile')}"
        return f"{_RESULTS['protocol']}{self._named('Type')}"

    def _taken_address(self) -> str:
        """For a socket: who listens there already."""
        for value in self._values("ListenStream") if self._section == "Socket" else ():
            for holder in self._evidence.holders_of(value):
                of = unit_of(holder)
                return f"its ListenStream={value} is in use, by {holder}{f' of {of}' if of else ''}"
        return ""

    # The definition.

    def _type(self) -> str:
        return (self._last("Type") or "simple") if self._section == "Service" else ""

    def _values(self, key: str) -> tuple[str, ...]:
        return self._unit.document.values(self._section, key) if self._unit else ()

    def _last(self, key: str) -> str:
        return (self._values(key) or ("",))[-1]

    def _named(self, key: str) -> str:
        return f" ({key}={self._last(key)})" if self._last(key) else ""

    def _at(self, path: str) -> PathFacts | None:
        """Nothing is known of a path with specifiers or wildcards, or below a root of its own."""
        if not path.startswith("/") or set("%*?[").intersection(path) or self._last("RootDirectory") or self._last("RootImage"):
            return None
        return self._evidence.at(path)

    def _missing(self, keys: Iterable[str], path_of: Callable[[str], str] = str) -> str:
        """Paths of these directives that do not exist, but must."""
        gone = []
        for key in keys:
            for value in self._values(key):
                for word in split_words(value) if key != "EnvironmentFile" else (value,):
                    path = path_of(word)
                    seen = None if path.startswith("-") else self._at(path.lstrip("+"))
                    if seen is not None and seen.kind == "missing":
                        gone.append(f"{key}={path.lstrip('+')}")
        return f"its {listed(gone)} {'does' if len(gone) == 1 else 'do'} not exist" if gone else ""


def _source(word: str) -> str:
    """BindPaths= has SOURCE:TARGET:OPTIONS, LoadCredential= has NAME:PATH; others have the path alone."""
    parts = word.split(":")
    return parts[0] if parts[0].lstrip("-+").startswith("/") else parts[-1]
