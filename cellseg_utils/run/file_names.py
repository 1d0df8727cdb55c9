"""Names of files as people read them: in UTF-8, or in GBK, of which the file system says nothing."""

import os
import re

_UNDECODED = frozenset(map(chr, range(0xD800, 0xE000)))  # what Python makes of bytes that are no UTF-8
_FIRST_OF_THREE = "\u0800"  # two bytes of GBK look like a letter before it now and then, three hardly ever

_TWO_HIGH_BYTES = re.compile(rb"[\x81-\xfe][\x80-\xfe]")


def readable(name):
    """A name whose bytes are not UTF-8, read as GB 18030, if they are that.

    Parameters
    ----------
    name : str
        Of one file or folder, or a path with slashes, each part of which is read by itself.

    Returns
    -------
    name : str
        The same, if it is UTF-8, or partly, or neither.
    """
    if os.name == "nt":  # names are Unicode there
        return name
    return name if _UNDECODED.isdisjoint(name) else "/".join(map(_readable, name.split("/")))


def _readable(part):
    if _UNDECODED.isdisjoint(part) or any(_FIRST_OF_THREE <= letter < "\ud800" for letter in part):
        return part
    stored = os.fsencode(part)
    if not _TWO_HIGH_BYTES.search(stored):  # a µ or an é of Latin-1 and the letter after it
        return part
    try:
        return stored.decode("gb18030")
    except UnicodeError:
        return part
