# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in Environment=: every user of the host can read unit files, and `systemctl show` prints them to everybody.

The name tells, the value may acquit: a path, an address, a switch or nothing at all is no secret. A false alarm is worse
than a miss, so the word for the secret has to end the name (PASSWORD_MIN_LENGTH and TOKEN_URL are none).
https://www.freedesktop.org/software/systemd/man/systemd.exec.html#Environment=
"""

from __future__ import annotations

import re

from .._declaration.problems import Problems
from .._unitfile.quoting import environment_of
from .._unitfile.syntax import Document

_NAME = re.compile(
    r"(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?"
    r"|(?:API|PRIVATE|SECRET|SECRET_ACCESS|ENCRYPTION|MASTER)_?KEYS?|SECRET_KEY_BASE)_?[0-9]*$"
)
# NEXT_PUBLIC_API_KEY and the like are meant to be seen.
_PUBLIC = re.compile(r"(?:^|_)(?:PUBLIC|PUBLISHABLE)_")
# Few declarations need these two, which take long to compile.
_HARMLESS = r"""(?ix) \s*                                # nothing
    | (?:true|false|yes|no|on|off|none|null|0|1) # a switch
    | (?:~|\.{1,2})?/\S* | %[a-z]/\S*            # a path, of a specifier too (%d is the folder of credentials)
    | \$\S* | file:\S*                           # where it is found
    | [a-z][a-z0-9+.-]*://\S*                    # an address: judged by what it holds
    """
# scheme://user:password@host (RFC 3986, 3.2.1); a variable or a mask in place of the password is none.
_USERINFO = r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:]*:(?![$<*%{])[^\s/?#@]+@"


def check_secrets(document: Document, place: str, problems: Problems) -> None:
    """Adds a problem for each variable that holds a secret; its name is shown, its value never."""
    for section in document.sections:
        for name, value in environment_of(document.values(section, "Environment")).items():
            problem = _problem(name, value)
            if problem:
                problems.add(f"{place}.{section}.Environment", name, problem, _REMEDY)


_REMEDY = (
    "Give it by a credential (credentials of a daemon, LoadCredential=), or in a file with mode 0600 that EnvironmentFile= names"
)


def _problem(name: str, value: str) -> str:
    if "://" in value and re.search(_USERINFO, value):
        return "the address in this variable holds a password, and every user of the host can read a unit file"
    if _is_secret(name.upper(), value):
        return "the value of this variable seems to be a secret, and every user of the host can read a unit file"
    return ""


def _is_secret(name: str, value: str) -> bool:
    return bool(_NAME.search(name)) and not _PUBLIC.search(name) and not re.fullmatch(_HARMLESS, value)
