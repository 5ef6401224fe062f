"""Personal data: recognised and masked before it leaves the record, encrypted by field where it is kept."""

from __future__ import annotations

import base64
import hashlib
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"

IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)(?:021|0\d{2,3})[- ]?\d{7,8}(?!\d)")
BANK_CARD = re.compile(r"(?<!\d)[3-6]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)")
ADDRESS = re.compile(
    r"[\u4e00-\u9fff]{1,8}(?:路|街|弄|村|新村|小区|坊|苑|里)\s?\d{1,5}\s?(?:弄|号|幢|栋|支弄)"
    r"(?:\s?\d{1,4}\s?(?:号楼|号|幢|栋|室|单元|楼))*"
)
OPENID = re.compile(r"\bo[A-Za-z0-9_-]{27}\b")


def valid_identity_number(text: str) -> bool:
    """Is it an 18-digit resident identity number with the right check digit? Source: GB 11643-1999."""
    if not re.fullmatch(r"\d{17}[0-9Xx]", text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, ID_WEIGHTS, strict=False))
    return ID_CHECKS[total % 11] == text[-1].upper()


def mask(text: str) -> str:
    """The text with identity numbers, phones, cards and addresses replaced by their kind. For logs, models and evaluation.

    An 18-digit number is masked whether or not its check digit is right: a mistyped one identifies somebody as well.
    """
    text = IDENTITY.sub("〔身份证号〕", text)
    text = BANK_CARD.sub("〔银行卡号〕", text)
    text = MOBILE.sub("〔手机号〕", text)
    text = LANDLINE.sub("〔电话〕", text)
    text = OPENID.sub("〔openid〕", text)
    return ADDRESS.sub("〔住址〕", text)


def mask_numbers_of_identity(text: str) -> str:
    """The text with identity and bank card numbers replaced; phones stay. For advisors, who have to call people."""
    return BANK_CARD.sub("〔银行卡号〕", IDENTITY.sub("〔身份证号〕", text))


class SealedFieldError(Exception):
    """A sealed field does not open: wrong FIELD_KEY, or the row was changed by hand. Read by operators."""


class FieldCipher:
    """AES-256-GCM for single fields. The key setting may be any text; 32 bytes are derived from it."""

    def __init__(self, key: str) -> None:
        self._cipher = AESGCM(hashlib.sha256(key.encode()).digest())

    def seal(self, text: str) -> str:
        nonce = os.urandom(12)
        return "v1:" + base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), None)).decode()

    def open(self, sealed: str) -> str:
        try:
            raw = base64.b64decode(sealed.removeprefix("v1:"), validate=True)
            return self._cipher.decrypt(raw[:12], raw[12:], None).decode()
        except (ValueError, InvalidTag) as error:
            raise SealedFieldError(
                "a sealed field cannot be opened: YIBENTONG_FIELD_KEY is not the key it was written with, or the data was changed"
            ) from error
