"""When things run: the Celery app, its schedule, and thin shells over the domain."""
