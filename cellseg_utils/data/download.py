"""Download the two zip files of BBBC038 and check that they are the right ones."""

from pathlib import Path

import pooch
import requests

from cellseg_utils.run import files, system_errors
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import PlainError

BASE_URL = "https://data.broadinstitute.org/bbbc/BBBC038/"
REGISTRY = Path(__file__).with_name("registry.txt")
CHUNK = 1 << 16  # bytes


class DownloadError(PlainError, RuntimeError):
    """A download that failed; the message is one line a file, each with its fix."""


def is_registered(digest):
    """Whether a file is one of the zips that the project was made with.

    Parameters
    ----------
    digest : str
        SHA-256 of the file (hexadecimal).

    Returns
    -------
    registered : bool
    """
    return digest in REGISTRY.read_text(encoding="utf-8").split()


def fetch(folder, base_url=BASE_URL, accepted=()):
    """Download every file of the registry, unless the right one is there already.

    A file appears under its name only when it is complete and its hash is right. One that is there already is
    never overwritten.

    Parameters
    ----------
    folder : path-like
        Where to put the files; made when missing.
    base_url : str
        Folder on the web that holds them, as https://bbbc.broadinstitute.org/BBBC038 names it.
    accepted : tuple of str
        SHA-256 (hexadecimal) of files that are right too, besides those in the registry.

    Returns
    -------
    paths : list of Path
        In the order of the registry.

    Raises
    ------
    DownloadError
        If the connection fails or is cut, the server has no such file, a hash is neither registered nor
        accepted, or a file can't be written; every file that failed is named.
    """
    registry = pooch.create(path=folder, base_url=f"{base_url.rstrip('/')}/")
    registry.load_registry(REGISTRY)
    paths, problems = [], []
    for name, registered in registry.registry.items():
        right = {registered, *(digest.lower() for digest in accepted)}
        try:
            paths.append(_fetch(registry.get_url(name), Path(folder) / name, right))
        except DownloadError as error:
            problems.append(str(error))
    if problems:
        raise DownloadError("\n".join(problems))
    return paths


def _fetch(url, path, right):
    try:
        if path.exists():
            _check(path, path, right, say("已有的文件没有改动；也可以先移走它再下载"))
        else:
            with files.replacing(path) as temporary:
                pooch.HTTPDownloader(progressbar=True, chunk_size=CHUNK)(url, str(temporary), None)
                _check(temporary, path, right, say("文件没有保留；请先核对来源"))
    except requests.RequestException as error:
        reason = " ".join(str(error).split())
        raise DownloadError(
            say("{path}：下载没有完成（{reason}），请检查网络和地址后重新运行", path=path, reason=reason)
        ) from error
    except OSError as error:
        raise DownloadError(
            say(
                "{path}：无法读写（{reason}），请检查磁盘空间和权限",
                path=path,
                reason=system_errors.reason(error),
            )
        ) from error
    return path


def _check(file, path, right, remark):
    received = pooch.file_hash(str(file))
    if received not in right:
        raise DownloadError(
            say(
                "{path}：sha256 应为 {digests}，实际为 {received}；{remark}；若信任这个文件，"
                "请运行 cellseg download --accept-sha256 {received}",
                path=path,
                digests=say(" 或 ").join(sorted(right)),
                received=received,
                remark=remark,
            )
        )
