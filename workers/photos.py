"""Reading photos of identity cards."""

import threading

from helpdesk import work
from helpdesk.jobs import Job
from workers.app import app, plant

_one_at_a_time = threading.Lock()  # each takes a processor and a gigabyte


@app.task(name="helpdesk.photo")
def photo(_attachment_id: int) -> None:
    """Read waiting photos, unless another thread of this worker is at it."""
    if _one_at_a_time.acquire(blocking=False):
        try:
            work.drain(plant(), Job.PHOTO)
        finally:
            _one_at_a_time.release()
