# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of Exec…= and Environment= lines: quoting them, and reading them as systemd does.

Source: systemd.service(5) "COMMAND LINES", systemd.syntax(7) "QUOTING", systemd.exec(5) on Environment=.
"""

from __future__ import annotations

import re

from .syntax import BLANK, LINE_BREAK, UnsuitableValue, unwritable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PLAIN_WORD = re.compile(r"[A-Za-z0-9_@%$+=:,./-]+")
_SPECIAL = re.compile(r"[\\\"\x00-\x1f\x7f]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# env_value_is_valid(): a tab and a newline are the only control characters that an environment may hold.
_NOT_IN_ENVIRONMENT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

# What may follow a backslash (systemd.syntax(7), "Supported escapes").
_ONE_CHARACTER = {
    "a": b"\a", "b": b"\b", "f": b"\f", "n": b"\n", "r": b"\r", "t": b"\t", "v": b"\v",
    "\\": b"\\", '"': b'"', "'": b"'", "s": b" ",
}  # fmt: skip
_PERCENT = re.compile("%[A-Za-z%]?")
_SEMICOLON = re.compile(r"\\?;(?=[ \t\n\r]|$)")
_NUMERIC = re.compile(r"x([0-9A-Fa-f]{2})|([0-7]{3})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})")


def quote_exec_argument(arg: str) -> str:
    """One literal argument, after the first, of an Exec…= line. Raises `UnsuitableValue` for a NUL.

    A line break is written as its escape, so that the line itself goes on.
    """
    trouble = unwritable(LINE_BREAK.sub(" ", arg))
    if trouble:
        raise UnsuitableValue("", "", arg, *trouble)
    literal = arg.replace("%", "%%").replace("$", "$$")
    return literal if _PLAIN_WORD.fullmatch(literal) else _in_quotes(literal)


def exec_line(argv: Sequence[str]) -> str:
    """A whole command line whose words are all literal: an executable, then its arguments.

    The executable is an absolute path, or a bare name that systemd looks up. systemd reads prefixes (`-`, `@` …)
    off the word whether it is quoted or not, and takes no quotes or backslashes in it: such names are refused.
    Raises `UnsuitableValue`.
    """
    if not argv:
        raise UnsuitableValue("", "", "", "no executable", "give a path and its arguments")
    return " ".join([_executable(argv[0])] + [quote_exec_argument(arg) for arg in argv[1:]])


def quote_environment(name: str, value: str, literal: bool = True) -> str:
    """`"name=value"` for Environment=. `$` stays: it has no meaning there. Raises `UnsuitableValue`.

    literal: `%` means itself, else it is as in a unit file: `%i` is a specifier, and `%%` a percent sign.

    The error tells the variable, never its value: it may be a secret.
    """
    if not _VARIABLE.fullmatch(name):
        remedy = "use letters, digits and _, no digit first"
        raise UnsuitableValue("", "Environment", name, "not the name of an environment variable", remedy)
    trouble = unwritable(value)
    if not trouble and _NOT_IN_ENVIRONMENT.search(value):
        trouble = "contains a control character, for which systemd ignores the variable", "remove it"
    if trouble:
        raise UnsuitableValue("", "Environment", name, "the value of this variable " + trouble[0], trouble[1])
    return _in_quotes(name + "=" + (literal_percent(value) if literal else _PERCENT.sub(_as_written, value)))


def literal_percent(value: str) -> str:
    """The same text where systemd resolves specifiers."""
    return value.replace("%", "%%")


def _as_written(match: re.Match[str]) -> str:
    """A percent sign that begins no specifier is one, as systemd takes it, too."""
    return match.group() if len(match.group()) == 2 else "%%"


def split_words(value: str) -> tuple[str, ...]:
    """The words of an Exec…= or Environment= value: quotes removed, escapes decoded; `%` and `$` untouched.

    Never raises: an unknown escape stays as written, and from an unbalanced quote on the text is one raw word.
    Bytes that are not UTF-8 come as surrogate escapes.
    """
    words: list[str] = []
    position = _skip_blank(value, 0)
    while position < len(value):
        try:
            word, after = _first_word(value, position, strict=False)
        except ValueError:
            word, after = value[position:].rstrip(BLANK), len(value)
        words.append(word)
        position = _skip_blank(value, after)
    return tuple(words)


def split_shown(value: str) -> tuple[str, ...]:
    """A list of names as `systemctl show` prints it: one with a backslash, such as a path's `\\x2d`, is quoted and escaped."""
    return split_words(value) if '"' in value else tuple(value.split())


