"""Where a simulator is served, as an option takes it: scheme, host and optional port."""

from urllib.parse import urlsplit

import click

from simulator.domain.directory import is_endpoint_address


class BaseUrlType(click.ParamType[str]):
    """Scheme, host and optional port; a slash at the end is let go."""

    name = "url"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the URL without a slash at its end; an empty text stays one."""
        url = str(value).removesuffix("/")
        if url and not (is_endpoint_address(url) and not urlsplit(url).path):
            self.fail(f"{value!r} is no scheme, host and optional port, as https://spine.test:8443")
        return url
