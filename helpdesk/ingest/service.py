"""The use cases of ingestion: store bytes, read them, file them, give one up."""

from helpdesk.ingest.filing import Filed, file, give_up
from helpdesk.ingest.reading import ReadyMessage, ReceiveConfig, read, receive_config
from helpdesk.ingest.storing import FILES, Place, ToStore, mailbox_id, store

__all__ = [
    "FILES",
    "Filed",
    "Place",
    "ReadyMessage",
    "ReceiveConfig",
    "ToStore",
    "file",
    "give_up",
    "mailbox_id",
    "read",
    "receive_config",
    "store",
]
