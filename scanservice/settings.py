"""What an operator may set, each from one environment variable; docs/configure.md is made from this file."""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "SCANSERVICE_"
MIB = 2**20


def _plain(name: str) -> AliasChoices:
    """A setting that is also read from the name without prefix that other software uses for it."""
    return AliasChoices(name, PREFIX + name, name.lower())


class Settings(BaseSettings):
    """Every setting with its default; an unknown value is an error at the start, never later."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    # Where things lie
    data: Path = Field(Path("var"), description="Folder of the embedded database, blobs, and the secret.")
    database_url: str = Field(
        "",
        validation_alias=_plain("DATABASE_URL"),
        description="`postgresql://…` for more than one machine; empty: SQLite in the data folder.",
    )
    blobs: str = Field(
        "",
        validation_alias=_plain("BLOBS"),
        description="A folder, or `s3://bucket/prefix` with the usual `AWS_*` variables; "
        "empty: a folder in the data folder.",
    )
    time_zone: str = Field(
        "Asia/Shanghai", description="Where a day begins: `today` of a case that names none."
    )
    templates: Path | None = Field(
        None, description="Folder of the template packages; empty: `templates` here, or the program's own."
    )
    secret: SecretStr | None = Field(
        None,
        description="32 or more characters, the same on every machine: peppers the keys' hashes and "
        "encrypts the hooks' secrets. Empty: made at the first start and kept in the data folder.",
    )
    checker: str = Field(
        "scanservice.service.checking:real_checker",
        description="`module:function` that makes the checker from the settings.",
    )

    # The server
    host: str = Field("127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port that `serve` listens on.")
    public_url: str = Field(
        "", description="How browsers reach the service, such as `https://sign.example.edu.cn`; for links."
    )
    trusted_proxies: str = Field(
        "", description="Addresses of reverse proxies whose `X-Forwarded-*` is believed, comma-separated."
    )
    open_on_loopback: bool = Field(
        True,
        description="Calls from this machine to a loopback address need no key until the first is made.",
    )
    workers: int | None = Field(
        None,
        ge=0,
        le=256,
        description="Worker processes that `serve` and `worker` start; empty: as many as cores.",
    )

    # Limits of an upload
    max_files: int = Field(20, ge=1, le=100, description="Files in one upload.")
    max_file_bytes: int = Field(30 * MIB, ge=1, description="Bytes of one file.")
    max_upload_bytes: int = Field(100 * MIB, ge=1, description="Bytes of one upload.")
    max_json_bytes: int = Field(2 * MIB, ge=1024, description="Bytes of any other request.")
    backlog: int = Field(2000, ge=1, description="Scans that may wait; beyond it uploads get 429.")
    waiting_per_case: int = Field(3, ge=1, description="Scans of one case that may wait; beyond it 429.")

    # Limits of one check
    check_seconds: float = Field(120, gt=0, description="Wall time that one check may take.")
    check_cpu_seconds: float = Field(120, gt=0, description="Processor time that one check may take.")
    check_memory_bytes: int = Field(
        4096 * MIB, ge=256 * MIB, description="Address space of the process that checks."
    )
    recycle_after: int = Field(200, ge=1, description="Checks after which a checking process is replaced.")
    tries: int = Field(
        5, ge=1, description="Attempts at a scan whose worker vanishes; then people look at it."
    )
    lease_seconds: float = Field(
        20, ge=1, description="How long a silent worker keeps its work before another takes it over."
    )

    # People and programs
    link_hours: float = Field(
        72, gt=0, le=24 * 60, description="Life of a student's link, unless asked otherwise."
    )
    session_hours: float = Field(12, gt=0, description="Life of a reviewer's session.")
    session_idle_minutes: float = Field(120, gt=0, description="Idle time that ends a reviewer's session.")
    undo_seconds: float = Field(8, ge=0, le=60, description="How long a reviewer may take a decision back.")
    login_rate: str = Field("10/minute", description="Log-in attempts from one address.")
    link_rate: str = Field("60/minute", description="Uses of links from one address.")
    upload_rate: str = Field("1200/minute", description="Uploads by one key, link or address.")
    oidc_issuer: str = Field("", description="Issuer of the single sign-on; empty: local accounts only.")
    oidc_client_id: str = Field("", description="Client id at the issuer.")
    oidc_client_secret: SecretStr | None = Field(None, description="Client secret at the issuer.")
    oidc_role_claim: str = Field("roles", description="Claim that lists a person's roles.")

    # Webhooks
    hook_hours: float = Field(72, gt=0, description="How long a delivery is tried.")
    hook_seconds: float = Field(10, gt=0, le=60, description="How long a receiver may take to answer.")
    hook_first_delay: float = Field(5, gt=0, description="Seconds before the second attempt; it doubles.")
    hooks_allow: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (),
        description="Private networks that webhooks may reach, such as `10.0.0.0/8,127.0.0.0/8`; "
        "plain http is allowed there alone.",
    )

    # Retention, counted from the day that a scan was decided or superseded, else from its arrival
    keep_pictures_days: float = Field(180, gt=0, description="Days that uploaded pictures are kept.")
    keep_evidence_days: float = Field(365, gt=0, description="Days that measurements and readings are kept.")
    keep_verdicts_days: float = Field(1095, gt=0, description="Days that verdicts and decisions are kept.")

    @field_validator("hooks_allow", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("needs 32 characters or more")
        return value

    def environment(self) -> dict[str, str]:
        """The settings as variables for a child process: those that are not the default."""
        found = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value == field.default:
                continue
            if isinstance(value, SecretStr):
                value = value.get_secret_value()
            found[PREFIX + name.upper()] = (
                ",".join(str(part) for part in value) if isinstance(value, tuple) else str(value)
            )
        return found

    @property
    def database(self) -> str:
        """SQLAlchemy's URL of the database, with the driver named."""
        if not self.database_url:
            return f"sqlite:///{(self.data / 'scanservice.db').absolute()}"
        for scheme in ("postgresql://", "postgres://"):
            if self.database_url.startswith(scheme):
                return "postgresql+psycopg://" + self.database_url.removeprefix(scheme)
        return self.database_url

    @property
    def blob_place(self) -> str:
        return self.blobs or str((self.data / "blobs").absolute())

    @property
    def slots(self) -> int:
        return self.workers if self.workers is not None else (os.cpu_count() or 1)

    @property
    def loopback(self) -> bool:
        """Whether the server can be reached from this machine alone."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
