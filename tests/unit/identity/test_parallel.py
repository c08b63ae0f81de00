"""Lists that run side by side."""

from helpdesk.identity.findings import Finding
from helpdesk.identity.types import Field, Span
from helpdesk.identity.whose.parallel import deal

NAME, PLACE, DATE, NIK = Field.FULL_NAME, Field.BIRTH_PLACE, Field.BIRTH_DATE, Field.NIK


def _findings(*fields: Field) -> list[Finding]:
    return [Finding(one, f"{one}{at}", 0.9, Span(0, at, at + 1), "cell")
            for at, one in enumerate(fields)]  # fmt: skip


def _order(findings) -> list[Field]:
    return [one.field for one in findings]


def test_names_then_niks_become_one_person_after_the_other():
    dealt = deal(_findings(NAME, NAME, NAME, NIK, NIK, NIK))
    assert _order(dealt) == [NAME, NIK] * 3
    assert [one.span.start for one in dealt] == [0, 3, 1, 4, 2, 5]
    assert [one.starts_person for one in dealt] == [True, False] * 3


def test_places_with_dates_are_one_list():
    assert _order(deal(_findings(NAME, NAME, PLACE, DATE, PLACE, DATE))) == [
        NAME, PLACE, DATE, NAME, PLACE, DATE,
    ]  # fmt: skip


def test_people_written_one_after_the_other_stay_as_they_are():
    found = _findings(NAME, DATE, NIK, NAME, DATE, NIK)
    assert deal(found) is found


def test_lists_of_unequal_length_stay_as_they_are():
    found = _findings(NAME, NAME, NIK, NIK, NIK)
    assert deal(found) is found


def test_what_the_writer_says_of_themself_is_no_part_of_a_list():
    own = Finding(NAME, "me", 0.8, Span(0, 0, 1), "introduction", whose="self")
    assert _order(deal([own, *_findings(NAME, NAME, NIK, NIK)])) == [NAME, NAME, NIK, NAME, NIK]
