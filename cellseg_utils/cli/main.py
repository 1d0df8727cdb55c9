"""The `cellseg` command from its start to its exit status."""

import errno
import sys

from cellseg_utils.run import language

INTERRUPTED = 130  # the exit status that typer gives to Ctrl-C


def main():
    """Run the command; an expected error is one Chinese line and exit status 1, Ctrl-C 130."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(
            stream, "reconfigure"
        ):  # a console that is not UTF-8 shall not stop on a Chinese character
            stream.reconfigure(errors="replace")
    try:
        sys.argv[1:] = without_language(sys.argv[1:])
        _app()(prog_name="cellseg")
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print(
                "已中断；写完的结果都还在，用同样的命令可以再跑（report 从停下的地方接着）", file=sys.stderr
            )
        raise
    except OSError as error:
        full = error.errno == errno.ENOSPC
        in_the_way = isinstance(error, FileExistsError | IsADirectoryError | NotADirectoryError)
        other = "那里有一个同名的文件夹或文件，请移走它" if in_the_way else "请检查路径和权限"
        fix = "请腾出空间后用同样的命令接着跑" if full else other
        print(f"错误：{'磁盘已满' if full else error}，{fix}", file=sys.stderr)
        sys.exit(1)
    except (ValueError, RuntimeError) as error:
        print(f"错误：{error}", file=sys.stderr)
        sys.exit(1)


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
    from cellseg_utils.cli import data, many_runs, reporting, segmenting  # noqa: F401  each adds its commands
    from cellseg_utils.cli.app import app

    return app
