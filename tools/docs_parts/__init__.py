"""The parts of tools/docs, one concern a file; each has run(repository)."""
