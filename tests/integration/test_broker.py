"""Announcing jobs to a broker that is not there: nobody waits long for it, and not every time."""

import socket
import time
from collections.abc import Iterator

import pytest

from helpdesk import broker, settings
from tests.conftest import free_port


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("scheme", ["amqp", "redis"])
@pytest.mark.parametrize("there", [False, True], ids=["refused", "silent"])
def test_a_broker_that_is_away_costs_little_and_then_nothing(
    tmp_path, silent, caplog, scheme, there
):
    port = silent if there else free_port()
    url = f"{scheme}://guest:guest@127.0.0.1:{port}/0"
    conf = settings.load(environ={"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_BROKER_URL": url})
    publish = broker.publisher(conf)
    import celery  # noqa: F401, PLC0415 - its import is not what is measured

    took_s = []
    for _ in range(3):
        began = time.monotonic()
        publish([("match", 1), ("draft", 1)])
        took_s.append(time.monotonic() - began)

    assert took_s[0] < 3
    assert took_s[1] + took_s[2] < 0.1
    assert len([each for each in caplog.records if "could not announce" in each.message]) == 1


def test_after_the_silence_it_is_tried_again(tmp_path, monkeypatch, caplog):
    url = f"redis://127.0.0.1:{free_port()}/0"
    conf = settings.load(environ={"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_BROKER_URL": url})
    monkeypatch.setattr(broker, "_SILENCE_S", 0.0)
    publish = broker.publisher(conf)

    for _ in range(2):
        publish([("match", 1)])

    assert len([each for each in caplog.records if "could not announce" in each.message]) == 2
