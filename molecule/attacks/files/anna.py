# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Anna runs while root deploys, each until it is stopped: anna.py race HOME TARGET | read FOLDER LOG | squat FILE."""

import contextlib
import fcntl
import os
import sys
import time


def race(home, target):
    """Whatever appears in her folder is moved away, and a link lies in its place; the folder itself comes and goes."""
    while True:
        for name in os.listdir(home):
            with contextlib.suppress(OSError):
                os.rename(f"{home}/{name}", f"{home}/.taken")
                os.symlink(target, f"{home}/{name}")
        with contextlib.suppress(OSError):
            os.unlink(f"{home}/.taken")


def read(folder, log):
    """Whatever can be read of new files at any moment."""
    with open(log, "a") as stream:
        while True:
            for name in os.listdir(folder):
                with contextlib.suppress(OSError), open(f"{folder}/{name}") as found:
                    stream.write(found.read() + "\n")
                    stream.flush()


def squat(path):
    """A lock that is named after another user."""
    with open(path, "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.write("stack everything, process 1, since ever\n")
        stream.flush()
        time.sleep(600)


{"race": race, "read": read, "squat": squat}[sys.argv[1]](*sys.argv[2:])
