import threading
from pathlib import Path

import pytest
from kombu import Connection

from helpdesk import broker, settings

COUNT = 400


@pytest.fixture
def connection(tmp_path):
    conf = settings.load(environ={"HELPDESK_DATA_DIR": str(tmp_path)})
    options = broker.configuration(conf)
    with Connection(
        options["broker_url"], transport_options=options["broker_transport_options"]
    ) as connection:
        yield connection


def test_a_reader_beside_a_writer_gets_every_message_whole(connection):
    writer = connection.SimpleQueue("bell")
    thread = threading.Thread(target=lambda: [writer.put({"id": n}) for n in range(COUNT)])
    thread.start()
    reader = connection.SimpleQueue("bell")
    got = []
    while len(got) < COUNT:
        message = reader.get(timeout=10)
        got.append(message.payload["id"])
        message.ack()
    thread.join()
    assert sorted(got) == list(range(COUNT))


def test_a_message_cut_off_by_a_power_failure_is_passed_over(connection, tmp_path):
    queue = connection.SimpleQueue("cut")
    (Path(tmp_path) / "broker" / "queue" / "0_half.cut.msg").write_bytes(b"")
    queue.put({"id": 1})
    assert queue.get(timeout=10).payload == {"id": 1}
