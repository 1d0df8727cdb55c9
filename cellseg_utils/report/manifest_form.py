"""Whether a manifest has the form that it is written in: anybody can write one, its digest included."""

import datetime
import math

from cellseg_utils.run import language

LANGUAGES = (language.CHINESE, language.ENGLISH)
_SCALARS = (str, int, float, bool, type(None))
_JOURNAL = ("reads", "writes", "data", "told")
_PROVENANCE = ("commit", "machine", "versions", "when")
_NEEDED = ("key", "seconds", "journal", "executed", "provenance")


def check(value):
    """Refuse a manifest of another form.

    Parameters
    ----------
    value : value
        Of its JSON.

    Raises
    ------
    ValueError
        If a value is of another type than `manifest.Manifest` and `manifest.entry` have.
    """
    _expect(isinstance(value, dict) and isinstance(value["profile"], str), "a profile")
    _expect(_are(value["overrides"], _SCALARS), "overrides by name")
    _expect(value.get("language", language.CHINESE) in LANGUAGES, "a language")
    _expect(_are(value.get("pages", {}), str), "digests of pages by name")
    _expect(_are(value["notebooks"], (dict, type(None))), "notes of notebooks by name")
    for noted in value["notebooks"].values():
        if noted is not None:
            _check_entry(noted)


def _check_entry(noted):
    lacking = [name for name in _NEEDED if name not in noted]
    _expect(not lacking, f"{lacking} of a notebook")
    seconds, journal, about = noted["seconds"], noted["journal"], noted["provenance"]
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    _expect(number and math.isfinite(seconds) and seconds >= 0, "finite seconds")
    _expect(isinstance(noted["key"], str | dict) and isinstance(noted["executed"], str), "a key and a digest")
    _expect(isinstance(journal, dict) and set(_JOURNAL) <= set(journal), "a journal")
    for name in _JOURNAL:
        _expect(_are(journal[name], (str, type(None))), f"{name} of a journal")
    _expect(_are(noted.get("contents", {}), str), "digests of data by path")
    _expect(_are(about, str) and set(_PROVENANCE) <= set(about), "where and when")
    if isinstance(noted["key"], dict):
        _check_key(noted["key"])
    datetime.datetime.fromisoformat(about["when"])


def _check_key(key):
    _expect(_are(key.get("parameters", {}), _SCALARS), "parameters by name")
    libraries = key.get("libraries", [])
    _expect(isinstance(libraries, list) and all(isinstance(own, str) for own in libraries), "libraries")


def _are(value, kinds):
    return isinstance(value, dict) and all(isinstance(own, kinds) for own in value.values())


def _expect(condition, what):
    if not condition:
        raise ValueError(f"manifest: expected {what}")
