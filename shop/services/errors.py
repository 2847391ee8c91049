"""What services raise."""


class Refused(ValueError):  # noqa: N818 - it is an answer, and reads as one
    """What was asked for cannot be done; the text is meant for the person who asked."""
