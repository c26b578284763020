# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller has sent along: contents in the call itself, or files that it has copied for this run."""

from __future__ import annotations

import contextlib
import hashlib
import io
from typing import IO, Iterator

from ..._declaration.constants import BUNDLE
from ..._declaration.source import Source
from .door import Door
from .place import UnsafePath

_PART = 1 << 20


def content_of(source: Source) -> bytes:
    """All of it. Raises UnsafePath where it is not what the declaration says."""
    content = io.BytesIO()
    with source_of(source) as stream:
        copy(stream, content, source)
    return content.getvalue()


def copy(stream: IO[bytes], target: IO[bytes], source: Source) -> None:
    """stream: of the source. Raises UnsafePath where it is not what the declaration says, when all of it is written."""
    digest = hashlib.sha256()
    for part in iter(lambda: stream.read(_PART), b""):
        digest.update(part)
        target.write(part)
    if source.upload is not None and digest.hexdigest() != source.sha256:
        raise UnsafePath(source.upload, "what was sent is not what was declared; run the task again")


@contextlib.contextmanager
def source_of(source: Source) -> Iterator[IO[bytes]]:
    """Read by root: the controller has copied an upload for root alone."""
    if source.data is not None or source.upload is None:
        yield io.BytesIO(source.data or b"")
        return
    with Door().following(source.upload) as place, open(place.open(), "rb") as stream:
        if source.upload.endswith(BUNDLE):
            import tarfile  # most runs do without

            with tarfile.open(fileobj=stream, mode="r") as archive:
                yield archive.extractfile(source.sha256) or stream
        else:
            yield stream
