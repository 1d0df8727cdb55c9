"""What the operating system refuses, in the reader's language."""

import errno

from cellseg_utils.run.language import later, say

FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # the disk, or what of it is this user's
DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
_IN_USE = (32, 33)  # of Windows: another program has the file open
_REASONS = {
    **dict.fromkeys(FULL, later("磁盘已满")),
    errno.ENOENT: later("找不到"),
    errno.EACCES: later("没有权限"),
    errno.EPERM: later("没有权限"),
    errno.EROFS: later("那里只能读，不能写"),
    errno.EISDIR: later("是文件夹，不是文件"),
    errno.ENOTDIR: later("路径里有一段不是文件夹"),
    errno.EEXIST: later("已经存在"),
    errno.ENAMETOOLONG: later("名称太长"),
    errno.ELOOP: later("链接绕回了自己"),
    errno.EMFILE: later("同时打开的文件太多"),
    errno.ENFILE: later("同时打开的文件太多"),
    errno.EIO: later("磁盘读写出错"),
}


def reason(error):
    """Why the system refused something.

    Parameters
    ----------
    error : OSError

    Returns
    -------
    text : str
        A part of a line; the system's own words for what is rare.
    """
    if getattr(error, "winerror", None) in _IN_USE:
        return say("正被另一个程序使用，请先在那里关闭它")
    known = _REASONS.get(error.errno)
    return say(known) if known else error.strerror or str(error) or type(error).__name__
