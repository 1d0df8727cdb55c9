"""What a training leaves on disk after every epoch: a record, and the weights that the record names.

The record is written last, and it alone counts: a training that is killed at any moment goes on from the last
epoch that the record holds. Every file carries a digest there, which is checked before it is used.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cellseg_utils.run import artifacts, files, fingerprint
from cellseg_utils.run.language import say
from cellseg_utils.training.history import best_epoch

RECORD = "record.json"
WEIGHTS = "*.weights.h5"


@dataclass(frozen=True)
class Checkpoint:
    """Where a training stands.

    Attributes
    ----------
    folder : Path
        Of the training.
    history : DataFrame
        One row an epoch that is finished.
    digests : dict of str to str
        SHA-256 of each file of weights, by its name.
    finished : bool
        Whether no epoch is to follow.
    """

    folder: Path
    history: pd.DataFrame
    digests: dict
    finished: bool = False

    @property
    def best(self):
        """File with the weights of the best epoch, without optimizer."""
        return self.folder / best_name(best_epoch(self.history))

    @property
    def state(self):
        """File with weights and optimizer after the last epoch; gone once the training is finished."""
        return self.folder / state_name(len(self.history))

    def snapshot(self, epoch):
        """File with the weights after an epoch in which a mark passed; None after any other."""
        name = snapshot_name(epoch)
        return self.folder / name if name in self.digests else None


def best_name(epoch):
    """File that holds the weights of the best epoch so far."""
    return f"best-{epoch:04d}.weights.h5"


def state_name(epoch):
    """File that holds weights and optimizer after an epoch."""
    return f"state-{epoch:04d}.weights.h5"


def snapshot_name(epoch):
    """File that holds the weights after an epoch of those in which one of `history.MARKS` passed."""
    return f"after-{epoch:04d}.weights.h5"


def read(folder, tell):
    """Where a training stands, if all its files are as they were written.

    Parameters
    ----------
    folder : Path
        Of the training; may not exist yet.
    tell : callable
        Gets one line if a file is damaged or missing: the training then begins anew.

    Returns
    -------
    checkpoint : Checkpoint
        Without any epoch where nothing was trained yet, or something is damaged.
    """
    nothing = Checkpoint(folder, pd.DataFrame(), {})
    if not (folder / RECORD).exists():
        return nothing
    try:
        record = artifacts.read_signed(folder / RECORD)
        history = pd.DataFrame(record["history"])
        kept = Checkpoint(folder, history, record["digests"], record["finished"])
        needed = {kept.best.name} | (set() if kept.finished else {kept.state.name})
        damaged = RECORD if record["training"] != folder.name or needed - kept.digests.keys() else None
        damaged = damaged or fingerprint.first_changed(folder, kept.digests)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        damaged = RECORD
    if damaged is None:
        return kept
    tell(say("{path}：训练留下的文件已损坏，从头训练", path=folder / damaged))
    return nothing


def advance(before, history, written):
    """Record one more epoch, whose weights are written already, and remove those that it replaces.

    Parameters
    ----------
    before : Checkpoint
        After the epoch before.
    history : DataFrame
        With the new epoch.
    written : sequence of str
        Names of the new epoch's files.

    Returns
    -------
    checkpoint : Checkpoint
    """
    digests = before.digests | {name: fingerprint.of_file(before.folder / name) for name in written}
    kept = {best_name(best_epoch(history)), state_name(len(history))}
    kept |= {snapshot_name(epoch) for epoch in history["epoch"]}
    return _write(Checkpoint(before.folder, history, {n: d for n, d in digests.items() if n in kept}))


def finish(last):
    """Record that a training is finished, and remove what only going on with it needs.

    Parameters
    ----------
    last : Checkpoint

    Returns
    -------
    checkpoint : Checkpoint
    """
    digests = {name: digest for name, digest in last.digests.items() if name != last.state.name}
    return _write(dataclasses.replace(last, digests=digests, finished=True))


def _write(checkpoint):
    rows = checkpoint.history.to_dict("records")
    record = {"history": rows, "digests": checkpoint.digests, "finished": checkpoint.finished}
    record["training"] = checkpoint.folder.name  # the key of all that its outcome depends on
    files.write_bytes(checkpoint.folder / RECORD, artifacts.signed_bytes(record))
    for path in checkpoint.folder.glob(WEIGHTS):
        if path.name not in checkpoint.digests:
            files.remove(path)
    return checkpoint
