"""Lists that are asked of a database: somebody's own, or the engine's contacts."""
