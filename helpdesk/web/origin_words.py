"""What a page says of where a message comes from: why a sender is believed, what is damaged."""

from helpdesk.i18n import mark

_SENDER: dict[str, str] = {
    "passed": mark("Our own mail server saw DMARC pass for this address."),
    "no_authserv_id_configured": mark("The settings do not name our mail server (authserv_id)."),
    "two_from": mark("The mail names two senders."),
    "no_from": mark("The mail names no sender."),
    "absent": mark("Our mail server left no word about this sender."),
    "foreign": mark("Only other servers vouch for this sender."),
    "below_foreign_received": mark(
        "The word of our server stands where anybody could have put it."
    ),
    "doubled": mark("There are two results where one may be."),
    "unreadable": mark("The result of our mail server cannot be read."),
    "no_dmarc": mark("Our mail server did not check DMARC."),
    "dmarc_none": mark("The sender's domain has no DMARC policy."),
    "dmarc_fail": mark("DMARC failed: the address may be forged."),
    "dmarc_error": mark("The DMARC check did not finish."),
    "typed_in": mark("Typed into the public form: anybody can name any address."),
    "other_domain": mark("DMARC passed for another domain than the sender's."),
}
_DEFECTS: dict[str, str] = {
    "two_from": mark("Two senders"),
    "no_from": mark("No sender"),
    "no_sender": mark("No sender"),
    "no_headers": mark("No header"),
    "no_message_id": mark("No Message-ID"),
    "no_date": mark("No date"),
    "bad_date": mark("Date unreadable"),
    "bad_address": mark("Address damaged"),
    "address_in_name": mark("An address in the sender's name"),
    "bad_header": mark("Header damaged"),
    "control_in_header": mark("Control characters in the header"),
    "header_too_long": mark("Header cut off"),
    "bad_charset": mark("Unknown charset"),
    "bad_encoding": mark("Encoding damaged"),
    "too_deep": mark("Nested too deeply"),
    "too_many_parts": mark("Too many parts"),
    "too_many_headers": mark("Too many header lines"),
    "too_many_addresses": mark("Too many addresses"),
    "too_many_attachments": mark("Too many attachments"),
    "attachment_too_large": mark("Attachment too large"),
    "body_too_long": mark("Text cut off"),
    "html_too_long": mark("HTML cut off"),
    "unclosed_boundary": mark("Ends in the middle"),
    "no_boundary": mark("Parts not separated"),
    "bad_content_type": mark("Content type damaged"),
    "too_large": mark("Only the beginning was kept"),
}


def sender(code: str) -> str:
    """Return why a sender is believed or not, to be translated; an unknown code readable."""
    return _SENDER.get(code, code.replace("_", " "))


def defect(code: str) -> str:
    """Return what is damaged, to be translated; an unknown code readable."""
    return _DEFECTS.get(code, code.replace("_", " "))
