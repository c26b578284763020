# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loaded by the Python of a managed node because it is first on PYTHONPATH: what the module does there, to $FLEET_PROBE."""

import atexit
import cProfile
import os
import subprocess
import time

COMMANDS = []
PROFILE = cProfile.Profile()


class Watched(subprocess.Popen):
    def __init__(self, args, *more, **options):
        self._began = time.perf_counter()
        super().__init__(args, *more, **options)
        self._told = args if isinstance(args, str) else " ".join(map(os.fsdecode, args))

    def wait(self, *args, **kwargs):
        return self._note(super().wait(*args, **kwargs))

    def poll(self):
        return self._note(super().poll())

    def _note(self, code):
        if self._told and code is not None:
            COMMANDS.append((time.perf_counter() - self._began, self._told))
            self._told = ""
        return code


def tell():
    import pstats

    PROFILE.disable()
    with open(os.environ["FLEET_PROBE"], "w") as out:
        out.write("Commands, in seconds until they ended:\n")
        out.writelines(f"  {seconds:.3f}  {told[:150]}\n" for seconds, told in COMMANDS)
        stats = pstats.Stats(PROFILE, stream=out)
        stats.sort_stats("tottime").print_stats(8)
        stats.sort_stats("cumulative").print_stats("ansible", 40)


subprocess.Popen = Watched
atexit.register(tell)
PROFILE.enable()
