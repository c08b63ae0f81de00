"""How sure a share is that was counted on a few. Pure."""

from math import sqrt

_Z = 1.959964  # of a 95 % interval


def wilson(counted: float, number: int) -> tuple[float, float]:
    """Return the 95 % interval of the share `counted / number`, within [0, 1]; all of it for 0.

    Source: Wilson (1927); unlike the normal interval it holds for few and for shares near 1.
    """
    if not number:
        return 0.0, 1.0
    share, z2 = counted / number, _Z * _Z
    centre = share + z2 / (2 * number)
    spread = _Z * sqrt(share * (1 - share) / number + z2 / (4 * number * number))
    scale = 1 + z2 / number
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
