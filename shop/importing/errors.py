"""What stops an import before anything is written."""


class ImportRefusedError(ValueError):
    """The file, or the way it is to be read, cannot be used. The message is one sentence."""
