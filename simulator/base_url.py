"""Where a simulator, or a page that calls it, is served, as options take it: scheme, host, optional port."""

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


class OriginsType(click.ParamType[str]):
    """Origins of pages as a browser names them, with commas between them, or `*`."""

    name = "origins"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the origins as they came: what no browser sends would let nobody in, and say nothing."""
        for origin in filter(None, (each.strip() for each in str(value).split(","))):
            if origin != "*" and (not is_endpoint_address(origin) or urlsplit(origin).path):
                self.fail(
                    f"{origin!r} is no origin; expected scheme, host and optional port alone, as"
                    " http://localhost:3000, or `*` for all"
                )
        return str(value)
