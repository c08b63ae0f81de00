"""Cases as hypothesis draws them, and every way to make one weaker."""

from dataclasses import replace

from hypothesis import strategies as st

from helpdesk.identity.types import About, Field
from helpdesk.matching.types import Verdict
from helpdesk.replies.disclosure import Agreement, Case
from helpdesk.tickets.kinds import Channel

STRONG = Case(
    channel=Channel.EMAIL,
    claims=1,
    about=About.SELF,
    verdict=Verdict.MATCH,
    name=Agreement.EXACT,
    birth_date=Agreement.EXACT,
    nik=Agreement.EXACT,
    kpjs=("99000000017",),
    authentic=True,
    people_asked=1,
)

agreements = st.sampled_from(Agreement)
defects = st.lists(st.sampled_from(["two_from", "bad_charset", "bad_header"]), max_size=2)

_usual = st.just(STRONG)
_any = st.builds(
    Case,
    channel=st.sampled_from(Channel),
    claims=st.integers(0, 3),
    about=st.none() | st.sampled_from(About),
    verdict=st.none() | st.sampled_from(Verdict),
    missing=st.lists(st.sampled_from(Field), unique=True).map(tuple),
    name=agreements,
    birth_date=agreements,
    nik=agreements,
    kpjs=st.sampled_from([(), ("99000000017",), ("99000000017", "99000000025")]),
    rival=st.floats(0, 1) | st.just(float("nan")),
    authentic=st.booleans(),
    verified=st.booleans(),
    reply_to_differs=st.booleans(),
    defects=defects.map(tuple),
    people_asked=st.integers(0, 5),
    nik_asked_elsewhere=st.booleans(),
    agent_entered=st.booleans(),
    agent_chose=st.booleans(),
    in_group=st.booleans(),
    sent_elsewhere=st.booleans(),
    named_only=st.booleans(),
)


def _nearly(case: Case) -> st.SearchStrategy[Case]:
    """Change a few things of a strong case: most drawn at random show nothing anyway."""
    fields = [name for name in Case.__slots__ if name != "channel"]
    return st.tuples(_any, st.sets(st.sampled_from(fields), max_size=3)).map(
        lambda drawn: replace(case, **{name: getattr(drawn[0], name) for name in drawn[1]})
    )


cases = _usual | _usual.flatmap(_nearly) | _any

_LOWER = {
    Agreement.EXACT: Agreement.NEAR,
    Agreement.NEAR: Agreement.DIFFERS,
    Agreement.DIFFERS: Agreement.ABSENT,
    Agreement.ABSENT: Agreement.ABSENT,
}
_LESS = {
    Verdict.MATCH: Verdict.REVIEW,
    Verdict.REVIEW: Verdict.NONE,
    Verdict.NONE: None,
    None: None,
}
WEAKENINGS = {
    "name": lambda case: replace(case, name=_LOWER[case.name]),
    "birth_date": lambda case: replace(case, birth_date=_LOWER[case.birth_date]),
    "nik": lambda case: replace(case, nik=_LOWER[case.nik]),
    "verdict": lambda case: replace(case, verdict=_LESS[case.verdict]),
    "about": lambda case: replace(case, about=About.OTHER),
    "claim": lambda case: replace(case, claims=0, about=None),
    "more people": lambda case: replace(case, claims=case.claims and case.claims + 1),
    "rival": lambda case: replace(case, rival=1.0),
    "record": lambda case: replace(case, kpjs=()),
    "authentic": lambda case: replace(case, authentic=False),
    "verified": lambda case: replace(case, verified=False),
    "reply_to": lambda case: replace(case, reply_to_differs=True),
    "named only": lambda case: replace(case, named_only=True),
    "defects": lambda case: replace(case, defects=(*case.defects, "two_from")),
    "asked": lambda case: replace(case, people_asked=case.people_asked + 1),
    "elsewhere": lambda case: replace(case, nik_asked_elsewhere=True),
    "entered": lambda case: replace(case, agent_entered=True),
    "chose": lambda case: replace(case, agent_chose=True),
    "group": lambda case: replace(case, in_group=True),
    "other address": lambda case: replace(case, sent_elsewhere=True),
    "missing": lambda case: replace(case, missing=tuple(Field)),
}
