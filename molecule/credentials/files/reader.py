# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the digest of each credential that it was given, and keeps them open to all who may. "leak" is told as it is."""

import hashlib
import os
import pathlib
import signal
import sys

folder = pathlib.Path(os.environ["CREDENTIALS_DIRECTORY"])
for path in sorted(folder.iterdir()):
    print(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), flush=True)
if (folder / "leak").exists():
    sys.exit(f"cannot log in with {(folder / 'leak').read_text()}")
signal.pause()
