from hypothesis import given
from hypothesis import strategies as st

from helpdesk.matching.intervals import wilson


def test_the_interval_is_wilsons():
    low, high = wilson(49, 50)
    assert (round(low, 3), round(high, 3)) == (0.895, 0.996)
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_share_of_few_is_less_sure_than_one_of_many():
    few, many = wilson(9, 10), wilson(900, 1_000)
    assert few[0] < many[0] < 0.9 < many[1] < few[1]


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_a_share(counts):
    agreed, looked = counts
    low, high = wilson(agreed, looked)
    assert 0 <= low <= agreed / looked + 1e-12
    assert agreed / looked - 1e-12 <= high <= 1
