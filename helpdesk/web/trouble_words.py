"""What went wrong with a mailbox or a job, in the language of the person who reads it.

The rooms below write one English sentence for the log and the row; here each has its translation.
"""

import re

from helpdesk import i18n
from helpdesk.i18n import mark

_SENTENCES = (
    # mailboxes
    mark("%(host)s refused the user name or password"),
    mark("%(host)s takes no logins for now"),
    mark("%(host)s allows no login without TLS; set security"),
    mark("%(host)s does not offer STARTTLS"),
    mark("%(host)s does not speak TLS; check port and security"),
    mark("%(host)s closed the connection; check port and security"),
    mark("%(host)s keeps closing the connection"),
    mark("%(host)s did not answer within %(seconds)s s"),
    mark("%(host)s gave no usable answer (%(doing)s)"),
    mark("%(host)s gave no usable answer"),
    mark("%(host)s cannot be reached (%(why)s)"),
    mark("nothing listens at %(host)s"),
    mark("the server name %(host)s is not known"),
    mark("the TLS connection to %(host)s failed"),
    mark("the connection to %(host)s broke off (%(doing)s)"),
    mark("the server cannot open folder %(folder)s"),
    mark("the folder was rebuilt while it was read"),
    mark("ca_file cannot be read as certificates"),
    mark("the certificate of %(host)s is not valid yet; is the clock of this machine right?"),
    mark("the certificate of %(host)s has expired"),
    mark("the certificate of %(host)s is self-signed; name it in ca_file if that is meant"),
    mark("the certificate of %(host)s ends in an unknown authority; name that in ca_file"),
    mark("the certificate of %(host)s is from an unknown authority; name that in ca_file"),
    mark("the certificate of %(host)s is for another name"),
    mark("the certificate of %(host)s is for another address"),
    mark("the certificate of %(host)s cannot be trusted"),
    mark("it is not on the server any more"),
    # jobs
    mark("the worker died three times"),
    mark("another worker took the job over"),
    mark("%(fault)s at %(place)s"),
)
_WHO = re.compile(r"(?:mailbox \S+: )?(?:[A-Z]\w*Error: (?:mailbox \S+: )?)?")
_HOLE = re.compile(r"%\\\((\w+)\\\)s|%\((\w+)\)s")


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_HOLE.sub(r"(?P<\1\2>\\S.{0,200}?)", re.escape(sentence)))


_PATTERNS = tuple((_pattern(sentence), sentence) for sentence in _SENTENCES)


def text(problem: str, language: str) -> str:
    """Return a stored sentence in this language; one that nobody foresaw stays as it is.

    The name of the mailbox or of the error before it is left out: the page names the mailbox, and
    the log the error.
    """
    gettext = i18n.translations(language).gettext
    said = problem[_WHO.match(problem).end() :]  # type: ignore[union-attr] # matches nothing, too
    for pattern, sentence in _PATTERNS:
        if found := pattern.fullmatch(said):
            return gettext(sentence) % found.groupdict()
    return gettext(said) if said else ""
