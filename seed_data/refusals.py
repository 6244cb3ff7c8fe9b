"""Why a seeding is refused."""


class SeedRefused(Exception):
    """The database cannot be made; the message is one line for a person."""


class ProfileInvalid(SeedRefused):
    """A profile cannot be used: the message says which key, what came and what is allowed."""
