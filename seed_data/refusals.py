"""Why a seeding is refused."""


class SeedRefused(Exception):
    """The database cannot be made; the message is one line for a person."""


class OptionRefused(SeedRefused):
    """What an option asks for is out of bounds: the message begins with its name."""


class ProfileInvalid(SeedRefused):
    """A profile cannot be used: the message says which key, what came and what is allowed."""
