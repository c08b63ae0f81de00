"""Sender authentication: only our own server's word, and only where nobody else could put it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.ingest import mime
from helpdesk.ingest.authenticity import check
from helpdesk.ingest.types import Authenticity

US = "mx.example.com"
OURS = "Received: from a.example.org by mx.example.com with ESMTPS; Sat, 31 Oct 2020 22:12:00\n"
INNER = "Received: from mx.example.com by imap.example.com with LMTP; Sat, 31 Oct 2020 22:12:01\n"
FOREIGN = "Received: from home by a.example.org with ESMTPSA; Sat, 31 Oct 2020 22:11:00\n"
PASS = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.org\n"
FORGED = PASS
EVIL = "Authentication-Results: evil.example; dmarc=pass header.from=example.org\n"
FROM = "From: Siti <siti@example.org>\n"


def result(value: str) -> str:
    return f"Authentication-Results: {value}\n"


def verdict(head: str, *, us: str = US, hosts: tuple[str, ...] = ()) -> Authenticity:
    return check(mime.parse(f"{head}\nisi".encode()), authserv_id=us, trusted_hosts=hosts)


@pytest.mark.parametrize(
    "head",
    [
        PASS + OURS + FOREIGN,
        OURS + PASS + FOREIGN,
        PASS,
        EVIL + PASS + OURS,
        PASS + EVIL + OURS,
        PASS + OURS + FOREIGN + FORGED,
        result("MX.Example.COM 1; dmarc=pass header.from=Example.ORG."),
        result("mx.example.com (our (own) server) 1;\n\tdmarc=pass\n (p=none)\n\theader.from="
               "example.org"),
        result("(c) mx.example.com; dmarc=pass (p=reject) header.from=example.org"),
        result("mx.example.com; spf=pass smtp.mailfrom=a@example.org;\n dkim=pass header.d="
               "example.org; dmarc=pass header.from=example.org; arc=none"),
        result('mx.example.com; dmarc=pass reason="ok; fine" header.from=example.org'),
        result("mx.example.com; dmarc=pass header.from=siti@example.org"),
        result("mx.example.com; spf=none smtp.mailfrom=; dkim=pass (2048; ok) header.b=a/b+c= "
               "header.s=s; dmarc=pass action=none header.from=example.org; compauth=pass "
               "reason=100"),
    ],
)  # fmt: skip
def test_our_own_servers_pass_is_believed(head: str) -> None:
    assert verdict(head + FROM) == Authenticity(passed=True, reason="passed")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (OURS + FOREIGN, "absent"),
        (EVIL + OURS + FOREIGN, "foreign"),
        (OURS + FOREIGN + FORGED, "below_foreign_received"),
        (FOREIGN + FORGED, "below_foreign_received"),
        ("Received: by mx.example.com.evil.example; x\n" + FORGED, "below_foreign_received"),
        ("Received: from x (by mx.example.com) by evil.example; x\n" + FORGED,
         "below_foreign_received"),
        ("Received: (qmail 7 invoked by uid 0); x\n" + FORGED, "below_foreign_received"),
        ("Received: from nowhere\n" + FORGED, "below_foreign_received"),
        (PASS + OURS + FORGED + FOREIGN, "doubled"),
        (PASS + PASS + OURS, "doubled"),
        (result("mx.example.com; dmarc=fail header.from=example.org"), "dmarc_fail"),
        (result("mx.example.com; dmarc=none header.from=example.org"), "dmarc_none"),
        (result("mx.example.com; dmarc=temperror header.from=example.org"), "dmarc_error"),
        (result("mx.example.com; none"), "no_dmarc"),
        (result("mx.example.com; spf=pass smtp.mailfrom=example.org; dkim=pass header.d=a.org"),
         "no_dmarc"),
        (result("mx.example.com; dmarc=pass header.from=evil.example"), "other_domain"),
        (result("mx.example.com; dmarc=pass header.from=sub.example.org"), "other_domain"),
        (result("mx.example.com; dmarc=pass"), "other_domain"),
        (result("mx.example.com; dmarc=pass header.d=example.org"), "other_domain"),
        (result("mx.example.com; dmarc=pass header.from=example.org header.from=evil.example"),
         "doubled"),
        (result("mx.example.com; dmarc=fail; dmarc=pass header.from=example.org"), "doubled"),
        (result("mx.example.com (x; dmarc=pass header.from=example.org); dmarc=fail"),
         "dmarc_fail"),
        (result('mx.example.com; dmarc=fail reason="; dmarc=pass header.from=example.org"'),
         "dmarc_fail"),
        (result('mx.example.com; dmarc=pass reason="a header.from=example.org"'), "other_domain"),
        (result("mx.example.com; none; dmarc=pass header.from=example.org"), "unreadable"),
        (result("mx.example.com; dmarc=pass header.from=example.org)"), "unreadable"),
        (result("evil.example; x=mx.example.com; dmarc=pass header.from=example.org"), "foreign"),
        (result("mx.example.com.evil.example; dmarc=pass header.from=example.org"), "foreign"),
        (result("mx.ex\u0430mple.com; dmarc=pass header.from=example.org"), "foreign"),
        (result("; dmarc=pass header.from=example.org"), "foreign"),
        (result("mx.example.com"), "unreadable"),
        (result("mx.example.com 9; dmarc=pass header.from=example.org"), "unreadable"),
        (result("mx.example.com; ((((dmarc=pass header.from=example.org"), "unreadable"),
        (result("mx.example.com; dmarc=pass header.from=example.org; x=" + "y" * 5_000),
         "unreadable"),
    ],
)  # fmt: skip
def test_anything_else_is_not(head: str, reason: str) -> None:
    assert verdict(head + FROM) == Authenticity(passed=False, reason=reason)


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        ("", "no_from"),
        ("From: <>\n", "no_from"),
        ("From: siti\n", "no_from"),
        ("From: siti@example.org, evil@evil.example\n", "two_from"),
        (FROM + FROM, "two_from"),
        ("From: siti@evil.example\n", "other_domain"),
        ("From: siti@example.org <x@evil.example>\n", "other_domain"),
    ],
)
def test_the_domain_counts_for_exactly_one_sender(sender: str, reason: str) -> None:
    assert verdict(PASS + OURS + sender).reason == reason


def test_without_a_name_for_our_server_nobody_is_believed() -> None:
    assert verdict(PASS + FROM, us=" ").reason == "no_authserv_id_configured"


@pytest.mark.parametrize(
    "hosts", [("imap.example.com",), ("IMAP.example.com.",), (".example.com",)]
)
def test_other_servers_of_ours_stand_above_the_result(hosts: tuple[str, ...]) -> None:
    assert verdict(INNER + PASS + OURS + FROM, hosts=hosts).passed


def test_a_server_not_named_as_ours_ends_what_is_believed() -> None:
    assert verdict(INNER + PASS + OURS + FROM).reason == "below_foreign_received"


def test_international_domains_are_compared_in_ascii() -> None:
    head = result("mx.example.com; dmarc=pass header.from=xn--contoh-gva.example")

    assert verdict(f"{head}From: a@contoh\u00e9.example\n").passed


@given(st.text(alphabet='mx.example.com;()=" dmarcpassheader.fromorg\n\t\\é1/', max_size=90))
def test_any_text_is_judged(value: str) -> None:
    assert verdict(result(f"mx.example.com; {value}") + FROM).reason
