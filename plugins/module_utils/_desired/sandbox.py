# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How code that is not root's is run: as whom, and in which sandbox. docs/hardening.md has the tables; a test holds it to them.

https://www.freedesktop.org/software/systemd/man/latest/systemd-run.html
"""

from __future__ import annotations

from typing import Iterable, Mapping, Sequence

from .identity import THROW_AWAY, Identity

# What is run → by whom, in the scope of the system.
RUNNERS = (
    ("`venv`, pip or uv, the build of a source distribution, compilation", "a throwaway user"),
    (
        "the interpreter that is asked whether it can compile a script or make an environment, in check mode, too",
        "a throwaway user",
    ),
    ("`pip check`, with what the packages start by themselves", "a throwaway user"),
    ("the trial: `imports`, the module or the command", "the user of the daemon: `User=`, `DynamicUser=`, or root"),
    ("`health: {command: …}`", "the user of the daemon"),
)

# Who runs the task, and what the host has → how it is run.
PLACES = (
    ("root, systemd and D-Bus run", "each in a transient unit, which ends with all its processes"),
    ("root, no D-Bus", "no virtual environment is made; the rest by `runuser`, a throwaway user is `nobody`"),
    ("root, for `scope: user`", "all of it as that user, in a transient unit of the system"),
    ("not root", "all of it directly, as who runs the task"),
    ("`root: IMAGE`", "nothing is run"),
)

# directive, value, why: of every unit that something is run in.
EVERY = (
    ("PrivateTmp", "yes", "no name in /tmp is known to others, and what is left there goes"),
    ("NoNewPrivileges", "yes", "no set-uid program helps it to more"),
    ("KillMode", "control-group", "what it leaves behind ends with it"),
    ("TimeoutStopSec", "2s", "what does not end by itself is killed"),
    ("WorkingDirectory", "/", "nothing is found in the directory of somebody who has logged in"),
    ("UMask", "0022", "what is made can be read by the daemon"),
)

# Of the throwaway user, who has to read the host, and to write in one place.
STRICT = (
    ("DynamicUser", "yes", "a user of its own, who owns nothing and has no other process"),
    ("ProtectSystem", "strict", "all is read-only but what is made"),
    ("ProtectHome", "read-only", "an interpreter may lie in a home"),
    ("PrivateDevices", "yes", "no disks"),
    ("ProtectKernelTunables", "yes", "no settings of the kernel"),
    ("ProtectKernelModules", "yes", "no modules of the kernel"),
    ("ProtectControlGroups", "yes", "cannot leave its unit"),
    ("CapabilityBoundingSet", "", "none"),
    ("RestrictSUIDSGID", "yes", "makes no set-uid files"),
    ("RestrictNamespaces", "yes", "makes no containers"),
    ("LockPersonality", "yes", "no program of today changes its execution domain"),
)


_DESCRIPTION = "Code that daemonic.systemd runs as somebody else"  # the command line would fill the journal


def in_unit(
    name: str, who: Identity, argv: Sequence[str], seconds: int, variables: Mapping[str, str], more: Iterable[str] = ()
) -> list[str]:
    """The command line that runs another one in a transient unit and waits for its end. more: further properties.

    variables: they can be read by every user of the host, as all of a unit.
    """
    properties = [f"{key}={value}" for key, value, _why in (*EVERY, *(STRICT if who == THROW_AWAY else ()))]
    properties += [f"RuntimeMaxSec={seconds}s", *_identity(who), *more]
    return [
        *("systemd-run", "--quiet", "--pipe", "--wait", "--collect", f"--unit={name}", f"--description={_DESCRIPTION}"),
        *(f"--setenv={key}={value}" for key, value in variables.items()),
        *(f"--property={each}" for each in properties),
        "--",
        *(word.replace("$", "$$") for word in argv),  # PID 1 expands variables
    ]


def _identity(who: Identity) -> list[str]:
    if who == THROW_AWAY:
        return []
    given = [("DynamicUser", "yes" if who.is_dynamic else ""), ("User", who.user), ("Group", who.group)]
    return [f"{key}={value}" for key, value in (*given, ("SupplementaryGroups", " ".join(who.groups))) if value]


def as_user(user: str, group: str, groups: Sequence[str]) -> list[str]:
    """The beginning of a command line that is run as another user where there are no units: runuser(1)."""
    chosen = ["--group", group] if group else []
    return ["runuser", "--user", user, *chosen, *(word for name in groups if group for word in ("--supp-group", name)), "--"]


def bound(source: str, path: str) -> str:
    """The property that has a directory seen at another path."""
    return f"BindPaths={_escaped(source)}:{_escaped(path)}"


def _escaped(path: str) -> str:
    return "".join(f"\\{character}" if character in " \\:\"'" else character for character in path)


# Variables of the task that reach what installs packages: where they come from, and how that is reached.
_PASSED = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_", "UV_", "NETRC")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY")


def for_installers(variables: Mapping[str, str]) -> dict[str, str]:
    """Proxies, certificates, and the settings of pip and uv. All else, such as tokens for other things, stays where it is."""
    return {name: value for name, value in variables.items() if name.upper() in _PROXIES or name.startswith(_PASSED)}
