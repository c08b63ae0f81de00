"""Read the fields of a form, as the browser may have sent anything."""

from starlette.requests import Request

from helpdesk.errors import InvalidError

LARGEST = 2**31 - 1  # of an id


def text(request: Request, name: str) -> str:
    """Return a field as text; empty when it is missing or a file."""
    value = request.state.form.get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def number(request: Request, name: str) -> int:
    """Return a field as a number.

    Raises:
        InvalidError: it is not one.
    """
    value = text(request, name)
    if not value.isascii() or not value.isdecimal() or int(value[:12]) > LARGEST:
        msg = "this form is damaged; load the page again"
        raise InvalidError(msg)
    return int(value)


def chosen(request: Request, name: str) -> tuple[str, ...]:
    """Return every value of a field that may come more than once."""
    return tuple(value for value in request.state.form.getlist(name) if isinstance(value, str))
