"""Secrets given in clear, encrypted at rest in the catalog; the key is never there."""

from dataclasses import dataclass

from bifrost.catalog import Catalog
from bifrost.errors import SecretKeyUnusable, SecretMissing
from bifrost.secret_keys import KeyRing


@dataclass(frozen=True, slots=True)
class Vault:
    """Encrypts and decrypts the secrets of one catalog."""

    catalog: Catalog
    keys: KeyRing

    def seal(self, secret: str) -> str:
        """Encrypt a secret; the first one makes the key.

        Raises:
            SecretKeyUnusable: there are secrets already and their key is missing, or the key is none.
        """
        if not self.catalog.secrets():
            self.keys.make()
        return self.keys.fernet().encrypt(_bytes(secret)).decode()

    def open(self, name: str) -> str:
        """Decrypt a kept secret.

        Raises:
            SecretMissing: none is kept under this name.
            SecretKeyUnusable: the key is missing, or is not the one that encrypted it.
        """
        from cryptography.fernet import InvalidToken

        token = self.catalog.secret(name)
        if token is None:
            remedy = "the catalog keeps none of this name; give it with 'bifrost source change' or through the API"
            raise SecretMissing(f"${{secret:{name}}}", remedy)
        try:
            return self.keys.fernet().decrypt(token).decode("utf-8", "surrogateescape")
        except InvalidToken:
            raise self._another_key(name) from None

    def rotate(self) -> int:
        """Encrypt every secret with a new key, or with the first one of the environment, and count them.

        Raises:
            SecretKeyUnusable: a secret was encrypted with none of the keys.
        """
        from cryptography.fernet import InvalidToken

        if not self.keys.in_environment:
            self.keys.fernet()  # a missing key is no reason to make one
            self.keys.add()
        fernet = self.keys.fernet()
        changed: dict[str, tuple[str, str]] = {}
        for name, token in self.catalog.secrets().items():
            try:
                changed[name] = (token, fernet.rotate(token).decode())
            except InvalidToken:
                raise self._another_key(name) from None
        self.catalog.replace_tokens(changed)
        return len(changed)

    def _another_key(self, name: str) -> SecretKeyUnusable:
        return SecretKeyUnusable(self.keys.place, f"secret {name!r} was encrypted with another key")


def _bytes(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogateescape")
