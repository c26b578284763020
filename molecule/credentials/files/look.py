# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at all command lines, and at the environments of what deploys, until /run/credentials.stop is there.

Argument: the secret, backwards, so that this process does not find itself. Writes /run/credentials.seen.json.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

SECRET = sys.argv[1][::-1]
DEPLOYS = (b"AnsiballZ", b"systemd-creds", b"systemctl")
PROC = pathlib.Path("/proc")


def content(path):
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""


def look():
    """What is seen of the secret, and whether a deployment is."""
    found, deploys = set(), False
    for process in PROC.iterdir():
        if process.name.isdigit() and process.name != str(os.getpid()):
            command = content(process / "cmdline")
            is_of_one = any(name in command for name in DEPLOYS)
            deploys = deploys or is_of_one
            seen = command + (content(process / "environ") if is_of_one else b"")
            if SECRET.encode() in seen:
                found.add(command.split(b"\0")[0].decode())
    return found, deploys


with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)", SECRET]) as control:
    try:
        deadline = time.monotonic() + 60
        while not look()[0] and time.monotonic() < deadline:
            time.sleep(0.01)
        controlled = bool(look()[0])
    finally:
        control.kill()
leaks, looks_at_a_deployment, end = set(), 0, time.monotonic() + 600
while time.monotonic() < end and not os.path.exists("/run/credentials.stop"):
    found, deploys = look()
    leaks |= found
    looks_at_a_deployment += deploys
    time.sleep(0.002)
result = {"controlled": controlled, "leaks": sorted(leaks), "looks": looks_at_a_deployment}
pathlib.Path("/run/credentials.seen.json").write_text(json.dumps(result))
