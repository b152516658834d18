"""Messages to outcomes: claims, permits, requests, records."""
