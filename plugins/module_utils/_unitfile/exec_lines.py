# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines of Exec…=: prefixes, program, and the code that an interpreter among them is to run.

Source: systemd.service(5) "COMMAND LINES"; python(1), bash(1), perlrun(1) and so on for their options.
"""

from __future__ import annotations

import re

from .._dataclasses import dataclass, replace
from .quoting import split_commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

EXEC_KEYS = (
    *("ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload"),
    *("ExecStop", "ExecStopPre", "ExecStopPost"),
)
_PREFIXES = re.compile(r"[-@:+!|]*")


@dataclass(frozen=True)
class Command:
    """One command of an Exec…= line. prefixes: as in "-/bin/false"; arguments: without the name that `@` brings."""

    prefixes: str
    program: str
    arguments: tuple[str, ...]

    @property
    def has_full_privileges(self) -> bool:
        """User= does not count for it. `!!` is for kernels without ambient capabilities, which are gone."""
        return "+" in self.prefixes or ("!" in self.prefixes and "!!" not in self.prefixes)


@dataclass(frozen=True)
class Code:
    """What a command runs, as it is written. programs: paths, or names that are searched; scripts: for an interpreter, paths
    that may begin in the working directory. from_directory: modules are searched in that directory, too.
    """

    programs: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    from_directory: bool = False


@dataclass(frozen=True)
class _Interpreter:
    """names: what it is called. with_value: options whose value is the next word; instead: options in place of a script.

    instead_loads: with those, modules are searched in the working directory.
    """

    names: re.Pattern[str]
    with_value: str = ""
    instead: str = ""
    instead_loads: bool = False


_INTERPRETERS = (
    _Interpreter(re.compile(r"(?:python|pypy)[0-9.]*"), "-W -X --check-hash-based-pycs", "-c -m", instead_loads=True),
    _Interpreter(re.compile(r"(?:ba|da|z|k|a)?sh"), "-o +o -O +O --rcfile --init-file", "-c"),
    _Interpreter(re.compile(r"perl[0-9.]*"), "-I", "-e -E"),
    _Interpreter(re.compile(r"ruby[0-9.]*"), "-I -r -C", "-e"),
    _Interpreter(re.compile(r"node(?:js)?"), "-r --require --import", "-e --eval -p --print"),
    _Interpreter(re.compile(r"php[0-9.]*"), "-c -d -f -z", "-r"),
)
# These import the application that they serve from the directory that they are started in.
_LOADERS = frozenset(("gunicorn", "uvicorn", "hypercorn", "daphne", "celery", "flask", "waitress-serve"))
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


def commands_of(value: str) -> Iterator[Command]:
    """The commands of an Exec…= value."""
    for words in split_commands(value):
        found = _command(list(words))
        if found.program:
            yield found


def interpreter_in(head: bytes) -> str | None:
    """Of the first bytes of a file that is to be executed: the interpreter that its #! line names, "" where it needs none.

    None for text without such a line, which the kernel does not execute: "Exec format error". execve(2)
    """
    if head.startswith(b"#!"):
        words = head[2:].split(b"\n")[0].split()
        return words[0].decode("utf-8", "replace") if words else None
    return "" if b"\0" in head else None


def code_of(command: Command) -> Code:
    return _code((command.program, *command.arguments))


def is_interpreter(program: str) -> bool:
    return any(interpreter.names.fullmatch(program.rpartition("/")[2]) for interpreter in _INTERPRETERS)


def _command(words: list[str]) -> Command:
    match = _PREFIXES.match(words[0])
    prefixes = match.group() if match else ""
    arguments = words[2:] if "@" in prefixes else words[1:]
    return Command(prefixes, words[0][len(prefixes) :], tuple(arguments))


def _code(words: tuple[str, ...]) -> Code:
    program, arguments = words[0], words[1:]
    name = program.rpartition("/")[2]
    if name == "env":
        rest = _after_env(arguments)
        behind = _code(rest) if rest else Code(())
        return replace(behind, programs=(program, *behind.programs))
    for interpreter in _INTERPRETERS:
        if interpreter.names.fullmatch(name):
            return _interpreted(program, arguments, interpreter)
    return Code((program,), from_directory=name in _LOADERS)


def _after_env(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """env(1): options, assignments, then a command."""
    for position, word in enumerate(arguments):
        if not word.startswith("-") and not _ASSIGNMENT.match(word):
            return arguments[position:]
    return ()


def _interpreted(program: str, arguments: tuple[str, ...], interpreter: _Interpreter) -> Code:
    """The first word that is neither an option nor an option's value is the script."""
    isolated = False
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            return Code((program,), tuple(waiting[:1]))
        if word in interpreter.with_value.split():
            waiting = waiting[1:]
        elif _is_instead(word, interpreter):
            return Code((program,), from_directory=interpreter.instead_loads and not isolated)
        elif word.startswith(("-", "+")):
            isolated |= bool(re.fullmatch(r"-[A-Za-z]*[IP][A-Za-z]*", word))
        else:
            return Code((program,), (word,))
    return Code((program,))


def _is_instead(word: str, interpreter: _Interpreter) -> bool:
    """-c, and with others before it: -ec. What follows it in the same word is its value."""
    for option in interpreter.instead.split():
        if word == option or (len(option) == 2 and re.match(f"-[A-Za-z]*{option[1]}", word) and not word.startswith("--")):
            return True
    return False
