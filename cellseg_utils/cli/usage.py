"""What is wrong with a command line, in one line of the reader's language."""

import re

import typer

from cellseg_utils.run.language import listing, say

# click's classes, which are a copy inside typer from its version 0.26 on
CommandLineError, ClickError = typer.BadParameter.__mro__[1:3]
_UNKNOWN = re.compile(r"No such command '(.*)'", re.DOTALL)
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
    command = context.command_path if context else "cellseg"
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
    if "valid integer" in error.message:
        return say("{name}：应是整数", name=name)
    if "valid number" in error.message or "valid float" in error.message:
        return say("{name}：应是数", name=name)
    return say("{name}：{error}", name=name, error=error.message)


def _name(parameter):
    return parameter.opts[0] if parameter.param_type_name == "option" else parameter.name


def _unknown(error):
    if found := _UNKNOWN.search(error.message):
        return say("没有命令 {name}", name=found[1])
    if found := _EXTRA.search(error.message):
        return say("多出了 {words}", words=found[1])
    return error.format_message()
