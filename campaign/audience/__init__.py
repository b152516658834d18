"""Lists to messages and rejected rows."""