def split_commands(value: str) -> tuple[tuple[str, ...], ...]:
    """The words of each command of an Exec…= value. A bare `;` stands between two; in quotes, or as `\\;`, it is an argument.

    Source: config_parse_exec() in systemd, which looks for both before it takes quotes off.
    """
    commands: list[tuple[str, ...]] = []
    words: list[str] = []
    position = _skip_blank(value, 0)
    while position < len(value):
        bare = _SEMICOLON.match(value, position)
        if bare and bare.group() == ";":
            commands += [tuple(words)] if words else []
            words, after = [], bare.end()
        elif bare:
            words, after = [*words, ";"], bare.end()
        else:
            try:
                word, after = _first_word(value, position, strict=False)
            except ValueError:
                word, after = value[position:].rstrip(BLANK), len(value)
            words.append(word)
        position = _skip_blank(value, after)
    return (*commands, tuple(words)) if words else tuple(commands)


def environment_of(values: Iterable[str]) -> dict[str, str]:
    """The variables that Environment= values set, in order; `%%` is `%`, other specifiers stay as written.

    As systemd does: an empty value forgets what stands before it, a later assignment replaces an earlier one, a word
    that is no assignment is skipped, and a broken quote or an unknown escape ends the line.
    """
    found: dict[str, str] = {}
    for value in values:
        if not value.strip(BLANK):
            found.clear()
        for word in _environment_words(value):
            name, equals, content = word.replace("%%", "%").partition("=")
            if equals and _VARIABLE.fullmatch(name) and not _NOT_IN_ENVIRONMENT.search(content):
                found[name] = content
    return found


def _in_quotes(text: str) -> str:
    return '"' + _SPECIAL.sub(lambda match: _ESCAPES.get(match.group()) or "\\x%02x" % ord(match.group()), text) + '"'


def _executable(path: str) -> str:
    remedy = "give an absolute path, or a bare name such as python3"
    if path in ("", ".", ".."):
        raise UnsuitableValue("", "", path, "not an executable", remedy)
    if re.search(r"[\\\"'\x00-\x1f\x7f$]", path):
        problem = "an executable's path cannot hold quotes, backslashes, $ or control characters"
        raise UnsuitableValue("", "", path, problem, "rename it, or run it by a shell or an interpreter")
    if not path.startswith("/") and "/" in path:
        raise UnsuitableValue("", "", path, "a relative path", remedy)
    if path.endswith("/"):
        raise UnsuitableValue("", "", path, "a directory, not an executable", remedy)
    # systemd 258 added "|"; the others are as old as the table in systemd.service(5).
    if path[0] in "@-:+!|":
        raise UnsuitableValue("", "", path, "systemd reads the first character as a prefix", "give an absolute path")
    return quote_exec_argument(path)


def _environment_words(value: str) -> Iterable[str]:
    position = _skip_blank(value, 0)
    while position < len(value):
        try:
            word, position = _first_word(value, position, strict=True)
        except ValueError:
            return
        yield word
        position = _skip_blank(value, position)


def _skip_blank(text: str, position: int) -> int:
    while position < len(text) and text[position] in BLANK:
        position += 1
    return position


def _first_word(text: str, start: int, strict: bool) -> tuple[str, int]:
    """The word at `start` and the position after it. Raises `ValueError` (extract_first_word() in systemd).

    Collected as bytes, since `\\xc3\\xbc` is one character.
    """
    word = bytearray()
    quote = ""
    position = start
    while position < len(text):
        character = text[position]
        position += 1
        if character == "\\":
            decoded, position = _unescaped(text, position, strict)
            word += decoded
        elif quote:
            if character == quote:
                quote = ""
            else:
                word += _bytes(character)
        elif character in "\"'":
            quote = character
        elif character in BLANK:
            break
        else:
            word += _bytes(character)
    if quote:
        raise ValueError("unbalanced quotes")
    return word.decode("utf-8", "surrogateescape"), position


def _unescaped(text: str, position: int, strict: bool) -> tuple[bytes, int]:
    """What the escape means whose backslash stands before `position`, and where it ends."""
    simple = _ONE_CHARACTER.get(text[position : position + 1])
    if simple is not None:
        return simple, position + 1
    match = _NUMERIC.match(text, position)
    decoded = _numeric_escape(match) if match else b""
    if match and decoded:
        return decoded, match.end()
    if strict:
        raise ValueError("unknown escape")
    return b"\\" + _bytes(text[position : position + 1]), position + 1


def _numeric_escape(match: re.Match[str]) -> bytes:
    """The bytes of a numeric escape; none if systemd refuses it: NUL, more than a byte in octal, no character."""
    hexadecimal, octal, short, long = match.groups()
    if hexadecimal or octal:
        number = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
        return bytes([number]) if 0 < number < 256 else b""
    number = int(short or long, 16)
    if not 0 < number < 0x110000 or 0xD800 <= number < 0xE000:
        return b""
    return chr(number).encode("utf-8")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
