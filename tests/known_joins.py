"""Joins between tiles of known evidence, for the tests of what is put together from them."""

import numpy as np
from scipy.sparse import csr_array

from cellseg_utils.audit import joins


def known_joins(evidence, kept=None):
    """Joins of which only the kept seams are told, and all others when they are asked for."""
    kept = np.isfinite(evidence) if kept is None else kept
    others = np.where(kept, -np.inf, evidence)
    asked = {(int(a), int(b)): float(others[a, b]) for a, b in np.argwhere(~kept)}
    sparse = csr_array((evidence[kept], np.nonzero(kept)), evidence.shape)
    return joins.Joins(None, None, sparse, others.max(axis=1), others.max(axis=0), asked)


def nothing_fits(count):
    return np.full((count, count), -np.inf)
