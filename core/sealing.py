"""Text sealed to a key that only the server can use: on a device, so that nothing there opens it again; and on the server
itself, what is put away (a withdrawn record), so that a copy of the tables alone does not give it.

The device has the public half of a key pair and seals with it (ephemeral ECDH on P-256, HKDF-SHA256, AES-256-GCM); the
private half stays here, itself sealed under a key derived from ``SECRET_KEY``. Deleting it makes all that was sealed to
it unreadable for everybody. ``static/portal/offline-store.js`` is the other side of :func:`open_sealed`.

Points are uncompressed (65 bytes), scalars 32 bytes, nonces 12; all in URL-safe base64 without padding.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

CURVE = ec.SECP256R1()
INFO = b"SIP Portal, sealed on a device, 1"
AT_REST = b"SIP Portal, private keys at rest, 1"


class Unopened(ValueError):
    """It was not sealed to this key, or was changed since. Says nothing more: there is nothing more to know."""


@dataclass(frozen=True)
class Pair:
    """A new key pair: the public point, and the private scalar sealed for the database."""

    public: str
    private: str


@dataclass(frozen=True)
class Sealed:
    """What a device sends: a header in clear that the seal covers, the ephemeral point, the nonce, the sealed bytes."""

    header: str
    point: str
    nonce: str
    sealed: str


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Unopened from None


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def make_pair(name: str) -> Pair:
    """``name`` is what the pair belongs to; its private half opens under that name alone."""
    key = ec.generate_private_key(CURVE)
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    nonce = secrets.token_bytes(12)
    at_rest = _derive(settings.SECRET_KEY.encode(), b"", AT_REST)
    locked = nonce + AESGCM(at_rest).encrypt(nonce, scalar, name.encode())
    return Pair(encode(_point(key)), encode(locked))


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _unlock(private: str, name: str) -> ec.EllipticCurvePrivateKey:
    """Tries the secret of today, then those of before (``SECRET_KEY_FALLBACKS``)."""
    locked = decode(private)
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            scalar = AESGCM(_derive(secret.encode(), b"", AT_REST)).decrypt(locked[:12], locked[12:], name.encode())
        except (InvalidTag, ValueError):
            continue
        return ec.derive_private_key(int.from_bytes(scalar, "big"), CURVE)
    raise Unopened


def seal(text: str, *, public: str, header: str) -> Sealed:
    """Seal on the server what the server itself puts away. The seal covers ``header``, which stays in clear."""
    key = ec.generate_private_key(CURVE)
    recipient, point, nonce = decode(public), _point(key), secrets.token_bytes(12)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, recipient))
    sealed = AESGCM(_derive(shared, point + recipient, INFO)).encrypt(nonce, text.encode(), header.encode())
    return Sealed(header, encode(point), encode(nonce), encode(sealed))


def open_sealed(sent: Sealed, *, private: str, name: str) -> str:
    """The text. Raises :class:`Unopened`."""
    key = _unlock(private, name)
    point, nonce = decode(sent.point), decode(sent.nonce)
    try:
        shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point))
        opened = AESGCM(_derive(shared, point + _point(key), INFO)).decrypt(nonce, decode(sent.sealed), sent.header.encode())
        return opened.decode()
    except (InvalidTag, ValueError):
        raise Unopened from None
