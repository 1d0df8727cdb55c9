"""Small changes of sound files: bytes, JSON values, lines of text; the same for the same seed."""

import json
import random
import struct
import zlib

NUMBERS = (0, 1, 2, 3, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)
ODD_VALUES = (
    *(
        None,
        True,
        [],
        {},
        "",
        "a",
        "\x00",
        "\ud800",
        "../../a",
        -1,
        0,
        0.5,
        2**31,
        2**63,
        10**40,
        1e308,
        -1e308,
    ),
    *(float("nan"), float("inf"), [[]], [None], [[1, 2], [3]], {"a": 1}, "9" * 5000, "o" * 100_000),
)
PIECES = (
    *(
        "&a [",
        "*a",
        "!!int x",
        "!!timestamp x",
        "!!binary x",
        "!!python/object:os.system x",
        "<<: *a",
        "? [a]",
    ),
    *(
        "'",
        '"',
        "[" * 100_000,
        "{" * 1000,
        "- " * 1000,
        "\t",
        "\n",
        "\x00",
        "\ufeff",
        "\ud800",
        "=",
        ": ",
        "#",
        "%",
    ),
    *(
        "9" * 5000,
        "1e999",
        "nan",
        ".inf",
        "0x",
        "0b",
        "1_0",
        "2020-13-45",
        "~",
        "null",
        "true",
        "\x1b[31m",
        "\u202e",
    ),
    *("..", "/", "\\", "con", "a" * 5000, "\r", "%s", "{0}", "{name}", "1" * 50_000 + "x"),
)


def of_bytes(data, chance):
    """A few bytes changed, cut out, doubled or replaced by numbers that headers are wrong with."""
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        place = chance.randrange(len(data) or 1)
        kind = chance.randrange(6)
        if kind == 0 and data:
            data[place] ^= 1 << chance.randrange(8)
        elif kind == 1 and data:
            data[place] = chance.randrange(256)
        elif kind == 2:
            form = chance.choice(("<I", ">I", "<H", ">H", "<Q"))
            number = chance.choice(NUMBERS) % (1 << 8 * struct.calcsize(form))
            data[place : place + struct.calcsize(form)] = struct.pack(form, number)
        elif kind == 3:
            del data[place : place + chance.choice((1, 2, 8, 64, len(data)))]
        elif kind == 4:
            part = data[place : place + chance.randrange(1, 64)]
            data[place:place] = part * chance.choice((1, 2, 100))
        else:
            other = chance.randrange(len(data) or 1)
            data[place : place + 8] = data[other : other + 8]
    return bytes(data)


def of_png(data, chance):
    """Bytes of a PNG changed; mostly with checksums that belong to them."""
    data = of_bytes(data, chance)
    return with_checksums(data) if chance.random() < 0.8 else data


def with_checksums(data):
    """A PNG whose chunks have the checksums that belong to them."""
    data, place = bytearray(data), 8
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        end = place + 8 + length
        if end + 4 > len(data):
            break
        data[end : end + 4] = struct.pack(">I", zlib.crc32(data[place + 4 : end]))
        place = end + 4
    return bytes(data)


def of_json(data, chance):
    """A value of JSON replaced, left out or doubled; at times its bytes changed, or brackets without end."""
    if chance.random() < 0.02:
        return chance.choice((b"[", b'{"a":')) * 100_000
    if chance.random() < 0.15:
        return of_bytes(data, chance)
    value = json.loads(data)
    for _ in range(chance.choice((1, 1, 2, 3))):
        value = _changed(value, chance)
    return json.dumps(value, ensure_ascii=True).encode()


def _changed(value, chance):
    if not value or not isinstance(value, dict | list) or chance.random() < 0.1:
        return chance.choice(ODD_VALUES)
    keys = list(value) if isinstance(value, dict) else range(len(value))
    key, kind = chance.choice(keys), chance.random()
    if kind < 0.1:
        return [*value, value] if isinstance(value, list) else {**value, "more": value}
    value = value.copy()
    if kind < 0.2:
        del value[key]
    else:
        value[key] = _changed(value[key], chance)
    return value


def of_text(data, chance):
    """Text with pieces put in that its readers take for something else."""
    if chance.random() < 0.3:
        return of_bytes(data, chance)
    text = data.decode(errors="surrogateescape")
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.randrange(len(text) + 1)
        text = text[:place] + chance.choice(PIECES) + text[place + chance.choice((0, 0, 1, 5)) :]
    return text.encode(errors="surrogatepass")


def chance_of(target, number, seed):
    """The random numbers of one input."""
    return random.Random(f"{target} {number} {seed}")
