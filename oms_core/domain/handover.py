"""The code a customer shows when he comes for his goods: six digits, kept only as a salted slow hash, few tries.

Randomness is given by the caller; nothing here keeps a code.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError, RuleViolationError

DIGITS = 6
TRIES = 5
_SALT_BYTES = 16
_HASH_HEX = 64
# A million codes at about 50 ms each: half a day of one core for who holds the database, and the code dies with the
# hand-over. Cost parameters of RFC 7914, section 2.
_COST, _BLOCK, _LANES = 2**14, 8, 1


@dataclass(frozen=True, slots=True)
class KeptCode:
    """What is kept of a code, both in hex."""

    salt: str
    code_hash: str


def new_code(below: Callable[[int], int]) -> str:
    """Six digits; `below(n)` gives a secret random number from 0 to n - 1 (`secrets.randbelow`)."""
    return f"{below(10**DIGITS):0{DIGITS}}"


def keep(code: str, salt: bytes) -> KeptCode:
    """What may be kept of a code.

    Raises:
        InvalidRequestError: CODE_MALFORMED for anything but six digits, SALT_SHORT below sixteen bytes.
    """
    if len(salt) < _SALT_BYTES:
        raise InvalidRequestError(
            "SALT_SHORT", f"a salt of {len(salt)} bytes is too short", remedy=f"Give {_SALT_BYTES} bytes or more."
        )
    return KeptCode(salt.hex(), _hash(_digits(code), salt))


def check_kept(kept: KeptCode) -> None:
    """Refuse what `keep` cannot have made.

    Raises:
        InvalidRequestError: CODE_MALFORMED.
    """
    try:
        fits = len(bytes.fromhex(kept.salt)) >= _SALT_BYTES and len(bytes.fromhex(kept.code_hash)) * 2 == _HASH_HEX
    except ValueError:
        fits = False
    if not fits:
        raise InvalidRequestError(
            "CODE_MALFORMED", "the kept code is no salt and hash", remedy="Make it with handover.keep."
        )


def opens(code: str, kept: KeptCode, *, tries_left: int, shipment: str) -> bool:
    """Whether the code is the one that was kept, compared in constant time.

    Raises:
        InvalidRequestError: CODE_MALFORMED for anything but six digits; no try is used up.
        RuleViolationError: HANDOVER_LOCKED where no try is left.
    """
    digits = _digits(code)
    if tries_left <= 0:
        raise RuleViolationError(
            "HANDOVER_LOCKED",
            f"the code of shipment {shipment} was wrong {TRIES} times",
            remedy="Check who the customer is, then give a new code with `oms ship new-code`.",
            shipment=shipment,
        )
    return hmac.compare_digest(_hash(digits, bytes.fromhex(kept.salt)), kept.code_hash)


def _digits(code: str) -> str:
    written = code.replace(" ", "")
    if len(written) != DIGITS or not (written.isascii() and written.isdigit()):
        raise InvalidRequestError("CODE_MALFORMED", "the code is not six digits", remedy="Type the six digits.")
    return written


def _hash(code: str, salt: bytes) -> str:
    return hashlib.scrypt(code.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES, dklen=_HASH_HEX // 2).hex()
