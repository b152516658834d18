"""The domain: what a campaign does, whoever calls. Knows no Celery and no web framework."""
