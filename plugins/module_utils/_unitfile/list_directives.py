# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directives that systemd takes as lists: a second assignment adds to the first, an empty one resets. Data.

Of all others the last assignment counts. Measured on systemd 247, 252 and 262: tests/unit/…/_unitfile/captured/lists-*.json
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .syntax import NEVER_RESET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# systemd.unit(5), systemd.service(5), systemd.socket(5), systemd.exec(5), systemd.resource-control(5)
_UNIT = frozenset((*NEVER_RESET, "Documentation"))
_INSTALL = frozenset(("Alias", "Also", "RequiredBy", "UpheldBy", "WantedBy"))
_PROCESS = frozenset(
    """AmbientCapabilities BPFProgram BindPaths BindReadOnlyPaths CPUAffinity CacheDirectory CapabilityBoundingSet
    ConfigurationDirectory Delegate DeviceAllow DisableControllers Environment EnvironmentFile ExecCondition ExecPaths ExecReload
    ExecReloadPost ExecStartPost ExecStartPre ExecStop ExecStopPost ExecStopPre ExtensionDirectories ExtensionImages
    IODeviceLatencyTargetSec IODeviceWeight IOReadBandwidthMax IOReadIOPSMax IOWriteBandwidthMax IOWriteIOPSMax IPAddressAllow
    IPAddressDeny IPEgressFilterPath IPIngressFilterPath ImportCredential InaccessiblePaths LoadCredential
    LoadCredentialEncrypted LogExtraFields LogFilterPatterns LogsDirectory MountImages NFTSet NUMAMask NoExecPaths OpenFile
    PassEnvironment ReadOnlyPaths ReadWritePaths RestartForceExitStatus RestartPreventExitStatus RestrictAddressFamilies
    RestrictFileSystems RestrictNamespaces RestrictNetworkInterfaces RootImageOptions RuntimeDirectory SecureBits SetCredential
    SetCredentialEncrypted SocketBindAllow SocketBindDeny Sockets StandardInputData StandardInputText StateDirectory
    SuccessExitStatus SupplementaryGroups SystemCallArchitectures SystemCallFilter SystemCallLog TemporaryFileSystem
    UnsetEnvironment""".split()  # noqa: SIM905
)
_SOCKET = frozenset(("Symlinks",))
_FAMILIES = {
    "Unit": r"(?:Condition|Assert)\w+",
    "Socket": r"Listen\w+",
}
_SECTIONS = {"Unit": _UNIT, "Install": _INSTALL, "Service": _PROCESS, "Socket": _PROCESS | _SOCKET}


def is_list(section: str, key: str) -> bool:
    """ExecStart= is one of a oneshot service alone, and no row: two commands fail in all others."""
    family = _FAMILIES.get(section)
    return key in _SECTIONS.get(section, ()) or bool(family and re.fullmatch(family, key))


def merged(section: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """The directives of a section, those of a second one behind them, as if they stood in a drop-in."""
    both = {key: added(section, key, ours[key], theirs[key]) for key in ours if key in theirs and is_list(section, key)}
    return {**ours, **theirs, **both}


def added(section: str, key: str, ours: Any, theirs: Any) -> Any:
    """The values of a directive that is a list, those of a second one behind them. An empty one of them resets.

    Of a dependency systemd would ignore an empty value in the same file: there it is left out with all before it.
    """
    found = [*_items(ours), *_items(theirs)]
    resets = [number for number, item in enumerate(found) if item is None or item == ""]
    start = resets[-1] if resets else 0
    if resets and section == "Unit" and key in NEVER_RESET:
        start += 1
    return found[start] if len(found) == start + 1 else found[start:]


def resets(value: Any) -> bool:
    """Does it take away what stands before it?"""
    return any(item is None or item == "" for item in _items(value))


def _items(value: Any) -> list[Any]:
    return [item for item in (value if isinstance(value, (list, tuple)) else [value]) if item != {}]
