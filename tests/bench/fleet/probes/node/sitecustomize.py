# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loaded by the Python of a managed node because it is first on PYTHONPATH: what the module does there, to $FLEET_PROBE.

Which commands ran from when to when; with $FLEET_PROBE_DEEP cProfile's findings instead.
"""

import atexit
import cProfile
import os
import time

BEGIN = time.perf_counter()
IS_DEEP = "FLEET_PROBE_DEEP" in os.environ
SPAWN, WAIT = os.posix_spawnp, os.waitpid
RUNNING = {}
COMMANDS = []
PROFILE = cProfile.Profile()


def watched_spawn(path, argv, *more, **options):
    pid = SPAWN(path, argv, *more, **options)
    RUNNING[pid] = (time.perf_counter() - BEGIN, " ".join(map(os.fsdecode, argv)))
    return pid


def watched_wait(pid, options):
    found, status = WAIT(pid, options)
    if found in RUNNING:
        start, told = RUNNING.pop(found)
        COMMANDS.append((start, time.perf_counter() - BEGIN, told))
    return found, status


def tell():
    end = time.perf_counter() - BEGIN
    PROFILE.disable()
    with open(os.environ["FLEET_PROBE"], "w") as out:
        if IS_DEEP:
            import pstats

            stats = pstats.Stats(PROFILE, stream=out)
            stats.sort_stats("tottime").print_stats(8)
            stats.sort_stats("cumulative").print_stats("ansible", 40)
            return
        out.write("Commands, in seconds since Python had started:\n")
        out.writelines(
            f"{start:6.3f} → {stop:6.3f}  {stop - start:6.3f}  {told[:150]}\n" for start, stop, told in sorted(COMMANDS)
        )
        inside = sum(stop - start for start, stop, _told in COMMANDS)
        out.write(f" 0.000 → {end:6.3f}  {end:6.3f}  all, of which {end - inside:.3f} s outside commands\n")


os.posix_spawnp, os.waitpid = watched_spawn, watched_wait
atexit.register(tell)
if IS_DEEP:
    PROFILE.enable()
