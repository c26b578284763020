# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loaded by the Python of ansible-playbook because it is first on PYTHONPATH: notes when which part of Ansible works.

Each line of $FLEET_PROBE/spans is JSON: process, name, begin and end in seconds of time.time(). What is sent to a managed
node goes to $FLEET_PROBE/call-N. With $FLEET_PROBE_DEEP, cProfile's findings go to $FLEET_PROBE/PID.prof.
"""

import functools
import importlib.abc
import importlib.util
import json
import os
import sys
import time

FOLDER = os.environ["FLEET_PROBE"]
IS_DEEP = "FLEET_PROBE_DEEP" in os.environ

# Module → what is watched in it.
WATCHED = {
    "ansible.cli.playbook": ["PlaybookCLI.run"],
    "ansible.executor.task_queue_manager": ["TaskQueueManager.run"],
    "ansible.executor.process.worker": ["WorkerProcess.run"],
    "ansible.executor.task_executor": ["TaskExecutor.run"],
    "ansible.plugins.action": ["ActionBase._execute_module", "ActionBase._configure_module"],
    "ansible.plugins.connection": [],
}
CONNECTIONS = "ansible.plugins.connection"  # the plugins below it are loaded by path
PROFILES = []


def note(name, begin):
    with open(f"{FOLDER}/spans", "a") as out:
        out.write(json.dumps({"process": os.getpid(), "name": name, "begin": begin, "end": time.time()}) + "\n")


def keep_call(command, data):
    number = 1
    while os.path.exists(f"{FOLDER}/call-{number}"):
        number += 1
    with open(f"{FOLDER}/call-{number}", "wb") as out:
        out.write(command.encode() + b"\0" + (data or b""))


def deeply(function, *args, **kwargs):
    import cProfile

    for inherited in PROFILES:  # a worker is a fork of the first process
        inherited.disable()
    profile = cProfile.Profile()
    PROFILES.append(profile)
    try:
        return profile.runcall(function, *args, **kwargs)
    finally:
        profile.dump_stats(f"{FOLDER}/{os.getpid()}.prof")


def watched(name, function):
    @functools.wraps(function)
    def wrapper(self, *args, **kwargs):
        begin = time.time()
        if name == "exec_command":
            keep_call(args[0], kwargs.get("in_data", args[1] if len(args) > 1 else None))
        try:
            if IS_DEEP and name in ("PlaybookCLI.run", "TaskExecutor.run"):
                return deeply(function, self, *args, **kwargs)
            return function(self, *args, **kwargs)
        finally:
            note(name, begin)

    return wrapper


def watch_plugins(base):
    def watch(cls, **_options):
        for name in {"exec_command", "put_file"} & set(vars(cls)):
            setattr(cls, name, watched(name, vars(cls)[name]))

    base.__init_subclass__ = classmethod(watch)


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        names = WATCHED.pop(fullname, None)  # once: the search below comes here again
        spec = None if names is None else importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            if fullname == CONNECTIONS:
                watch_plugins(module.ConnectionBase)
            for name in names:
                owner, method = name.split(".")
                setattr(vars(module)[owner], method, watched(name, getattr(vars(module)[owner], method)))

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
