"""Reply tokens: ours are read back, nobody else can make one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.outbox import token

SECRET = "rahasia"
GOOD = token.make(SECRET, 10482, "n0nce", "example.com")


def test_a_token_has_the_shape_of_a_message_id() -> None:
    name, _, domain = GOOD.partition("@")

    assert name.startswith("reply.10482.n0nce.")
    assert len(name.rpartition(".")[2]) * 5 >= 80
    assert domain == "example.com"


@pytest.mark.parametrize("written", [GOOD, f"<{GOOD}>", GOOD.upper(), f" {GOOD} "])
def test_our_token_names_its_ticket(written: str) -> None:
    assert token.read(SECRET, written) == 10482


@pytest.mark.parametrize(
    "forged",
    [
        GOOD.replace("10482", "10483"),
        GOOD.replace("n0nce", "n1nce"),
        GOOD.replace("reply.10482", "reply.010482"),
        GOOD.replace("reply", "other"),
        GOOD.partition("@")[0],
        GOOD[:18] + "a" * 20 + "@example.com",
        "x" + GOOD,
        GOOD + "@x",
        GOOD + "\n<x>",
        "",
        "x" * 10_000,
    ],
)
def test_a_forged_token_names_nothing(forged: str) -> None:
    assert token.read(SECRET, forged) is None


@pytest.mark.parametrize("secret", ["", "lain"])
def test_another_key_reads_nothing(secret: str) -> None:
    assert token.read(secret, GOOD) is None


@pytest.mark.parametrize(
    ("secret", "ticket_id", "nonce", "domain"),
    [
        ("", 1, "a", "example.com"),
        (SECRET, 0, "a", "example.com"),
        (SECRET, -1, "a", "example.com"),
        (SECRET, 1, "", "example.com"),
        (SECRET, 1, "a.b", "example.com"),
        (SECRET, 1, "A", "example.com"),
        (SECRET, 1, "a", ""),
        (SECRET, 1, "a", "a b"),
        (SECRET, 1, "a", "x>\nBcc: y@example.org"),
    ],
)
def test_what_does_not_fit_a_message_id_is_refused(
    secret: str, ticket_id: int, nonce: str, domain: str
) -> None:
    with pytest.raises(ValueError, match="reply token"):
        token.make(secret, ticket_id, nonce, domain)


@given(
    st.integers(1, 10**17), st.from_regex(r"[a-z0-9]{1,64}", fullmatch=True), st.text(min_size=1)
)
def test_every_token_is_read_back(ticket_id: int, nonce: str, secret: str) -> None:
    assert token.read(secret, token.make(secret, ticket_id, nonce, "example.com")) == ticket_id


@given(st.text())
def test_any_text_is_no_token(text: str) -> None:
    assert token.read(SECRET, text) is None
