"""Message ids in the platform's shape, from which the ledger's entry can be read back: no index of ids is needed.

A Cloud id is base64 of a small binary record with the phone and 18 hexadecimal characters; an On-Premise id packs the
phone two digits to a byte. The run is random per process, so that ids of two runs never meet.
"""

import base64
import binascii
import os

OUTBOUND, INBOUND = 0x11, 0x12
# Multiplying by an odd number shuffles all 40-bit numbers and can be undone: ids look random and need no index.
_SCRAMBLE, _UNSCRAMBLE, _WIDTH = 0x9E3779B97F, pow(0x9E3779B97F, -1, 1 << 40), (1 << 40) - 1


class Ids:
    """Makes and reads ids. `number` is the sequence number of a ledger entry, or of an inbound message."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin a new run; ids of the old one are no longer read."""
        self._run = os.urandom(4).hex().upper()

    def cloud(self, phone: str, number: int, direction: int = OUTBOUND) -> str:
        """Such as `wamid.HBgLMTIwMjU1NTAxMTEVAgARGBI…`."""
        tail = f"{self._run}{number * _SCRAMBLE & _WIDTH:010X}".encode()
        record = b"\x1c\x18%c%b\x15\x02\x00%c\x18\x12%b\x00" % (len(phone), phone.encode(), direction, tail)
        return "wamid." + base64.b64encode(record).decode()

    def on_premise(self, phone: str, number: int) -> str:
        """Such as `gBGGEgJVUBERTwIJ…`."""
        # An odd number of digits is filled up with a nibble that no phone has.
        packed = bytes.fromhex(phone + "f" * (len(phone) % 2))
        tail = bytes.fromhex(f"{self._run}{number * _SCRAMBLE & _WIDTH:010X}")
        return base64.urlsafe_b64encode(b"\x80\x11\x86" + packed + b"\x02\x09" + tail).decode().rstrip("=")

    def number_of(self, message_id: str) -> int | None:
        """The sequence number in an id of this run, or None."""
        try:
            # The last 19 bytes are 18 characters and a zero.
            if message_id.startswith("wamid."):
                record = base64.b64decode(message_id[6:], validate=True)
                run, scrambled = record[-19:-11].decode(), record[-11:-1].decode()
            else:
                record = base64.urlsafe_b64decode(message_id + "=" * (-len(message_id) % 4))
                run, scrambled = record[-9:-5].hex().upper(), record[-5:].hex()
            return int(scrambled, 16) * _UNSCRAMBLE & _WIDTH if run == self._run else None
        except (binascii.Error, ValueError):
            return None
