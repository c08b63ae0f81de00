"""What the ticket page shows of photos: a crop beside each fact, and which wait to be read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from helpdesk.identity.types import Field
from helpdesk.matching.queries import ClaimView, FactView
from helpdesk.photos import engine
from helpdesk.photos.models import PhotoState
from helpdesk.photos.queries import PhotoView, Shown
from helpdesk.settings import Settings
from helpdesk.web.formats import group_nik, mask_nik


@dataclass(frozen=True, slots=True)
class Crop:
    """What a photo shows of a fact; `differs` is what was read there, if that is not the fact.

    `picture` is the address of a small picture, empty while numbers are covered.
    """

    picture: str
    differs: str


@dataclass(frozen=True, slots=True)
class PhotoNote:
    """A photo that brought nothing, by its file."""

    attachment_id: int
    file_name: str
    state: PhotoState


@dataclass(frozen=True, slots=True)
class PhotoPane:
    """The photos of a ticket; `crops` by claim and field, `install` what brings the reader."""

    waiting: int
    install: str
    notes: tuple[PhotoNote, ...]
    crops: Mapping[tuple[int, Field], Crop]


def pane(
    photos: Sequence[PhotoView],
    claims: Iterable[ClaimView],
    settings: Settings,
    *,
    revealed: bool,
) -> PhotoPane:
    """Lay out photos; the crop of a number is left out unless `revealed`."""
    shown = {photo.attachment_id: photo.shown for photo in photos}
    waiting = sum(photo.state is PhotoState.WAITING for photo in photos)
    return PhotoPane(
        waiting=waiting if settings.identity.photos == "auto" else 0,
        install="" if engine.available() else engine.INSTALL,
        notes=tuple(
            PhotoNote(photo.attachment_id, photo.file_name, photo.state)
            for photo in photos
            if photo.state in {PhotoState.NO_CARD, PhotoState.UNREADABLE}
        ),
        crops={
            (claim.id, fact.field): _crop(fact, found, revealed=revealed)
            for claim in claims
            for fact in claim.facts
            if fact.attachment_id is not None
            and (found := shown.get(fact.attachment_id, {}).get(fact.field))
        },
    )


def _crop(fact: FactView, found: Shown, *, revealed: bool) -> Crop:
    number = fact.field is Field.NIK
    value = (group_nik if revealed else mask_nik)(found.value) if number else found.value
    covered = number and not revealed
    return Crop(
        picture="" if covered else f"data:image/jpeg;base64,{found.crop}",
        differs=value if found.value != fact.value else "",
    )
