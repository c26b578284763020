# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of like values in few bytes: by columns, each value written once. assets/data.js unpacks them."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence


def packed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """count, and columns: key → {all: value of each row}, {each: a value for each row}, or {values, at: which in each row}.

    What a row has not is null.
    """
    keys = dict.fromkeys(key for row in rows for key in row)
    return {"count": len(rows), "columns": {key: _column([row.get(key) for row in rows]) for key in keys}}


def _column(values: Sequence[Any]) -> dict[str, Any]:
    places: dict[Any, int] = {}
    distinct: list[Any] = []
    at = []
    for value in values:
        is_plain = value is None or isinstance(value, (str, int, float))
        key = (type(value), value if is_plain else json.dumps(value, sort_keys=True))  # 1 and true are equal, but not the same
        if key not in places:
            places[key] = len(distinct)
            distinct.append(value)
        at.append(places[key])
    if len(distinct) == 1:
        return {"all": distinct[0]}
    return {"values": distinct, "at": at} if len(distinct) * 2 < len(values) else {"each": list(values)}
