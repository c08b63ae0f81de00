"""The kinds of strangers: what who is not registered has in common with somebody who is. Pure."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from helpdesk.matching.features import CODES, DATE, NAME, NIK, PLACE
from helpdesk.matching.types import Level

# What those who are not registered have in common with somebody who is, by kind. A namesake is no
# kind: a stranger's name is as frequent as the registry says.
STRANGERS: Mapping[str, tuple[int, ...]] = {
    "any": (),
    "name_and_date": (NAME, DATE),
    "name_and_place": (NAME, PLACE),
    "nik_and_date": (NIK, DATE),  # a neighbour's, a twin's
}

NEIGHBOURS = "nik_and_date"
# The facts a query must state for strangers of a kind to differ from any. Two people of one name
# and birth date are rare unless somebody means to be taken for another, and then states a NIK.
NEEDED: Mapping[str, tuple[int, ...]] = {
    "any": (),
    "name_and_date": (NIK, DATE, NAME),
    "name_and_place": (NAME, PLACE),
    "nik_and_date": (NIK,),
}


def told_apart(stated: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which kinds of strangers differ from any, [K], where these facts are stated, [F]."""
    return np.array([bool(needed) and bool(stated[[*needed]].all()) for needed in NEEDED.values()])


def apart(levels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Say which persons [n] strangers of which kind cannot be taken for, [n, K].

    A neighbour's NIK is near, but never the same.
    """
    never = np.zeros((len(levels), len(STRANGERS)), dtype=bool)
    never[:, _NEIGHBOURS] = levels[:, NIK] == _EXACT
    return never


_EXACT = CODES[Level.EXACT]
_NEIGHBOURS = list(STRANGERS).index(NEIGHBOURS)
