"""The clock: Celery tasks as thin shells around `helpdesk.work`, and the beat."""
