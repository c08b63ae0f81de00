"""The beat: periodic tasks, sent by one scheduler at a time wherever beats are started."""

from celery.beat import EmbeddedService, Scheduler

from helpdesk import clock, leases, process
from workers.app import app, plant

_LEASE = "beat"
_LEASE_S = 15.0
_RETRY_S = 3.0


class LeasedScheduler(Scheduler):
    """A scheduler that ticks only while it holds the lease `beat` in the database.

    Nothing is kept between starts: every periodic task is safe to run early or twice.
    """

    _held_until = 0.0

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)

    def tick(self) -> float:
        now = clock.now()
        if now.timestamp() > self._held_until - _LEASE_S / 2:
            with plant().database.transaction() as tx:
                held = leases.acquire(
                    tx.session, _LEASE, holder=process.name(), ttl_s=_LEASE_S, now=now
                )
            if not held:
                return _RETRY_S
            self._held_until = now.timestamp() + _LEASE_S
        return float(min(super().tick(), _RETRY_S))

    def close(self) -> None:
        super().close()
        with plant().database.transaction() as tx:
            leases.release(tx.session, _LEASE, holder=process.name())


def start_beside_worker() -> EmbeddedService:
    """Start the beat in a thread of this process."""
    service = EmbeddedService(app, thread=True, scheduler_cls=LeasedScheduler)
    service.start()
    return service
