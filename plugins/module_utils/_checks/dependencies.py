# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that are named and exist nowhere. systemd passes over most of them without a word.

What makes the unit fail, or never start, is an error, and so is a misspelt name. To be ordered after a unit that may or
may not be there is common, and only told.
"""

from __future__ import annotations

from typing import Collection, Iterable, Iterator, Sequence

from .._dataclasses import dataclass
from .._declaration.problems import Problems
from .._desired.unit_checks import accepts
from .._unitfile.names import BadUnitName, check_unit_name, split_unit_name, type_of
from .._unitfile.suggest import did_you_mean, edit_distance
from .written_units import Written

# Directive → what comes of it when the unit is not there; "" for nothing: systemd passes over it. systemd.unit(5)
_NAMING = {
    ("Unit", "Requires"): "cannot be started without it",
    ("Unit", "Requisite"): "cannot be started without it",
    ("Unit", "BindsTo"): "cannot be started without it",
    ("Install", "WantedBy"): "will not be started by it",
    ("Install", "RequiredBy"): "will not be started by it",
    ("Install", "UpheldBy"): "will not be started by it",
    ("Timer", "Unit"): "has nothing to start",
    ("Path", "Unit"): "has nothing to start",
    ("Socket", "Service"): "has nothing to start",
    **dict.fromkeys(
        (("Unit", key) for key in ("After", "Before", "Wants", "PartOf", "Conflicts", "Upholds", "OnFailure", "OnSuccess")), ""
    ),
}
# Types of which units come and go without a file: what is not there now may be there later. systemd.device(5) and others
_WITHOUT_A_FILE = frozenset(("device", "scope", "slice"))
_OFTEN_GENERATED = frozenset(("mount", "automount", "swap"))

# The targets of systemd.special(7): another name that looks like one of them is a slip of the pen.
_SPECIAL_TARGETS = tuple(
    f"{name}.target"
    for name in """basic bluetooth boot-complete cryptsetup cryptsetup-pre ctrl-alt-del default emergency exit factory-reset
    final first-boot-complete getty getty-pre graphical graphical-session graphical-session-pre halt hibernate
    hybrid-sleep imports imports-pre integritysetup integritysetup-pre kexec local-fs local-fs-pre machines
    multi-user network network-online network-pre nss-lookup nss-user-lookup paths poweroff printer reboot
    remote-cryptsetup remote-fs remote-fs-pre remote-integritysetup remote-veritysetup rescue rpcbind runlevel2
    runlevel3 runlevel4 runlevel5 shutdown sigpwr sleep slices smartcard sockets soft-reboot sound ssh-access
    storage-target-mode suspend suspend-then-hibernate swap sysinit system-update system-update-pre time-set
    time-sync timers tpm2 umount usb-gadget veritysetup veritysetup-pre xdg-desktop-autostart""".split()  # noqa: SIM905
)
# A target of somebody's own may well be called salt, and is no misspelt halt.
_LONG_ENOUGH = 6


@dataclass(frozen=True)
class Named:
    """A unit that is named: by which of ours, in which directive, and where. because: what comes of its absence.

    directive: "" where it is named by nothing but the name of the other.
    """

    by: str
    name: str
    place: str
    directive: str
    because: str


def named_in(units: Iterable[Written]) -> list[Named]:
    """What the units name, without those whose names are known at run time only."""
    return [named for unit in units for named in (*_in_directives(unit), *_triggered(unit)) if _is_checkable(named.name)]


def _in_directives(unit: Written) -> Iterator[Named]:
    document = unit.unit.document
    for (section, key), because in _NAMING.items():
        for name in (word for value in document.values(section, key) for word in value.split()):
            yield Named(unit.unit.name, name, unit.place(section, key, name), f"{key}=", because)


def _triggered(unit: Written) -> Iterator[Named]:
    """What a timer, a path or a socket starts that does not say it: the service of its name."""
    name, document = unit.unit.name, unit.unit.document
    kind = type_of(name)
    section, key = kind.capitalize(), "Service" if kind == "socket" else "Unit"
    if kind not in ("timer", "path", "socket") or not unit.unit.has_file or document.values(section, key):
        return
    stem = name[: -len(kind) - 1]
    service = f"{stem}@.service" if kind == "socket" and accepts(document) else f"{stem}.service"
    yield Named(name, service, unit.place(section, key), "", "has nothing to start")


def _is_checkable(name: str) -> bool:
    try:
        check_unit_name(name)
    except BadUnitName:  # told by verify, and by enablement.py
        return False
    return "%" not in name and split_unit_name(name).type not in _WITHOUT_A_FILE


def absent(named: Iterable[Named], known: Collection[str]) -> list[str]:
    """The names that no unit has. known: names of unit files, the stack's own among them."""
    return sorted({each.name for each in named if not _is_known(each.name, known)})


def _is_known(name: str, known: Collection[str]) -> bool:
    unit = split_unit_name(name)
    return name in known or (bool(unit.is_instance) and f"{unit.prefix}@.{unit.type}" in known)


def check_dependencies(
    named: Sequence[Named], missing: Collection[str], known: Collection[str], lenient: bool, problems: Problems
) -> list[str]:
    """missing: those that are not on the host. lenient: units may be where nobody can look. Returns warnings."""
    told = {(each.by, each.name) for each in named if each.because}
    passed_over: dict[str, list[str]] = {}
    for each in named:
        if each.name not in missing:
            continue
        slip = slip_of_the_pen(each.name, known)
        if slip:
            problems.add(each.place, each.name, f"there is no unit {each.name}", f"Did you mean {slip}?")
        elif each.because and not lenient and split_unit_name(each.name).type not in _OFTEN_GENERATED:
            problem = f"{each.by} {each.because}: there is no unit {each.name}, neither on the host nor in the stack"
            problems.add(each.place, each.name, problem, _advice(each, known))
        elif each.because or (each.by, each.name) not in told:
            passed_over.setdefault(each.by, []).append(f"{each.directive}{each.name}{_hint(each.name, known)}")
    return [f"{by} names units that are not on this host: {', '.join(names)}." for by, names in passed_over.items()]


def slip_of_the_pen(name: str, known: Collection[str]) -> str:
    """The unit that was meant for certain: the same name in another case, or a target of systemd's own."""
    for candidate in sorted(known):
        if candidate.lower() == name.lower():
            return candidate
    if not name.endswith(".target") or name in _SPECIAL_TARGETS:
        return ""
    guess = did_you_mean(name[: -len(".target")], [target[: -len(".target")] for target in _SPECIAL_TARGETS])
    if not guess or len(guess) < _LONG_ENOUGH or edit_distance(guess, name[: -len(".target")]) > 2:
        return ""
    return f"{guess}.target"


def _advice(named: Named, known: Collection[str]) -> str:
    if not named.directive:
        return f"Declare {named.name}, or name what {named.by} is to start."
    guess = _similar(named.name, known)
    return f"Did you mean {guess}?" if guess else f"Declare {named.name}, install what brings it, or take the name away."


def _hint(name: str, known: Collection[str]) -> str:
    guess = _similar(name, known)
    return f" (did you mean {guess}?)" if guess else ""


def _similar(name: str, known: Collection[str]) -> str:
    """A unit of the same type with a similar name."""
    stem, _dot, kind = name.rpartition(".")
    guess = did_you_mean(stem, (other[: -len(kind) - 1] for other in known if other.endswith(f".{kind}")))
    return f"{guess}.{kind}" if guess else ""
