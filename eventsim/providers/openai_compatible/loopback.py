"""Whether a base URL is on this machine: such endpoints need no key and no price."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["is_loopback"]


@lru_cache(maxsize=256)
def is_loopback(base_url: str) -> bool:
    """Whether calls to this URL never leave the machine."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
