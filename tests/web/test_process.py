"""The web process as the command line starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from httpx2 import Client, ConnectError

from helpdesk import asgi
from helpdesk.db import Base, Database
from helpdesk.settings import Web
from tests.conftest import free_port

_RUN = "from helpdesk import asgi, settings; asgi.run(settings.load())"


@pytest.fixture
def served(tmp_path):
    """A running process: its base URL, itself, and the file of its log."""
    port, log = free_port(), tmp_path / "log"
    database = Database(f"sqlite:///{tmp_path / 'helpdesk.sqlite3'}")
    Base.metadata.create_all(database.engine)
    database.dispose()
    environ = {
        **os.environ,
        "HELPDESK_DATA_DIR": str(tmp_path),
        "HELPDESK_WEB_PORT": str(port),
        "HELPDESK_WEB_BASE_URL": f"http://127.0.0.1:{port}",
        "HELPDESK_LOG_LEVEL": "INFO",
    }
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", _RUN], env=environ, stderr=out)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process)
        yield url, process, log
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(url, process):
    with Client() as client:
        for _ in range(300):
            assert process.poll() is None
            try:
                client.get(f"{url}/readyz").raise_for_status()
            except ConnectError:
                time.sleep(0.1)
            else:
                return
    pytest.fail("the process did not answer within 30 s")


def test_a_pages_body_does_not_wait_for_its_head_to_be_acknowledged():
    with asgi._listening(Web(port=free_port())) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_process_serves_and_says_little_about_itself(served):
    url, _, log = served
    with Client() as client:
        response = client.get(f"{url}/login?next=/tickets%3Fq%3Drahasia")

    assert response.status_code == 200
    assert "server" not in response.headers
    assert "rahasia" not in log.read_text()


def test_process_ends_cleanly_when_asked(served):
    _, process, log = served

    process.send_signal(signal.SIGTERM)

    assert process.wait(15) in {0, -signal.SIGTERM}
    assert "Traceback" not in log.read_text()


def test_web_process_loads_no_celery():
    code = "import sys, helpdesk.asgi; print([m for m in ('celery', 'kombu') if m in sys.modules])"
    here = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=here, check=True)
    assert done.stdout.strip() == b"[]"
