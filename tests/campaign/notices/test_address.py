"""Notices go to the open internet and nowhere else."""

from ipaddress import ip_address

import pytest

from campaign.errors import UsageError
from campaign.notices.address import checked_url, may_be_reached, resolved


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
    ],
)  # fmt: skip
def test_private_addresses_are_out_of_reach_in_whatever_spelling(address):
    assert not may_be_reached(ip_address(address), loopback=False)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_in_reach(address):
    assert may_be_reached(ip_address(address), loopback=False)


def test_only_this_machine_is_let_in_for_tests():
    assert may_be_reached(ip_address("127.0.0.1"), loopback=True)
    assert not may_be_reached(ip_address("10.0.0.1"), loopback=True)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/hook", "https"),
        ("https://user:secret@example.com", "leave them out"),
        ("https://10.1.2.3/hook", "private"),
        ("https://[::1]/hook", "private"),
        ("ftp://example.com", "https"),
        ("/hook", "not an address"),
        ("https://", "not an address"),
        ("https://example.com:99999/", "not an address"),
        ("https://[broken", "not an address"),
        ("https://example.com/\nHost: other", "not an address"),
        ("https://example.com/" + "x" * 2000, "not an address"),
    ],
)
def test_what_is_no_public_https_address_is_refused(url, says):
    with pytest.raises(UsageError, match=says):
        checked_url(url, loopback=False)


async def test_a_name_that_leads_to_this_machine_is_found_out_when_it_is_looked_up():
    with pytest.raises(UsageError, match="private network"):
        await resolved(checked_url("https://localhost/hook", loopback=False), loopback=False)
    assert await resolved(checked_url("http://127.0.0.1:1/", loopback=True), loopback=True) == "127.0.0.1"
