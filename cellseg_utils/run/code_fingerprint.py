"""Which code something depends on, and a fingerprint that tells whether it has changed."""

import ast
import functools

import cellseg_utils
from cellseg_utils.run import fingerprint, language, places
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError

_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def of_modules(modules, without=()):
    """Fingerprint of some modules of this package and of all that they import from it.

    Parameters
    ----------
    modules : iterable of str
        Names without the package: `["training.fit", "plots.panels"]`.
    without : iterable of str
        Modules that do not count, because the outcome does not depend on them.

    Returns
    -------
    digest : str
        16 hexadecimal digits; comments, docstrings and formatting do not count.

    Raises
    ------
    ValueError
        If there is no such module.
    """
    for name in without:
        _module_file(name)
    names = modules_behind(modules, without)
    return fingerprint.of_values(sorted((name, _of_code(*_version(_module_file(name)))) for name in names))


def modules_behind(modules, without=()):
    """Some modules of this package and all that they import from it, directly or through others.

    Parameters
    ----------
    modules, without
        As for `of_modules`.

    Returns
    -------
    trees : dict of str to ast.Module
        Parsed code by the name of its module, without the package; `""` is the package itself.

    Raises
    ------
    ValueError
        If there is no such module.
    """
    trees, waiting = {}, list(modules)
    while waiting:
        name = waiting.pop()
        if name not in trees and name not in without:
            trees[name] = _parsed(*_version(_module_file(name)))
            waiting += _imported_by(name, *_version(_module_file(name)))
    return trees


def imported_modules(tree, of=None):
    """Modules of this package that a piece of code imports, whatever the form of the import.

    Parameters
    ----------
    tree : ast.AST
        The parsed code.
    of : str, optional
        The module that it is the code of, without the package: relative imports start there.

    Returns
    -------
    names : list of str
        Without the package's name, the folders that they lie in among them; also those that stand in a text
        of their own, as in `importlib.import_module("cellseg_utils.data.tiff")`. All modules, if only the
        run tells what is imported.
    """
    if of != "" and any(_is_dynamic(node) for node in ast.walk(tree)):
        return all_modules()
    dotted = [name for node in ast.walk(tree) for name in _imports(node, of)]
    dotted += [f"{places.PACKAGE.name}.{cellseg_utils.LAZY[name]}" for name in _lazy(dotted)]
    inside = {name.removeprefix(places.PACKAGE.name).removeprefix(".") for name in dotted if _is_ours(name)}
    parts = {name.rsplit(".", cut)[0] for name in inside for cut in range(name.count(".") + 1)}
    return sorted(name for name in {*parts, ""} if inside and _find(name))


def of_files_beside(modules):
    """Fingerprint of the files that are no code and lie in the folders of some modules and what they import.

    Parameters
    ----------
    modules : iterable of str
        As for `of_modules`.

    Returns
    -------
    digest : str
        16 hexadecimal digits: of fonts, style sheets, weights, registries; not of `language.TABLE`, which
        concerns English only.
    """
    folders = sorted({_module_file(name).parent for name in modules_behind(modules)} - {places.PACKAGE})
    beside = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    data = [
        path
        for path in beside
        if path.suffix != ".py" and "__pycache__" not in path.parts and path.parent != language.TABLE
    ]
    return fingerprint.of_values([_of_file(*_version(path)) for path in data])


def _version(path):
    """A file as it is now: ten notebooks share most of the code, which is read again only once it changes."""
    status = path.stat()
    return path, status.st_mtime_ns, status.st_size


@functools.cache
def _of_file(path, *_):
    return fingerprint.of_file(path)


@functools.cache
def _of_code(path, *_):
    return fingerprint.of_values(_code_only(_parse(path)))


@functools.cache
def _imported_by(name, path, *version):
    return imported_modules(_parsed(path, *version), name)


def _imports(node, of):
    """Dotted names that may be modules: those that a statement imports, or that are a text of their own."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        parent = ".".join(filter(None, [*_parent(node.level, of), node.module]))
        names = [f"{parent}.{alias.name}" for alias in node.names]
        return names if node.names[0].name != "*" else [*names, *_inside(parent)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _is_dynamic(node):
    """Whether a call imports what only its run tells: every module counts then."""
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", getattr(node.func, "id", None))
    if name not in ("import_module", "__import__") or not node.args:
        return False
    [first, *more] = [*node.args, *node.keywords]
    plain = isinstance(first, ast.Constant) and not str(first.value).startswith(".")
    return not plain or bool(more)


def all_modules():
    """Names of all modules of this package, without the package's own.

    Returns
    -------
    names : list of str
    """
    paths = [path.relative_to(places.PACKAGE).with_suffix("") for path in places.PACKAGE.rglob("*.py")]
    return sorted(".".join(part for part in path.parts if part != "__init__") for path in paths)


def _inside(parent):
    """Modules in a folder of this package, as a star imports them."""
    names = (f"{places.PACKAGE.name}.{name}" for name in all_modules())
    return [name for name in names if name.startswith(f"{parent}.")]


@functools.cache
def _parsed(path, *_):
    return _parse(path)


def _parse(path):
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise ArgumentError(
            say("{path}：第 {line} 行语法有误，请改正后再运行", path=path, line=error.lineno)
        ) from error


def _lazy(dotted):
    """Names that the package loads when they are asked for: those imported, or all if it is itself."""
    if places.PACKAGE.name in dotted:
        return list(cellseg_utils.LAZY)
    return [name for name in cellseg_utils.LAZY if f"{places.PACKAGE.name}.{name}" in dotted]


def _parent(level, of):
    """Where an import with so many leading dots starts."""
    if not level or of is None:
        return []
    path = _module_file(of)
    steps = level - (path.name == "__init__.py")
    parts = [places.PACKAGE.name, *filter(None, of.split("."))]
    return parts[: len(parts) - steps]


def _is_ours(name):
    return name == places.PACKAGE.name or name.startswith(f"{places.PACKAGE.name}.")


def _find(name):
    """File of a module or of a folder of modules; None where there is neither."""
    path = places.PACKAGE.joinpath(*filter(None, name.split(".")))
    candidates = path / "__init__.py", path.with_suffix(".py")
    return next((file for file in candidates if file.is_file()), None)


def _module_file(name):
    path = _find(name)
    if path is None:
        raise ValueError(f"{places.PACKAGE.name} has no module {name!r}")
    return path


def _code_only(tree):
    for node in ast.walk(tree):
        if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)
