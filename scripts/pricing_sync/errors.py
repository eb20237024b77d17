"""What can go wrong with a refresh."""


class SyncError(Exception):
    """Something is wrong with the table or with the files; the message says what."""
