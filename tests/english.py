"""What English sentences made of clauses and numbers must look like."""

import re

import texts

FAULTS = {
    "two spaces, or one at an end": re.compile(r"  |^ | $"),
    "a space before punctuation": re.compile(r" [.,;:)]"),
    "a bracket that touches a word": re.compile(r"[a-z0-9]\((?!http)|\)\w"),
    "no space after punctuation": re.compile(r"[a-z0-9)][.;,:!](?=[A-Za-z])(?!py|org|json)|[a-z)][,;](?=\d)"),
    "two marks in a row": re.compile(r"(?<!et al)[.,;:]{2}"),
    "one of many": re.compile(
        r"(?<![\d.,])(?<!to )1 (?:validation |true |unrelated )?(images|nuclei|families|epochs|batches|crops)"
    ),
    "a name that was not replaced": re.compile(r"[{}|]"),
}


def faults(text):
    """What is wrong with an English text.

    Parameters
    ----------
    text : str
        One line.

    Returns
    -------
    faults : list of str
    """
    found = [f"{fault}: {text}" for fault, pattern in FAULTS.items() if pattern.search(text)]
    return [*found, *([f"Chinese: {text}"] if texts.CHINESE.search(text) else [])]
