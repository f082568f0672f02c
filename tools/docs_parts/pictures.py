"""Pictures: placeholder until drawn."""


def run(repository):
    pass
