"""The `cellseg` command from its start to its exit status."""

import codecs
import os
import sys

from cellseg_utils.run import language
from cellseg_utils.run.language import say

_CONSOLE = (
    "CELLSEG_CONSOLE"  # environment variable: the encoding that the console had before `_start_in_utf8`
)
INTERRUPTED = 130  # the exit status that typer gives to Ctrl-C


def main():
    """Run the command; an expected error is one line and exit status 1, Ctrl-C 130."""
    os.environ["PYTHONSAFEPATH"] = "1"  # kernels and workers import nothing from the current folder
    _start_in_utf8()
    _make_speakable()
    try:
        sys.argv[1:] = without_language(sys.argv[1:])
        _make_speakable()
        sys.exit(_run())
    except OSError as error:
        _fail(_with_fix(error))
    except (ValueError, RuntimeError) as error:
        _fail(error)


def _run():
    """The exit status of the command that is asked for."""
    import typer

    from cellseg_utils.cli import usage
    from cellseg_utils.run.plain_error import one_line

    try:
        status = _app()(prog_name="cellseg", standalone_mode=False)
    except typer.Abort as error:  # which typer makes of an EOFError
        raise ValueError(one_line(error.__cause__ or error)) from error
    except usage.ClickError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
        else:
            print(say("错误：{error}", error=usage.told(error)), file=sys.stderr)
        return error.exit_code
    if status == INTERRUPTED:
        print(
            say("已中断；写完的结果都还在，用同样的命令可以再跑（report 从停下的地方接着）"),
            file=sys.stderr,
        )
    return status or 0


def _start_in_utf8():
    """Begin again in Python's UTF-8 mode: names of files are UTF-8, whatever the console speaks.

    https://docs.python.org/3/library/os.html#python-utf-8-mode
    """
    begun_again = os.environ.get("PYTHONUTF8") == "1"
    is_utf8 = codecs.lookup(sys.getfilesystemencoding()).name == "utf-8"
    if os.name == "posix" and not begun_again and not is_utf8:
        os.environ["PYTHONUTF8"] = "1"
        os.environ[_CONSOLE] = getattr(sys.stdout, "encoding", None) or "utf-8"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _make_speakable():
    """Print what a console's encoding lacks as `?`; all as UTF-8, if that would be every word."""
    spoken = os.environ.pop(_CONSOLE, None) if os.environ.get("PYTHONUTF8") == "1" else None
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=spoken, errors="replace")
            words = language.current() == language.CHINESE or codecs.lookup(stream.encoding).name == "ascii"
            if words and not _has_chinese(stream.encoding):
                stream.reconfigure(encoding="utf-8", errors="replace")


def _has_chinese(encoding):
    try:
        chr(0x4E2D).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _fail(error):
    print(say("错误：{error}", error=error), file=sys.stderr)
    sys.exit(1)


def _with_fix(error):
    """An error of the system, and what a user can do."""
    from cellseg_utils.run import system_errors

    path = error.filename2 or error.filename
    if error.errno in system_errors.FULL and path:
        return say("{path}：磁盘已满，没有写成；写完的都还在，请腾出空间后用同样的命令接着跑", path=path)
    if error.errno in system_errors.FULL:
        return say("磁盘已满，请腾出空间后用同样的命令接着跑")
    if path and isinstance(error, FileExistsError | IsADirectoryError | NotADirectoryError):
        return say("{path}：那里有一个同名的文件夹或文件，请移走它", path=path)
    reason = system_errors.reason(error)
    if path:
        return say("{path}：{reason}，请检查路径和权限", path=path, reason=reason)
    return say("{error}，请检查路径和权限", error=reason)


def without_language(arguments):
    """Choose the language that is asked for; help is written in it, so this comes before all else.

    Parameters
    ----------
    arguments : list of str
        Of the command line, `--lang en` or `--lang=en` among them, before or after the command.

    Returns
    -------
    arguments : list of str
        The others.

    Raises
    ------
    language.LanguageError
        If it is a language that there is no text in.
    """
    rest, waiting = [], list(arguments)
    while waiting:
        name, is_whole, value = waiting.pop(0).partition("=")
        if name == language.OPTION:
            language.choose(value if is_whole else waiting.pop(0) if waiting else "")
        else:
            rest.append(name + is_whole + value)
    return rest


def _app():
    from cellseg_utils.cli import (  # noqa: F401  each adds its commands
        data,
        many_runs,
        packing,
        reporting,
        segmenting,
    )
    from cellseg_utils.cli.app import app

    return app
