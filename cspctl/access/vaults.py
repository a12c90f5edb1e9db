"""The system keyring and Azure Key Vault; both are optional extras and are imported only when named."""

from __future__ import annotations

import re
from typing import Any

from cspctl.access.clouds import cloud_named
from cspctl.errors import AccessError, UnreachableError
from cspctl.model.secret_ref import SecretRef
from cspctl.secret import Secret

# Source: Azure Key Vault docs, page about-keys-secrets-certificates (object identifiers).
VAULT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]")
SECRET_NAME = re.compile(r"[A-Za-z0-9-]{1,127}")


def keyring_get(ref: SecretRef) -> str | None:
    """The entry's text, or None where there is none. Raises AccessError E-SECRET-KEYRING."""
    keyring, (service, _, user) = _keyring(), ref.target.partition("/")
    failed = False
    try:
        value: str | None = keyring.get_password(service, user)
    except keyring.errors.KeyringError:
        failed = True
    if failed:  # raised here, so that the library's exception, which may hold the entry, is not chained
        raise _keyring_failed(ref)
    return value


def keyring_set(ref: SecretRef, value: Secret) -> None:
    """Write the entry. Raises AccessError E-SECRET-KEYRING."""
    keyring, (service, _, user) = _keyring(), ref.target.partition("/")
    failed = False
    try:
        keyring.set_password(service, user, value.reveal())
    except Exception:  # backends raise what they like, Windows for entries over 2,560 bytes
        failed = True
    if failed:
        raise _keyring_failed(ref)


def vault_get(ref: SecretRef, cloud: str, *, client: Any = None) -> str | None:
    """The newest version's text, None where there is no such secret. Raises AccessError, UnreachableError."""
    name = _secret_name(ref)
    client = client or _vault_client(ref, cloud)
    failure: Exception | None = None
    value: str | None = None
    try:
        value = client.get_secret(name).value
    except Exception as problem:  # told apart by name, since the extra may be absent
        failure = problem
    if failure is None:
        return value
    if type(failure).__name__ == "ResourceNotFoundError":
        return None
    raise _vault_failed(ref, failure)


def vault_set(ref: SecretRef, cloud: str, value: Secret, *, client: Any = None) -> None:
    """Add a version. Raises AccessError, UnreachableError."""
    name = _secret_name(ref)
    client = client or _vault_client(ref, cloud)
    failure: Exception | None = None
    try:
        client.set_secret(name, value.reveal())
    except Exception as problem:  # see vault_get
        failure = problem
    if failure is not None:
        raise _vault_failed(ref, failure)


def _keyring() -> Any:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise AccessError(
            "The keyring cannot be used because its library is not installed.",
            code="E-SECRET-KEYRING-ABSENT",
            hint="Install it with `pip install 'cspctl[keyring]'`, or use env:, file: or exec: instead.",
        ) from None
    return keyring


def _keyring_failed(ref: SecretRef) -> AccessError:
    return AccessError(
        f"The keyring refused {ref}.",
        code="E-SECRET-KEYRING",
        hint="Unlock the keyring or install a backend; without one, use env:, file: or exec: instead.",
    )


def _vault_client(ref: SecretRef, cloud: str) -> Any:
    vault = ref.target.partition("/")[0]
    if not VAULT_NAME.fullmatch(vault):
        raise AccessError(
            f"{ref} does not name a key vault.",
            code="E-SECRET-VAULT-NAME",
            hint="Write azure-key-vault:VAULT/NAME with the vault's name alone, not its address.",
        )
    try:
        from azure.identity import DefaultAzureCredential
        from azure.keyvault.secrets import SecretClient
    except ImportError:
        raise AccessError(
            "Azure Key Vault cannot be used because its libraries are not installed.",
            code="E-SECRET-VAULT-ABSENT",
            hint="Install them with `pip install 'cspctl[azure]'`, or use env:, file: or exec: instead.",
        ) from None
    return SecretClient(f"https://{vault}.{cloud_named(cloud).vault_suffix}", DefaultAzureCredential())


def _secret_name(ref: SecretRef) -> str:
    name = ref.target.partition("/")[2]
    if not SECRET_NAME.fullmatch(name):
        raise AccessError(
            f"{ref} does not name a secret of a key vault.",
            code="E-SECRET-VAULT-NAME",
            hint="Write azure-key-vault:VAULT/NAME; a name has letters, digits and hyphens.",
        )
    return name


def _vault_failed(ref: SecretRef, problem: Exception) -> AccessError | UnreachableError:
    if type(problem).__name__ in ("ServiceRequestError", "ServiceResponseError"):
        return UnreachableError(
            f"The key vault of {ref} did not answer.",
            code="E-SECRET-VAULT-UNREACHABLE",
            hint="Check the network and the vault's name, then run this again.",
        )
    return AccessError(
        f"The key vault refused {ref}.",
        code="E-SECRET-VAULT",
        hint="Sign in with `az login` or a managed identity that may get and set secrets in this vault.",
    )
