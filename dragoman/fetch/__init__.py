"""The single door to the network.

    async with Fetcher(Limits(), contact="desk@example.org") as fetcher:
        page = await fetcher.get("https://example.org/feed.xml", etag=known)

    for url, page in fetch_all(["https://example.org/a", "https://example.org/b"]):
        ...

Only http and https, only public addresses, each request within a deadline and a number of bytes, each host in peace.
What is not fetched is a FetchError, whose ``kind`` is one of:

url              not a whole address; or with a user name, a disguised network address, or too long
scheme           neither http nor https
port             a port that is not in ``Limits.ports``
blocked_address  the host is, or resolves to, an address that is not public
dns              the name has no address
connect          no connection, or one that broke off before the headers
tls              a certificate that does not hold, or no common TLS
downgrade        a redirect from https to http
timeout          not done within ``Limits.seconds``
headers          no HTTP, or headers over their limits
too_large        a body over ``Limits.body_bytes``
bomb             a body that inflates beyond ``Limits.ratio``, or has too many members
bad_encoding     a Content-Encoding that is not known, nested too often, or damaged
short_body       a body that ends before its announced end
redirects        too many, in a circle, or leading nowhere
robots           robots.txt forbids it, or its server is broken (``retry_after``)
rate_limited     status 429 or 503, or a host still to be left alone (``retry_after`` where it said so)
not_found        status 404
gone             status 410: not to be asked for again
status           any other status that is no page

Modules: ``wire`` (the only one that imports aiohttp and socket), ``addresses``, ``urls``, ``inflate``, ``robots``,
``politeness``, ``door``, ``batch``. The packages come with the extra ``watch``.
"""

from dragoman.fetch.batch import fetch_all
from dragoman.fetch.clock import Clock
from dragoman.fetch.door import Fetcher, user_agent
from dragoman.fetch.inflate import unpack
from dragoman.fetch.urls import canonical_url
from dragoman.fetch.values import Fetched, FetchError, Limits

__all__ = [
    "Clock",
    "FetchError",
    "Fetched",
    "Fetcher",
    "Limits",
    "canonical_url",
    "fetch_all",
    "unpack",
    "user_agent",
]
