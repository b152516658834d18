"""The doors: command line, webhook receiver, embedded stores."""
