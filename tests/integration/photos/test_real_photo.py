"""A rendered photo from the mail to the ticket page, with the real reader."""

from helpdesk import work
from helpdesk.photos import engine
from helpdesk.photos.models import PhotoState
from tests.conftest import missing
from tests.integration.photos.conftest import mail
from tests.integration.photos.test_photos import facts, photos


def test_a_photo_in_a_mail_is_read_to_the_last_digit(plant, file):
    if not engine.available():
        missing(f"photos cannot be read: {engine.INSTALL}")
    from tests import ktp  # noqa: PLC0415 - of the extra

    who, picture = ktp.spoilt("phone", 7)
    file(mail("Saya lupa nomor KPJ saya, ini KTP saya.", ktp.to_jpeg(picture)))
    work.work_off(plant)
    [photo] = photos(plant.database)
    assert photo.state is PhotoState.READ
    found = facts(plant.database)
    assert found["nik"].value == who.nik
    assert found["birth_date"].value == who.born.isoformat()
    assert found["nik"].attachment_id == photo.attachment_id
    assert all(fact.box for fact in found.values())
