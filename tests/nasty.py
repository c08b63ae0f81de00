"""The twenty mails that other helpdesks lose, stall on or fall over, made anew each time."""

import base64

_TO = b"To: care@example.com\r\nDate: Mon, 02 Nov 2026 08:00:00 +0700\r\n"
_SUBJECT = b"Subject: Lupa nomor KPJ\r\n"
_TEXT = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
_BODY = b"Nama: Siti Contoh\r\nTTL: Garut, 5 Mei 1988\r\nNIK: 3205004505889001\r\n"


def nasty() -> dict[str, bytes]:
    """Return the raw bytes of each by name; together about 75 MB."""
    return {
        "no-message-id": _mail(message_id=b""),
        "no-from": _mail(sender=b""),
        "empty-from": _mail(sender=b"From: <>\r\n"),
        "unknown-charset": _mail(
            content=_typed(b"text/plain; charset=x-klingon"), body=_BODY + b"Terima kas\xefh\r\n"
        ),
        "latin1-labelled-utf8": _mail(body=b"Nama: Jos\xe9 Contoh\r\n" + _BODY),
        "nul-in-body": _mail(body=b"Nama: Siti\x00 Contoh\r\n\x00\x00" + _BODY),
        "nul-in-header": _mail(subject=b"Subject: Lupa\x00 KPJ \x07\x1b[31m\r\n"),
        "deep-multipart": _deep(5_000),
        "large-attachment": _large(30_000_000),
        "endless-boundary": _endless(),
        "long-header": _mail(extra=b"X-Long: " + b"x" * 100_000 + b"\r\n"),
        "long-subject": _mail(subject=b"Subject: " + b"KPJ " * 25_000 + b"\r\n"),
        "auto-reply": _mail(
            subject=b"Subject: Balasan otomatis: cuti\r\n",
            extra=b"Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n",
        ),
        "null-sender-bounce": _bounce(),
        "from-ourselves": _mail(sender=b"From: Care <care@example.com>\r\n"),
        "bad-encoded-words": _mail(
            sender=b"From: =?utf-8?b?!!!?= =?x?q?=ZZ?= =?utf-8?q?Siti <siti@example.org>\r\n",
            subject=b"Subject: =?utf-8?q?a=0ABcc=3A_b=40example=2Enet?= =?utf-8?b?S1B?= =?bad\r\n",
        ),
        "many-parts": _many_parts(10_000),
        "broken-base64": _mail(
            content=_typed(b"text/plain; charset=utf-8")
            + b"Content-Transfer-Encoding: base64\r\n",
            body=base64.encodebytes(_BODY).replace(b"\n", b"!*\r\n")[:-7],
        ),
        "nested-html": _mail(
            content=_typed(b"text/html; charset=utf-8"),
            body=b"<div><font><b>" * 143_000 + b"Nama: Siti Contoh" + b"</div>" * 10,
        ),
        "path-as-file-name": _path_as_name(),
    }


def huge(size_bytes: int = 60_000_000) -> bytes:
    """Make a mail with an attachment over every cap."""
    return _large(size_bytes * 3 // 4)


def _mail(
    *,
    sender: bytes = b"From: Siti Contoh <siti@example.org>\r\n",
    subject: bytes = _SUBJECT,
    message_id: bytes = b"Message-ID: <nasty@example.org>\r\n",
    extra: bytes = b"",
    content: bytes = _TEXT,
    body: bytes = _BODY,
) -> bytes:
    return sender + _TO + subject + message_id + extra + content + b"\r\n" + body


def _typed(content_type: bytes) -> bytes:
    return b"MIME-Version: 1.0\r\nContent-Type: " + content_type + b"\r\n"


def _deep(levels: int) -> bytes:
    opened = b"".join(
        b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (level, level + 1)
        for level in range(levels)
    )
    inner = b"--b%d\r\n%s\r\n%s" % (levels, _TEXT, _BODY)
    return _mail(content=_typed(b'multipart/mixed; boundary="b0"'), body=opened + inner)


def _large(size_bytes: int) -> bytes:
    line = base64.b64encode(b"KTP" * 19) + b"\r\n"
    body = (
        b"--cut\r\n" + _TEXT + b"\r\n" + _BODY + b"--cut\r\n"
        b'Content-Type: image/jpeg; name="ktp.jpg"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n" + line * (size_bytes // 57) + b"--cut--\r\n"
    )
    return _mail(content=_typed(b'multipart/mixed; boundary="cut"'), body=body)


def _endless() -> bytes:
    """A boundary line that goes on and on, in a multipart that never ends."""
    body = b"--cut\r\n" + _TEXT + b"\r\n" + _BODY + b"--cut" + b"-" * 3_000_000
    return _mail(content=_typed(b'multipart/mixed; boundary="cut"'), body=body)


def _bounce() -> bytes:
    return _mail(
        sender=b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net\r\n",
        subject=b"Subject: Undelivered Mail Returned to Sender\r\n",
        content=_typed(b'multipart/report; report-type=delivery-status; boundary="cut"'),
        body=(
            b"--cut\r\n\r\nThis is the mail system.\r\n"
            b"--cut\r\nContent-Type: message/delivery-status\r\n\r\n"
            b"Reporting-MTA: dns; mx.example.net\r\n\r\n"
            b"Final-Recipient: rfc822; siti@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            b"--cut\r\nContent-Type: message/rfc822\r\n\r\n"
            b"From: care@example.com\r\nMessage-ID: <reply.1.abc.def@example.com>\r\n\r\nYth.\r\n"
            b"--cut--\r\n"
        ),
    )


def _many_parts(count: int) -> bytes:
    parts = b"".join(b"--cut\r\n\r\nBagian %d\r\n" % number for number in range(count))
    return _mail(content=_typed(b'multipart/mixed; boundary="cut"'), body=parts + b"--cut--\r\n")


def _path_as_name() -> bytes:
    return _mail(
        content=_typed(b'multipart/mixed; boundary="cut"'),
        body=b"--cut\r\n" + _TEXT + b"\r\n" + _BODY + b"--cut\r\n"
        b"Content-Type: application/octet-stream\r\n"
        b'Content-Disposition: attachment; filename="../../etc/passwd"\r\n\r\nroot\r\n--cut--\r\n',
    )
