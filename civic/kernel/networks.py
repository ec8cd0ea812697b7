"""Addresses of the internet: what one customer of a provider has, which is what limits count."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_HOUSEHOLD = 64


def read_ip(address: str) -> IPv4Address | IPv6Address | None:
    """Read an IP address; None when it is none. An IPv4 address that travels inside an IPv6 one is the IPv4 address.

    >>> read_ip("::ffff:203.0.113.7"), read_ip("unix:")
    (IPv4Address('203.0.113.7'), None)
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def network_of_address(address: str) -> str:
    """Name what an address is counted under: an IPv4 address, or a /64 of IPv6; all that cannot be read are one.

    >>> network_of_address("203.0.113.7"), network_of_address("2001:db8::1:2:3:4"), network_of_address("?")
    ('203.0.113.7', '2001:db8::/64', 'unreadable')
    """
    ip = read_ip(address)
    if ip is None:
        return "unreadable"
    return str(ip) if ip.version == 4 else str(ip_network((ip, _HOUSEHOLD), strict=False))
