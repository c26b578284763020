# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A source tree of the controller: listed at each run, which is cheap, and packed only when a host asks for it."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import tarfile
import tempfile
from typing import IO, Iterator, Literal, Mapping

from ..module_utils._declaration.tree import TreeEntry, digest_of, is_left_out, leading_out, stays_inside


class Unpackable(Exception):
    """Something in a tree that cannot travel. The message is for a person."""


def listing(tree: str) -> list[TreeEntry]:
    """All that is packed of a tree, each directory before what is in it. Raises Unpackable or OSError."""
    found = sorted(_below(tree, ""), key=lambda entry: entry.path.split("/"))
    links = {entry.path: entry.value for entry in found if entry.kind == "link"}
    strange = leading_out(links)
    if strange:
        raise Unpackable(f"{strange} is a link that leads out of the tree, by way of other links, to {links[strange]}")
    return found


def digest_and_size(tree: str) -> tuple[str, int]:
    """What identifies the tree, and the number of its entries."""
    entries = listing(tree)
    return digest_of(entries), len(entries)


def _below(tree: str, folder: str) -> Iterator[TreeEntry]:
    with os.scandir(os.path.join(tree, folder)) as found:
        for item in found:
            if is_left_out(item.name):
                continue
            path = f"{folder}{item.name}"
            if item.is_symlink():
                yield _link(path, os.readlink(item.path))
            elif item.is_dir():
                yield TreeEntry(path, "directory")
                yield from _below(tree, f"{path}/")
            elif item.is_file():
                yield _file(path, item.path)
            else:
                raise Unpackable(f"{path} is a device, socket or pipe")


def _link(path: str, target: str) -> TreeEntry:
    if not stays_inside(path, target):
        raise Unpackable(f"{path} is a link that leads out of the tree, to {target}")
    return TreeEntry(path, "link", target)


def _file(path: str, place: str) -> TreeEntry:
    digest = hashlib.sha256()
    with open(place, "rb", buffering=0) as stream:
        mode = os.fstat(stream.fileno()).st_mode
        for block in iter(lambda: stream.read(1024 * 1024), b""):
            digest.update(block)
    return TreeEntry(path, "file", digest.hexdigest(), bool(mode & stat.S_IXUSR))


def pack(tree: str, stream: IO[bytes]) -> None:
    """The tree as a compressed archive, the same for the same tree: no times, no owners, one order."""
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=6, mtime=0) as packed, _archive(packed, "w|") as archive:
        for entry in listing(tree):
            _add(archive, entry, os.path.join(tree, entry.path))


def bundle(paths: Mapping[str, str], stream: IO[bytes]) -> None:
    """Several files and trees, each packed, under their digests: one transfer for all of them. paths: digest → path."""
    with _archive(stream, "w") as archive:
        for digest, path in sorted(paths.items()):
            with tempfile.TemporaryFile() as packed, open(path, "rb") if not os.path.isdir(path) else packed as content:
                if os.path.isdir(path):
                    pack(path, packed)
                    packed.seek(0)
                member = tarfile.TarInfo(digest)
                member.size = os.fstat(content.fileno()).st_size
                archive.addfile(member, content)


def _archive(stream: IO[bytes] | gzip.GzipFile, mode: Literal["w", "w|"]) -> tarfile.TarFile:
    return tarfile.open(fileobj=stream, mode=mode, format=tarfile.PAX_FORMAT)


_TYPES = {"file": tarfile.REGTYPE, "directory": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}


def _add(archive: tarfile.TarFile, entry: TreeEntry, place: str) -> None:
    member = tarfile.TarInfo(entry.path)
    member.type, member.mode = _TYPES[entry.kind], entry.mode
    if entry.kind == "link":
        member.linkname = entry.value
    if entry.kind != "file":
        archive.addfile(member)
        return
    with open(place, "rb") as stream:
        data = stream.read()
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
