# SPDX-License-Identifier: MIT OR Apache-2.0

"""Reads shown values: the JSON of a value, and beside it the paths of the parts that the JSON lacks."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class Note(str):
    """A phrase in place of a missing part."""


def public_names(named):
    """Returns the names of the values without a sensitive or ephemeral part."""
    names = names_of(named)
    return set(name for name in names if not {"sensitive", "ephemeral"} & set(part_of(named, name)[1]))


def names_of(named):
    """Returns the names of several values that are one shown value."""
    return list(named["value"]) + [copy["name"] for copy in named.get("copies", [])]


def part_of(named, name):
    """Returns the value of a name, and the kinds of the parts that it lacks."""
    copies = dict((copy["name"], copy["of"]) for copy in named.get("copies", []))
    path = copies.get(name, [name])
    value = named["value"]
    for step in path:
        value = None if value is None else value[step]
    overlaps = [kind for kind, other, phrase in _missing(named) if other[: len(path)] == path[: len(other)]]
    return value, overlaps


def shown(value):
    """Returns the JSON of a shown value, with a phrase in place of each missing part."""
    whole = [value["value"]]
    for kind, path, phrase in _missing(value):
        container, last = whole, 0
        for step in path:
            container, last = container[last], step
        container[last] = Note(phrase)
    return whole[0]


def _missing(value):
    """Returns the kind, the path and the phrase of each missing part."""
    for kind in ("sensitive", "ephemeral"):
        for path in value.get(kind, []):
            yield kind, path, "(%s value)" % kind
    for part in value.get("unknown", []):
        yield "unknown", part["path"], "(known after %s)" % ", ".join(part["after"])
