"""What is done with each picture of a batch, the same in any process, and what its results depend on."""

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

from cellseg_utils.data import imagefile, layout
from cellseg_utils.data.selection import ALL, Selection
from cellseg_utils.prediction import bundle_files, interchange, records, results, views
from cellseg_utils.prediction.filters import EVERY, Filter
from cellseg_utils.run import code_fingerprint, fingerprint, language, libraries
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import PlainError

_CODE = ("data.picture_files", "prediction.jobs")  # what decides about results, with all that they import

_SHA256 = re.compile("[0-9a-fA-F]{64}")
DIAMETERS = 5, 700  # pixels: of nuclei that a user may ask for


class JobError(PlainError, ValueError):
    """A batch that can't be done here; the message is one line with the fix."""


@dataclass(frozen=True)
class Settings:
    """What a user chose.

    Attributes
    ----------
    bundle : Path or None
        Folder of the model bundle; None for the one inside the package.
    speed : str
        A key of `views.SPEEDS`.
    also : tuple of str
        Keys of `interchange.FORMATS`: files that are written besides, each in a folder of that name.
    chosen : selection.Selection
        Which plane and channel of every picture that has several.
    wanted : filters.Filter
        Which of the nuclei are written.
    diameter : float
        Of nuclei (pixels); 0 to find it out for each picture.
    skip_bad : bool
        Whether bad pictures are no error, as long as one is good; results do not depend on it.
    sha256 : str
        Of the bundle, as `bundle_files.read` takes it; results do not depend on it.
    """

    bundle: Path | None = None
    speed: str = "balanced"
    also: tuple = ()
    chosen: Selection = ALL
    wanted: Filter = EVERY
    diameter: float = 0
    skip_bad: bool = False
    sha256: str = ""

    def __post_init__(self):
        """Refuse what there is not."""
        views.of_speed(self.speed)
        if self.sha256 and self.bundle is None:
            raise JobError(say("--sha256：要与 --bundle 一起用；自带的模型包总是核对的"))
        if self.sha256 and not _SHA256.fullmatch(self.sha256.strip()):
            raise JobError(say("--sha256 {value}：应为 64 个十六进制数字", value=self.sha256))
        interchange.chosen(self.also)
        if self.diameter and not DIAMETERS[0] <= self.diameter <= DIAMETERS[1]:
            low, high = DIAMETERS
            raise JobError(
                say(
                    "diameter={value}：应在 {low} 到 {high} 之间（像素）",
                    value=self.diameter,
                    low=low,
                    high=high,
                )
            )

    @property
    def formats(self):
        """What is written besides label images, from `interchange.chosen`."""
        return interchange.chosen(self.also)

    @property
    def bundle_folder(self):
        """The model bundle on this machine."""
        return self.bundle or bundle_files.SHIPPED

    @property
    def options(self):
        """Options of `cellseg predict` that say the same, keyed as `origin.write` takes them."""
        return {
            "bundle": str(self.bundle or ""),
            "sha256": self.sha256,
            "speed": self.speed,
            "also": self.also,
            **asdict(self.chosen),
            **asdict(self.wanted),
            "diameter": self.diameter,
        }

    def digest(self, computing):
        """Fingerprint of all that results depend on besides the picture.

        Parameters
        ----------
        computing : str
            A Keras dtype policy.

        Returns
        -------
        digest : str
            16 hexadecimal digits.

        Raises
        ------
        JobError
            If there is no such bundle.
        bundle_files.BundleError
            If it is damaged.
        """
        if self.bundle is not None and not self.bundle.is_dir():
            raise JobError(say("{path}：没有这个模型包文件夹，请检查路径", path=self.bundle))
        choice = {**asdict(self), "also": sorted(self.formats), "bundle": "", "skip_bad": "", "sha256": ""}
        code = code_fingerprint.of_modules(_CODE)
        about = bundle_files.read(self.bundle_folder, self.sha256)
        return fingerprint.of_values(choice, about, computing, code, libraries.versions())

    def segmenter(self, computing):
        """Load the network, which takes seconds.

        Parameters
        ----------
        computing : str
            As for `digest`.

        Returns
        -------
        segmenter : segmenter.Segmenter
        """
        from cellseg_utils.prediction import bundle, segmenter

        model = bundle.load(self.bundle_folder, computing, self.sha256)
        return segmenter.Segmenter(model, self.speed, self.wanted, self.formats, self.diameter)


class Outcome(NamedTuple):
    """What is said of a picture.

    Attributes
    ----------
    name, doubt, problem : str
        As `records.Record` has them.
    note : str
        How it was segmented; empty for the usual way.
    """

    name: str
    doubt: str
    problem: str
    note: str = ""

    @property
    def told(self):
        """Lines for the user."""
        return [self.problem] * bool(self.problem) + [
            say("{path}：{what}", path=self.name, what=line) for line in (self.doubt, self.note) if line
        ]


@dataclass(frozen=True)
class Job:
    """One call of `cellseg predict`.

    Attributes
    ----------
    out : Path
        Absolute.
    settings : Settings
    digest : str
        Of the settings.
    computing : str
        The Keras dtype policy, the same in all processes.
    call : str
        From `ownership.held`.
    language : str
        Of who asked, for what is said and noted of pictures in other processes.
    """

    out: Path
    settings: Settings
    digest: str
    computing: str
    call: str
    language: str = field(default_factory=language.current)

    def finished(self, name, picture):
        """The record of a picture, if it is that of this content with these settings and the files are whole.

        Parameters
        ----------
        name : str
            Of the picture among the results.
        picture : picture_files.Picture

        Returns
        -------
        record : records.Record or None
        """
        record = records.read(self.out, name)
        if record is None or record.problem or record.settings != self.digest:
            return None
        if (record.doubt or record.remarks) and record.language != self.language:
            return None
        try:
            same = record.picture == picture.digest()
        except (imagefile.ImageFileError, layout.DataError):
            return None
        return record if same and records.intact(self.out, record) else None

    def do(self, name, picture, segmenter):
        """Segment a picture, write what is found in it, and last of all its record.

        Parameters
        ----------
        name, picture
            As `finished` takes them.
        segmenter : segmenter.Segmenter

        Returns
        -------
        outcome : Outcome

        Raises
        ------
        OSError
            If the disk is full.
        """
        digest = ""
        try:
            digest = picture.digest()  # before it is read: one that changes meanwhile is done again next time
            made = segmenter.write(self.out, name, picture)
        except (imagefile.ImageFileError, layout.DataError) as error:
            return self.fail(name, str(error), digest)
        except (interchange.FormatError, results.LargeError) as error:
            return self.fail(name, say("{path}：{what}", path=name, what=error), digest)
        except Exception as error:
            if not imagefile.lacks_memory(error):
                raise
            return self.fail(name, say("{path}：内存不够，请把这张图切小或缩小后再试", path=name), digest)
        written = records.described(self.out, made.paths)
        own = written, made.rows, made.columns, made.remarks, made.doubt
        own = records.Record(self.digest, digest, self.call, *own, language=self.language)
        records.write(self.out, name, own)
        return Outcome(name, made.doubt, "", made.note)

    def fail(self, name, problem, digest=""):
        """Record that a picture has no results.

        Parameters
        ----------
        name : str
            Of the picture.
        problem : str
            One line.
        digest : str
            SHA-256 of its bytes, if they could be read.

        Returns
        -------
        outcome : Outcome
        """
        records.write(self.out, name, records.Record(self.digest, digest, self.call, problem=problem))
        return Outcome(name, "", problem)
