"""Secrets: tokens that are stored as hashes, and hooks' keys that are stored encrypted.

Both hang on one secret of the installation, which is not in the database: a copy of the database
alone lets nobody in and signs nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from scanservice.settings import Settings

TOKEN_BYTES = 32


class Vault:
    def __init__(self, secret: bytes) -> None:
        self._pepper = hmac.digest(secret, b"tokens", "sha256")
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"hooks", "sha256")))

    def hash(self, token: str) -> str:
        """What is stored of a random token: it has 256 bits, so a slow hash would add nothing."""
        return hmac.new(self._pepper, token.encode(), hashlib.sha256).hexdigest()

    def seal(self, plain: str) -> bytes:
        return self._fernet.encrypt(plain.encode())

    def open(self, sealed: bytes) -> str:
        """Raises ValueError where it was sealed with another installation's secret."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ValueError("sealed with another secret: is SCANSERVICE_SECRET the one it was?") from None


def new_token(prefix: str) -> str:
    """An opaque token, such as `link_…`; the prefix says what it is to whoever finds one."""
    return f"{prefix}_{secrets.token_urlsafe(TOKEN_BYTES)}"


def open_vault(settings: Settings) -> Vault:
    """The installation's secret: as set, or made at the first start and kept in the data folder."""
    if settings.secret is not None:
        return Vault(settings.secret.get_secret_value().encode())
    path = settings.data / "secret"
    settings.data.mkdir(parents=True, exist_ok=True)
    return Vault(_read_or_make(path))


def _read_or_make(path: Path) -> bytes:
    draft = path.with_name(f".secret-{os.getpid()}-{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_urlsafe(TOKEN_BYTES).encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails where another process was first; then its secret counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
