"""The embedded stores: real PostgreSQL and Valkey servers from wheels, kept alive while somebody uses them."""
