# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Habits of the shell in Exec…= lines. systemd runs no shell: it hands the words on to the program (systemd.service(5),
"COMMAND LINES").
"""

from __future__ import annotations

import re
from typing import Sequence

from .._declaration.problems import Problems
from .._unitfile.exec_lines import EXEC_KEYS, Command, commands_of
from .._unitfile.syntax import Document

_SHELL = "or have a shell run it: /bin/sh -c '…'"
_ONE_WORD = "if it is meant as it is, put it in quotes"

# Words that mean something to a shell alone, as they stand outside quotes → what to write instead.
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"&&|\|\|"), f"Write several directives, such as ExecStartPre=, {_SHELL}; {_ONE_WORD}."),
    (re.compile(r"\|&?"), f"Have a shell run it: /bin/sh -c '…'; {_ONE_WORD}."),
    (re.compile(r"&"), f"Take it away, systemd has it in the background in any case; {_ONE_WORD}."),
    (re.compile(r"(?:[0-9]?|&)>{1,2}(?:&[0-9]|/\S*)?"), f"Use StandardOutput= and StandardError=, {_SHELL}; {_ONE_WORD}."),
    (re.compile(r"<(?:/\S*)?"), f"Use StandardInput=, {_SHELL}; {_ONE_WORD}."),
    (re.compile(r"\S*(?:(?<!\$)\$\(|`)\S*"), f"Have a shell run it: /bin/sh -c '…'; {_ONE_WORD}."),
)
# Commands that are in a shell, and no programs → what does the same.
_BUILTINS = {
    "cd": "Use WorkingDirectory=.",
    "export": "Use Environment=.",
    "set": "Use Environment=.",
    "source": "Use EnvironmentFile=.",
    ".": "Use EnvironmentFile=.",
    "umask": "Use UMask=.",
    "ulimit": "Use LimitNOFILE= and similar directives.",
    "exec": "Take it away, there is no shell that would stay.",
}
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'")


def check_commands(document: Document, place: str, problems: Problems) -> None:
    for entry in document.entries:
        if entry.key in EXEC_KEYS and entry.value:
            commands = [command for command in commands_of(entry.value) if "|" not in command.prefixes]
            _check_programs(commands, f"{place}.{entry.section}.{entry.key}", problems)
            if commands:  # else a shell runs it: "|" before it asks for that
                _check_words(entry.value, f"{place}.{entry.section}.{entry.key}", problems)


def _check_programs(commands: Sequence[Command], place: str, problems: Problems) -> None:
    for command in commands:
        program = command.program
        if program in _BUILTINS:
            problems.add(place, program, "is a command of a shell, and systemd runs none", _BUILTINS[program])
        elif "/" in program and not program.startswith(("/", "%", "$")):
            name = program.rpartition("/")[2]
            remedy = f"Write the whole path, for example /usr/local/bin/{name or 'daemon.py'}."
            problems.add(place, program, "is a relative path, and systemd takes absolute ones only", remedy)


def _check_words(value: str, place: str, problems: Problems) -> None:
    for word in _QUOTED.sub("''", value).split():
        for pattern, remedy in _WORDS:
            if pattern.fullmatch(word):
                problems.add(place, word, "is a word of a shell; systemd runs none, and hands it on to the program", remedy)
                break
