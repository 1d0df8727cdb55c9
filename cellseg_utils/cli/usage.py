"""What is wrong with a command line, in one line of the reader's language."""

import re
import sys

import typer

from cellseg_utils.run.language import listing, say

# click's classes, which are a copy inside typer from its version 0.26 on
ClickError = typer.BadParameter.__mro__[2]
_UNKNOWN = re.compile(r"No such command (['\"])(.*?)\1(?:\.|$)(.*)", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'")
_EXTRA = re.compile(r"unexpected extra argument.*? \((.*)\)$", re.DOTALL)


def told(error):
    """What to say of a command line that can't be understood.

    Parameters
    ----------
    error : ClickError
        That typer raised.

    Returns
    -------
    line : str
        What is wrong, and where the help is.
    """
    context = getattr(error, "ctx", None)
    words = [word for word in sys.argv[1:2] if not word.startswith("-")]
    command = context.command_path if context else " ".join(["cellseg", *words])
    return say("{fault}；用法见 {command} --help", fault=_fault(error), command=command)


def _fault(error):
    kind, option = type(error).__name__, getattr(error, "option_name", "")
    if kind == "NoSuchOption" and error.possibilities:
        near = listing(sorted(error.possibilities))
        return say("没有选项 {option}，最像的是 {near}", option=option, near=near)
    if kind == "NoSuchOption":
        return say("没有选项 {option}", option=option)
    if kind == "BadOptionUsage" and "does not take" in error.message:
        return say("{option} 后面不写值", option=option)
    if kind == "BadOptionUsage":
        return say("{option} 后面要写一个值", option=option)
    if kind == "MissingParameter":
        return say("缺少 {name}", name=_name(error.param))
    if kind == "BadParameter" and error.param is not None:
        return _wrong_value(error)
    return _unknown(error)


def _wrong_value(error):
    name = _name(error.param)
    if re.search(r"valid int(eger)?\b", error.message):
        return say("{name}：应是整数", name=name)
    if re.search(r"valid (number|float)\b", error.message):
        return say("{name}：应是数", name=name)
    return say("{name}：{error}", name=name, error=error.message)


def _name(parameter):
    return parameter.opts[0] if parameter.param_type_name == "option" else parameter.name


def _unknown(error):
    if found := _UNKNOWN.search(error.message):
        near = listing(_QUOTED.findall(found[3]))
        if near:
            return say("没有命令 {name}，最像的是 {near}", name=found[2], near=near)
        return say("没有命令 {name}", name=found[2])
    if found := _EXTRA.search(error.message):
        return say("多出了 {words}", words=found[1])
    return error.format_message()
