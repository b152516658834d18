"""The canary: a campaign writes to its first people, waits for what becomes of it, and goes on when it went well."""
