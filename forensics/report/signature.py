"""SHA256SUMS.sig, .pub.pem and .tsq: who vouches for SHA256SUMS, and the request for a stamp of its time.

* ``SHA256SUMS.sig`` is the Ed25519 signature over the bytes of SHA256SUMS: 64 bytes (RFC 8032).
* ``SHA256SUMS.pub.pem`` is the public key to it (SubjectPublicKeyInfo, RFC 8410). A key that lies beside
  what it signs proves nothing about who signed: whoever changes the folder can sign it anew.
* ``SHA256SUMS.tsq`` is a TimeStampReq (RFC 3161, section 2.4.1) over the SHA-256 of SHA256SUMS that asks for
  the authority's certificate. It has no nonce, so it is the same bytes for the same SHA256SUMS.

The only importer of cryptography and rfc3161-client, which come with the extra ``sign``.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Protocol

from forensics.errors import ForensicsError
from forensics.report.manifest import MANIFEST_NAME, SIGNATURE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SIGNATURE_NAME, PUBLIC_KEY_NAME, TIMESTAMP_QUERY_NAME = SIGNATURE_NAMES
SIGNATURE_SIZE: Final = 64
_EXTRA: Final = "pip install rustdesk-forensics[sign]"
_MAKE_ONE: Final = "Make one with: openssl genpkey -algorithm ed25519 -out key.pem"


class SigningError(ForensicsError):
    """Nothing can be signed, stamped or checked as was asked; the message says why and what to do."""


class Signer(Protocol):
    """What signs: a private key that was read."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``."""
        ...

    @property
    def public_pem(self) -> bytes:
        """The public key that belongs to it."""
        ...


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """What a signature comes to: ``problems`` are sentences, ``key`` the SHA-256 of the public key used.

    ``signed`` is False where there is no signature and none was asked for; ``beside`` is True where the key
    lay beside the output.
    """

    signed: bool
    problems: tuple[str, ...] = ()
    key: str = ""
    beside: bool = False


def read_signer(path: Path, passphrase_file: Path | None) -> Signer:
    """Return the Ed25519 private key at ``path``, PKCS #8 in PEM; its passphrase is a file's first line.

    Raises SigningError where the extra is not installed or the key is none of these.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415
    except ImportError as error:
        raise _no_extra("--sign") from error
    pem = _read(path)
    passphrase = None if passphrase_file is None else _first_line(_read(passphrase_file))
    try:
        key = load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningError(f"{path}: {_why_not(error, passphrase)}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"{path}: is no Ed25519 key. {_MAKE_ONE}")
    return _Ed25519Signer(key.sign, _to_pem(key.public_key()))


def require_timestamp_query() -> bool:
    """Return True, or raise SigningError where no query can be written: before any work is done."""
    return bool(timestamp_query(MANIFEST_NAME.encode()))


def timestamp_query(manifest: bytes) -> bytes:
    """Return the TimeStampReq over the SHA-256 of ``manifest``, DER. Raises SigningError."""
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _no_extra("--timestamp-query") from error
    builder = TimestampRequestBuilder().data(manifest).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes()


def sign_manifest(folder: Path, signer: Signer | None, *, query: bool) -> None:
    """Write the signature of ``folder``'s SHA256SUMS with its key, and the query, as far as asked for."""
    manifest = (folder / MANIFEST_NAME).read_bytes()
    if signer is not None:
        (folder / SIGNATURE_NAME).write_bytes(signer.sign(manifest))
        (folder / PUBLIC_KEY_NAME).write_bytes(signer.public_pem)
    if query:
        (folder / TIMESTAMP_QUERY_NAME).write_bytes(timestamp_query(manifest))


