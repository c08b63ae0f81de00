"""Addresses nobody was given: not found, never an error of ours, and never repeated in the log."""

import pytest

NIK = "3205004505889317"


@pytest.mark.parametrize("number", ["999999999", NIK, "9" * 20, "9" * 5_000, "٣", "-1", "1e3"])
@pytest.mark.parametrize(
    "path", ["/tickets/{}", "/tickets/{}/messages/1/raw", "/tickets/1/files/{}"]
)
def test_a_number_that_is_nobodys_is_not_found(signed_in, caplog, path, number):
    answer = signed_in().get(path.format(number))
    assert answer.status_code == 404
    assert NIK not in caplog.text + answer.text
