"""What sign-in libraries look up before they sign in: metadata, keys, and which hosts are one and the same."""

from __future__ import annotations

from starlette.requests import Request

from cspctl.emulator.context import Answer
from cspctl.emulator.serving.front import PlainRoute
from cspctl.emulator.serving.protocol import World
from cspctl.emulator.settings import VENDOR_HOSTS
from cspctl.emulator.signin.authority import SHARED_TENANTS, SignInError, tenant_of
from cspctl.emulator.signin.identity_tokens import IdentityTokens


class Discovery:
    def __init__(self, world: World, identity: IdentityTokens) -> None:
        self._world, self._identity = world, identity

    def routes(self) -> list[PlainRoute]:
        return [
            PlainRoute("GET", "/{tenant}/v2.0/.well-known/openid-configuration", self._metadata),
            PlainRoute("GET", "/{tenant}/.well-known/openid-configuration", self._metadata),
            PlainRoute("GET", "/{tenant}/discovery/v2.0/keys", self._keys),
            PlainRoute("GET", "/{tenant}/discovery/keys", self._keys),
            PlainRoute("GET", "/{tenant}/discovery/instance", self._instance),
        ]

    async def _metadata(self, request: Request) -> Answer:
        name, base = request.path_params["tenant"], base_of(self._world, request)
        try:
            tenant = name if name in SHARED_TENANTS else tenant_of(self._world.store, name)
        except SignInError as error:
            return error.answer(self._world.clock)
        root = f"{base}/{name}"
        return Answer(
            200,
            {
                "issuer": issuer_of(self._world, request, tenant),
                "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
                "token_endpoint": f"{root}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{root}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "response_types_supported": ["code", "code id_token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "tid"],
            },
        )

    async def _keys(self, request: Request) -> Answer:
        return Answer(200, {"keys": self._identity.keys()})

    async def _instance(self, request: Request) -> Answer:
        hosts = sorted(host for host in VENDOR_HOSTS if host.startswith("login."))
        metadata = [{"preferred_network": h, "preferred_cache": h, "aliases": [h]} for h in hosts]
        endpoint = f"{base_of(self._world, request)}/common/v2.0/.well-known/openid-configuration"
        return Answer(200, {"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": metadata})


def base_of(world: World, request: Request) -> str:
    """The address to come back to. Sign-in libraries accept https only, so plain http names the TLS port."""
    host = request.headers.get("host", "")
    over_tls = request.url.scheme == "https" or host in VENDOR_HOSTS
    return f"https://{host}" if over_tls else world.tls_base


def issuer_of(world: World, request: Request, tenant: str) -> str:
    return f"{base_of(world, request)}/{tenant}/v2.0"
