"""Which passwords are accepted, and what verifying one does."""

import time

import pytest

from helpdesk.accounts import users
from helpdesk.accounts.passwords import COMMON
from helpdesk.accounts.users import Check
from helpdesk.errors import InvalidError

GOOD = "kuda laut biru 7"


@pytest.mark.parametrize("password", [GOOD, "ŝtrangá fŕazo 12", "kuda laut " * 99])
def test_long_and_uncommon_password_is_accepted(password):
    users.check_password(password, login="agent")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "bpjsketenagakerjaan",
        "BpjsKetenagakerjaan",
        "123456789012",
        "aaaaaaaaaaaaa",
        "abababababababab",
        "i am agent 123",
        "x9" * 501,
    ],
)
def test_short_common_or_telling_password_is_refused(password):
    with pytest.raises(InvalidError, match=r"^password: "):
        users.check_password(password, login="agent")


def test_every_common_password_on_the_list_is_long_enough_to_need_it():
    assert all(len(each) >= users.MIN_PASSWORD and each == each.casefold() for each in COMMON)


def test_right_password_of_an_account_fits_and_a_wrong_one_does_not():
    check = Check(1, users.hash_password(GOOD), ("", ""))

    assert users.verify(check, GOOD)
    assert not users.verify(check, GOOD + "x")


def test_unreadable_hash_fits_nothing():
    assert not users.verify(Check(1, "$argon2id$broken", ("", "")), GOOD)


def test_unknown_login_takes_as_long_as_a_known_one():
    known = Check(1, users.hash_password(GOOD), ("", ""))
    unknown = Check(None, users._decoy(), ("", ""))

    durations = [_fastest_of_three(check) for check in (known, unknown)]

    assert max(durations) < 1.5 * min(durations)


def _fastest_of_three(check: Check) -> float:
    durations = []
    for _ in range(3):
        started = time.process_time()
        assert not users.verify(check, "not the password")
        durations.append(time.process_time() - started)
    return min(durations)
