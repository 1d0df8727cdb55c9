"""The precision that a network computes in."""

from contextlib import contextmanager
from pathlib import Path

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def resolve(precision):
    """Turn `"auto"` into the fastest policy that this processor computes natively.

    Parameters
    ----------
    precision : str
        `"auto"`, or a Keras dtype policy.

    Returns
    -------
    policy : str
        `"mixed_bfloat16"` where the processor has bfloat16 instructions, else `"float32"`.
    """
    if precision != "auto":
        return precision
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text() if cpuinfo.exists() else ""
    return "mixed_bfloat16" if "avx512_bf16" in flags or "amx_bf16" in flags else "float32"


@contextmanager
def computing_in(policy):
    """Build networks of a precision; afterwards the policy of the process is what it was.

    Parameters
    ----------
    policy : str
        A Keras dtype policy.

    Yields
    ------
    None
    """
    import keras  # takes seconds, which `resolve` does not need

    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(usual)
