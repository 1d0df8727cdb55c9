"""Finds the Chinese texts of the project and whether all of them can be said in English."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cellseg_utils"
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]|……")
SAID = ("say", "later")
IN_TEMPLATE = re.compile(r"\bsay\(\s*\"((?:[^\"\\]|\\.)+)\"")


def rooms():
    """Folders of the package, and what stands beside them."""
    return sorted(path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__")


def files_of(room):
    """Python files of a room; of the package itself for `""`; of the notebooks for `notebooks`."""
    if room == "notebooks":
        return sorted((ROOT / "notebooks").glob("[0-9]*.py"))
    return sorted((PACKAGE / room).glob("*.py" if not room else "**/*.py"))


def templates_of(room):
    return sorted(path for end in ("j2", "js") for path in (PACKAGE / room).glob(f"**/*.{end}"))


def said(path):
    """Texts that a file says, and lines in which Chinese stands outside of them."""
    if path.suffix != ".py":
        source = path.read_text(encoding="utf-8")
        rest = IN_TEMPLATE.sub("", re.sub(r"(?m)//.*$|\{#.*?#\}|<!--.*?-->", "", source))
        texts = {json_text.replace('\\"', '"') for json_text in IN_TEMPLATE.findall(source)}
        return texts, [line.strip() for line in rest.splitlines() if CHINESE.search(line)]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts, inside = set(), _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in SAID and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                texts.add(first.value)
                inside.add(id(first))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            inside |= {id(part) for part in ast.walk(node)}
    outside = [
        f"{path.name}:{node.lineno}: {node.value.strip()[:50]}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside
        if CHINESE.search(node.value)
    ]
    return {text for text in texts if CHINESE.search(text)}, outside


def _name(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)


def _docstrings(tree):
    """What is no text for a person: docstrings."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
