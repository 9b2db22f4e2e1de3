"""Which network addresses may be reached: those of the public internet, and what the user allows (pure).

``ipaddress`` alone does not tell: Python 3.11 calls multicast, NAT64, 6to4 and some of 192.0.0.0/24 global. So an
address must be global by its word, lie in 2000::/3 where it is IPv6, and in none of the networks below. One that
carries an IPv4 address is judged by that one too.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from dragoman.errors import DragomanError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_KEPT_OUT: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private use"),
    ("100.64.0.0/10", "carrier NAT"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "the host of a cloud machine"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private use"),
    ("192.0.0.0/24", "protocol assignments"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "AS112"),
    ("192.52.193.0/24", "multicast tunnels"),
    ("192.88.99.0/24", "6to4 relays"),
    ("192.168.0.0/16", "private use"),
    ("192.175.48.0/24", "AS112"),
    ("198.18.0.0/15", "benchmarks"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/128", "no address"),
    ("::1/128", "loopback"),
    ("64:ff9b::/96", "NAT64"),
    ("64:ff9b:1::/48", "local NAT64"),
    ("2001::/23", "protocol assignments, Teredo among them"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("2620:4f:8000::/48", "AS112"),
    ("3fff::/20", "documentation"),
    ("fc00::/7", "private use"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)
"""Networks of the IANA special-purpose registries that hold no public web server, and one of Azure's."""
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges addresses. What lies in ``allowed`` may be reached though it is not public."""

    allowed: tuple[Network, ...] = ()

    @classmethod
    def of(cls, allow: tuple[str, ...]) -> Guard:
        """From networks as text. Raises DragomanError on what is no network."""
        try:
            return cls(tuple(ip_network(network) for network in allow))
        except ValueError as error:
            raise DragomanError(f"allowed networks are written like 10.1.0.0/16: {error}") from None

    def refusal(self, address: str) -> str | None:
        """Why the address may not be reached; None where it may."""
        try:
            found = ip_address(address)
        except ValueError:
            return f"{address} is no network address"
        if isinstance(found, IPv6Address):
            if found.scope_id is not None:
                return f"{address} names an interface of this machine"
            found = found.ipv4_mapped or found
        inner = _carried(found)
        if inner is not None and (reason := self._kept_out(inner)):
            return reason
        return self._kept_out(found)

    def _kept_out(self, address: Address) -> str | None:
        if any(address in network for network in self.allowed):
            return None
        for network, use in _NETWORKS:
            if address in network:
                return f"{address} is not public ({use})"
        if not address.is_global or (address.version == 6 and address not in _GLOBAL_IPV6):
            return f"{address} is not public"
        return None


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address to which a NAT64 gateway translates this one."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


_NETWORKS: tuple[tuple[Network, str], ...] = tuple((ip_network(network), use) for network, use in _KEPT_OUT)