def check_signature(folder: Path, public_key: Path | None) -> SignatureCheck:
    """Check the signature of SHA256SUMS by the key at ``public_key``, or else by the one beside it.

    Raises SigningError where there is something to check and the extra is missing, or ``public_key`` is none.
    """
    signature, beside = folder / SIGNATURE_NAME, folder / PUBLIC_KEY_NAME
    if not signature.is_file():
        asked = beside.is_file() or public_key is not None
        return SignatureCheck(False, (f"there is no {SIGNATURE_NAME}",) if asked else ())
    problems = list(_faults_of_key(beside)) if beside.is_file() else []
    source = public_key or beside
    if not source.is_file() and public_key is None:
        return SignatureCheck(True, (f"there is no {PUBLIC_KEY_NAME}; give the key with --public-key",))
    pem = _read(source)
    try:
        good = _is_by(pem, signature.read_bytes(), _manifest_of(folder))
    except SigningError:
        if public_key is not None:
            raise
        return SignatureCheck(True, tuple(problems), beside=True)
    if not good:
        problems.append(f"{SIGNATURE_NAME} is not the signature of {MANIFEST_NAME} by the key {source}")
    if public_key is not None and beside.is_file() and _fingerprint(pem) != _fingerprint(_read(beside)):
        problems.append(f"{PUBLIC_KEY_NAME} is another key than {public_key}")
    return SignatureCheck(True, tuple(problems), _fingerprint(pem), public_key is None)


def check_timestamp_query(folder: Path) -> tuple[bool, tuple[str, ...]]:
    """Return whether there is a query, and what is wrong with it. Raises SigningError without the extra."""
    path = folder / TIMESTAMP_QUERY_NAME
    if not path.is_file():
        return False, ()
    manifest = _manifest_of(folder)
    if manifest and path.read_bytes() == timestamp_query(manifest):
        return True, ()
    return True, (f"{TIMESTAMP_QUERY_NAME} is not the query over the digest of this {MANIFEST_NAME}",)


@dataclass(frozen=True, slots=True)
class _Ed25519Signer:
    _sign: _Sign
    public_pem: bytes

    def sign(self, data: bytes) -> bytes:
        return self._sign(data)


class _Sign(Protocol):
    def __call__(self, data: bytes, /) -> bytes: ...


def _is_by(pem: bytes, signature: bytes, data: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra

    key = _load_public(pem)
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _load_public(pem: bytes) -> Ed25519PublicKey:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey as KeyType  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415
    except ImportError as error:
        raise _no_extra("Checking a signature") from error
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningError("the public key is no PEM that can be read. Give an Ed25519 public key") from error
    if not isinstance(key, KeyType):
        raise SigningError("the public key is no Ed25519 key. Give the one that belongs to --sign")
    return key


def _to_pem(key: Ed25519PublicKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _faults_of_key(path: Path) -> tuple[str, ...]:
    """Return what is wrong with the key beside the output: it has to be written as this program does."""
    pem = _read(path)
    try:
        written = _to_pem(_load_public(pem))
    except SigningError as error:
        if isinstance(error.__cause__, ImportError):
            raise
        return (f"{PUBLIC_KEY_NAME} is no Ed25519 public key",)
    return () if pem == written else (f"{PUBLIC_KEY_NAME} is not written as it should be",)


def _fingerprint(pem: bytes) -> str:
    """Return the SHA-256 of a key's 32 bytes, so that differing spellings of it have one number."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    try:
        raw = _load_public(pem).public_bytes(Encoding.Raw, PublicFormat.Raw)
    except SigningError:
        return ""
    return sha256(raw).hexdigest()


def _manifest_of(folder: Path) -> bytes:
    path = folder / MANIFEST_NAME
    return path.read_bytes() if path.is_file() else b""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningError(f"{path}: {error.strerror}. Name a file that may be read") from error


def _first_line(data: bytes) -> bytes:
    return data.splitlines()[0] if data else b""


def _why_not(error: Exception, passphrase: bytes | None) -> str:
    if isinstance(error, TypeError):
        if passphrase is None:
            return "the key has a passphrase. Give --sign-passphrase-file"
        return "the key has no passphrase. Leave --sign-passphrase-file out"
    if passphrase is not None:
        return "the key cannot be read: its passphrase is another, or it is no private key in PEM"
    return (
        "is no private key in PEM (PKCS #8). Make one with: openssl genpkey -algorithm ed25519 -out key.pem"
    )


def _no_extra(what: str) -> SigningError:
    return SigningError(f"{what} needs the extra sign, which is not installed. Install it with: {_EXTRA}")
