"""kombu's folder transport, with announcements that are there whole or not at all.

kombu opens a message under its final name and then writes it, so a reader may take it empty and
its worker dies of the JSON error; seen once in two minutes of an idle demo on a busy machine.
"""

import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """A channel whose messages appear by rename."""

    def _put(self, queue: str, payload: Any, **_options: object) -> None:  # noqa: ANN401 - kombu's
        folder = Path(self.data_folder_out)
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}"
        part = folder / f"{name}.part"  # not a name any queue looks for
        part.write_bytes(str_to_bytes(dumps(payload)))
        os.rename(part, folder / f"{name}.{queue}.msg")  # noqa: PTH104 - atomic on one file system

    def _get(self, queue: str) -> Any:  # noqa: ANN401 - kombu's
        while True:
            try:
                return super()._get(queue)
            except ValueError:  # cut off by a power failure; it is gone now, and the sweep rings
                continue


class Transport(filesystem.Transport):
    """The `filesystem` transport with the channel above."""

    Channel = Channel
