"""Make up a registry: people who do not exist, as varied and as faulty as a real one.

Two things mark what comes from here. KPJ lie in the reserved range of eleven digits that start
with `KPJ_PREFIX`, and the serials of the NIKs start at `FIRST_SERIAL`, far above any that a real
district gave out on one day. docs/registry.md says what is varied and how often what is wrong.
"""

from helpdesk.registry.synthetic.files import write
from helpdesk.registry.synthetic.people import Person, Record, people
from helpdesk.registry.synthetic.rates import (
    DATE_SWAPPED,
    FIRST_SERIAL,
    HEAPED_DATE,
    KPJ_PREFIX,
    NIK_ABSENT,
    NIK_DIGIT_WRONG,
    OLD_SPELLING,
    SEVERAL_KPJ,
    TWIN,
)

__all__ = [
    "DATE_SWAPPED",
    "FIRST_SERIAL",
    "HEAPED_DATE",
    "KPJ_PREFIX",
    "NIK_ABSENT",
    "NIK_DIGIT_WRONG",
    "OLD_SPELLING",
    "SEVERAL_KPJ",
    "TWIN",
    "Person",
    "Record",
    "people",
    "write",
]
