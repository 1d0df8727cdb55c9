"""Run one notebook to its end, or say why it did not get there."""

import logging
import os
import traceback
from contextlib import contextmanager

from cellseg_utils.run import files, language, temporary
from cellseg_utils.run.language import later, say
from cellseg_utils.run.places import PACKAGE

DIED = later(
    "内核中途退出，多半是内存不够（系统杀掉了它）；"
    "请减小 image_size（训练时也可减小 batch_size），或关掉别的程序后再跑"
)
LONGEST_SOCKET = 90  # bytes of a path, of which some systems take no more than 103


class ExecutionError(RuntimeError):
    """A notebook that did not run to its end; the message is one line a fault, with the fix."""


def execute(notebook, values, target, log, spoken=language.CHINESE):
    """Run a notebook beside its place, check that it ran to its end, and only then put it there.

    Parameters
    ----------
    notebook : Path
        The `.ipynb` to run.
    values : dict of str to value
        Its parameters.
    target : Path
        Where the executed notebook goes; an earlier one stays if this one fails.
    log : Path
        Gets what the notebook prints; a failed notebook is left beside it.
    spoken : str
        The language of the notebook.

    Raises
    ------
    ExecutionError
        If a cell fails, the kernel dies or stops early, or the notebook can't be written.
    """
    import nbformat
    import papermill

    log.parent.mkdir(parents=True, exist_ok=True)
    attempt = log.with_suffix(".failed.ipynb")
    with log.open("w", encoding="utf-8") as stream, _stderr_to(stream), _kernel() as kernel:
        try:
            with language.speaking(spoken):
                papermill.execute_notebook(
                    str(notebook),
                    str(attempt),
                    parameters=values,
                    kernel_name="python3",
                    progress_bar=False,
                    stdout_file=stream,
                    stderr_file=stream,
                    request_save_on_cell_execute=False,  # with all pictures so far, each time
                    shutdown_kernel="immediate",  # all is written by then; a polite end takes seconds
                    **kernel,
                )
        except KeyboardInterrupt:
            logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of the cell whose kernel is ended
            raise
        except papermill.PapermillExecutionError as error:
            stream.write("\n".join(error.traceback))
            raise ExecutionError(explain(error.ename, error.evalue, error.traceback)) from error
        except Exception as error:  # whatever papermill, jupyter or the disk come up with ends this notebook
            traceback.print_exc(file=stream)
            raise ExecutionError(explain(type(error).__name__, str(error))) from error
    if not ran_to_its_end(nbformat.read(attempt, 4)):
        raise ExecutionError(say(DIED))
    target.parent.mkdir(exist_ok=True)
    files.publish(attempt, target)


def explain(name, text, traceback=()):
    """What a reader is told of an exception; our own are written for readers and name the file and the fix.

    Parameters
    ----------
    name : str
        Class of the exception.
    text : str
        Its message.
    traceback : sequence of str
        As IPython prints it; of our own exceptions it is the message alone.

    Returns
    -------
    text : str
        One line a fault.
    """
    if "No space left" in text:
        return say("磁盘已满，请腾出空间后用同样的命令接着跑")
    if name == "DeadKernelError" or text.startswith("Kernel died"):
        return say(DIED)
    if name in ("MemoryError", "ResourceExhaustedError"):
        return say("内存不够，请减小 image_size（训练时也可减小 batch_size）后再跑")
    if traceback and "\n".join(traceback) == text:  # a `PlainError`: nothing stands around its message
        return text
    first = text.strip().splitlines()[0] if text.strip() else say("没有说明")
    return say("没有预料到的错误 {name}：{text}", name=name, text=first)


@contextmanager
def _stderr_to(stream):
    """Send what kernels write to the inherited stderr, such as TensorFlow's start-up messages, to the log."""
    saved = os.dup(2)
    try:
        os.dup2(stream.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


@contextmanager
def _kernel():
    """How a kernel is started, for papermill: with all files of its own in a folder of this user's.

    It talks through sockets there, where the system has them and their path is not too long for it
    (https://man7.org/linux/man-pages/man7/unix.7.html). It starts there, too, and goes to the current folder
    only afterwards: that may hold a `numpy.py`, or a file named as one of Python's own, which is not to run.
    """
    from traitlets.config import Config

    with temporary.folder() as place:
        socket = str(place / "kernel")
        fits = os.name != "nt" and len(os.fsencode(socket)) <= LONGEST_SOCKET
        transport = {"transport": "ipc", "ip": socket} if fits else {}
        yield {
            "config": Config(KernelManager={"connection_file": str(place / "kernel.json"), **transport}),
            "resources": {"metadata": {"path": str(place)}},
            "extra_arguments": [
                f"--InteractiveShellApp.exec_lines=__import__('os').chdir({os.getcwd()!a})",
                f"--InteractiveShellApp.exec_lines=__import__('sys').path.append({str(PACKAGE.parent)!a})",
                "--InteractiveShellApp.ignore_cwd=True",
                f"--BaseIPythonApplication.ipython_dir={place}",
            ],
        }


def ran_to_its_end(notebook):
    """Whether every cell of a notebook, a nbformat.NotebookNode, has run, and none with an error."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    outputs = [output for cell in cells for output in cell.outputs]
    return all(cell.execution_count for cell in cells) and all(o.output_type != "error" for o in outputs)
