"""Every setting: name, default, unit, description. Read from `CAMPAIGN_*` variables and a `.env` file.

Built once per process and handed down. `docs/settings.md` is tested against these fields.
"""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from campaign.errors import ConfigurationError

PREFIX = "CAMPAIGN_"


class Settings(BaseSettings):
    """What can be set from outside. Frozen: a process sees one set of values for its life."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    # Where things are
    home: Path = Field(Path(".campaign"), description="Folder of the embedded stores, logs and uploads")
    database_url: SecretStr | None = Field(None, description="PostgreSQL address; unset starts the embedded one")
    redis_url: SecretStr | None = Field(None, description="Redis address; unset starts the embedded one")
    secret_key: SecretStr | None = Field(
        None, description="Key of the tokens stored encrypted; several, comma-separated: the first encrypts"
    )
    debug: bool = Field(False, description="Show the traceback of an unexpected error")
    receiver_host: str = Field("127.0.0.1", description="Address that the webhook receiver listens on")
    receiver_port: int = Field(8000, ge=0, le=65535, description="Port of the webhook receiver")

    # Sending
    claim_batch: int = Field(50, ge=1, le=500, description="Messages claimed in one transaction")
    lanes_per_sender: int = Field(2, ge=1, le=64, description="Chains of tasks that send for one sender at once")
    lane_run_s: float = Field(3.0, gt=0, description="Longest a lane works before it hands its place on, seconds")
    lane_ttl_s: float = Field(4.0, gt=0, description="Silence after which a lane counts as dead, seconds")
    lease_s: float = Field(60.0, gt=0, description="How long a claim belongs to its worker, seconds")
    departure_s: float = Field(5.0, gt=0, description="Longest time from a claim to its request, seconds")
    send_timeout_s: float = Field(20.0, gt=0, description="Longest wait for the platform's answer, seconds")
    connect_timeout_s: float = Field(5.0, gt=0, description="Longest wait for a connection to the platform, seconds")
    send_connections: int = Field(256, ge=1, le=1000, description="Connections to the platform per worker process")
    permit_horizon_s: float = Field(0.15, gt=0, le=1, description="How far ahead permits are reserved, seconds")
    permit_late_s: float = Field(0.008, gt=0, description="Lateness at which a permit is void, seconds")
    record_batch: int = Field(200, ge=1, le=2000, description="Outcomes written in one transaction at most")
    record_patience_s: float = Field(
        300.0, gt=0, description="How long unwritten outcomes wait for the database, seconds"
    )
    rate_margin: float = Field(0.03, ge=0, lt=0.5, description="Share of the rate kept free for network jitter")
    brake_s: float = Field(
        5.0, gt=0, description="Full stop after the platform throttled, without Retry-After, seconds"
    )
    brake_recovery_s: float = Field(60.0, gt=0, description="Time to climb from half the rate to all of it, seconds")
    hold_after: int = Field(50, ge=1, description="Held messages after which a campaign waits for the verdict")
    hold_guard_s: float = Field(7200.0, gt=0, description="Longest wait for that verdict, seconds")
    failure_window_s: float = Field(60.0, gt=0, description="How far back the share of failures is taken, seconds")
    failure_last: int = Field(
        200, ge=1, description="Messages of which it is taken where a campaign is so slow that they take longer"
    )
    failure_bounds: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Other bounds than the built-in ones, comma-separated, such as no_answer=0.8"
    )
    flagged_share: float = Field(
        0.5, gt=0, le=1, description="Share of the rate for a number or template that WhatsApp has flagged"
    )
    tier_reserve: float = Field(0.0, ge=0, lt=1, description="Share of the messaging limit kept for other traffic")
    pair_interval_s: float = Field(6.0, ge=0, description="Least time between two messages to one person, seconds")
    retry_backoff_s: float = Field(2.0, gt=0, description="First wait before a passing fault is retried, seconds")
    retry_backoff_max_s: float = Field(300.0, gt=0, description="Longest wait between such retries, seconds")
    retry_limit: int = Field(6, ge=0, description="Retries of a passing fault before a message fails")
    marketing_retry_delays_s: Annotated[tuple[float, ...], NoDecode] = Field(
        (86400.0, 172800.0, 345600.0), description="Waits after each 131049, comma-separated, seconds"
    )
    marketing_retry_floor_s: float = Field(
        86400.0, ge=0, description="Least wait after 131049; lower only in tests, seconds"
    )

    # Reconciliation
    beat_interval_s: float = Field(1.0, gt=0, description="Pace of the dispatcher and of the inbox, seconds")
    heartbeat_interval_s: float = Field(5.0, gt=0, le=20, description="Pace of beat's signs of life, seconds")
    sweep_interval_s: float = Field(5.0, gt=0, description="Pace of the sweeps, seconds")
    uncertain_grace_s: float = Field(900.0, ge=0, description="Least wait before absence can be proven, seconds")
    webhook_retry_s: float = Field(
        604800.0, ge=0, description="How long the provider tries to bring a webhook that found nobody, seconds"
    )
    ttl_buffer_s: float | None = Field(None, ge=0, description="Replaces both buffers after a TTL, seconds")
    default_window: str | None = Field(
        None, description="Sending window of campaigns that name none, such as 09:00-20:00; unset is any hour"
    )
    late_start_s: float = Field(3600.0, ge=0, description="How late a missed start is still caught up, seconds")
    media_interval_s: float = Field(60.0, gt=0, description="Pace of uploading and renewing files, seconds")
    template_refresh_s: float = Field(600.0, gt=0, description="Pace of re-reading templates, seconds")
    sender_refresh_s: float = Field(600.0, gt=0, description="Pace of re-reading what numbers may do, seconds")

    # Webhooks
    webhook_max_bytes: int = Field(4 * 1024 * 1024, gt=0, description="Largest webhook body, bytes")
    webhook_queue: int = Field(10_000, gt=0, description="Webhooks waiting for their commit before 503 is answered")
    webhook_commit_ms: float = Field(3.0, ge=0, description="Time in which webhooks are gathered into one commit, ms")
    webhook_batch: int = Field(8000, gt=0, description="Webhooks applied in one transaction, where so many wait")
    webhook_batch_bytes: int = Field(
        4 * 1024 * 1024, gt=0, description="Bodies applied in one transaction, at least one, bytes"
    )
    webhook_memory_bytes: int = Field(
        256 * 1024 * 1024, gt=0, description="Bodies held in memory at once before 503 is answered, bytes"
    )
    webhook_read_timeout_s: float = Field(10.0, gt=0, description="Longest wait for a webhook's body, seconds")
    webhook_commit_timeout_s: float = Field(5.0, gt=0, description="Longest wait for a commit, seconds")
    webhook_senders_s: float = Field(5.0, gt=0, description="How long the receiver remembers the senders, seconds")
    webhook_connections: int = Field(4000, gt=0, description="Connections to the receiver at once")
    webhook_retention_days: float = Field(30.0, ge=1, description="How long webhooks are kept, days")
    webhook_silence_s: float = Field(
        600.0, gt=0, description="Age from which an accepted message without a webhook is a gap, seconds"
    )
    history_after_s: float = Field(
        3600.0, gt=0, description="Age of an acceptance without a webhook from which Meta's history is asked, seconds"
    )
    history_interval_s: float = Field(300.0, gt=0, description="Pace of asking Meta's message history, seconds")
    history_calls_per_h: int = Field(
        100, ge=0, description="Most questions to Meta's message history in an hour, for each account; 0: none"
    )

    # Replies
    stop_words: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="More words by which a reply opts out, beside the built-in ones, comma-separated"
    )
    start_words_opt_in: bool = Field(False, description="Let a reply such as START opt in again")
    opt_out_confirmation: str | None = Field(
        None, max_length=1000, description="Text that answers an opt-out once, while the window is open; unset: none"
    )
    confirmation_interval_s: float = Field(2.0, gt=0, description="Pace of answering opt-outs, seconds")
    reply_window_s: float = Field(
        259_200.0, gt=0, description="How long after a message a reply counts for its campaign, seconds"
    )

    # Console
    tally_interval_s: float = Field(2.0, gt=0, description="Pace of counting what pages show, seconds")
    console_host: str = Field("127.0.0.1", description="Address that the console and the API listen on")
    console_port: int = Field(8002, ge=0, le=65535, description="Port of the console and the API")
    console_url: str | None = Field(None, description="Address of the console as browsers see it, behind a proxy")
    session_idle_s: float = Field(8 * 3600.0, gt=0, description="Idle time after which one signs in again, seconds")
    session_max_s: float = Field(7 * 86400.0, gt=0, description="Time after which one signs in again anyway, seconds")
    approval_above: int | None = Field(
        None, ge=0, description="Messages above which a launch wants a second person's word; unset: never"
    )
    confirm_above: int = Field(1000, ge=0, description="Messages above which a launch is confirmed by typing its name")
    api_rate: float = Field(20.0, gt=0, description="Requests of one API key over time, per second")
    api_burst: int = Field(100, ge=1, description="Requests of one API key that may come at once")
    query_variables: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Variables with a database's address that the API and the console may ask, comma-separated"
    )

    # Notices to other systems
    notice_interval_s: float = Field(2.0, gt=0, description="Pace of telling subscribers, seconds")
    notice_timeout_s: float = Field(10.0, gt=0, le=60, description="Longest wait for a subscriber's answer, seconds")
    notice_waiting: int = Field(10_000, ge=1, description="Notices that wait for one subscriber; older are given up")
    notice_retention_days: float = Field(30.0, ge=1, description="How long delivered notices are kept, days")
    notice_loopback: bool = Field(False, description="Let notices go to this machine, without TLS; for tests")

    # People
    us_marketing: bool = Field(
        False, description="Let new campaigns send marketing to American numbers, which WhatsApp does not deliver"
    )
    seal_interval_s: float = Field(60.0, gt=0, description="Pace of sealing new consent events, seconds")
    seal_events: int = Field(10_000, ge=1, le=100_000, description="Consent events under one seal at most")
    consent_watch_events: int = Field(
        50_000, ge=1, description="Sealed consent events held against their seals after each turn of sealing"
    )
    erasure_key: SecretStr | None = Field(
        None, description="Key of the hashes that know erased people again; unset: a file of its own in the home"
    )

    # Audience
    import_chunk_rows: int = Field(20_000, gt=0, description="Rows of a list read at once")
    list_max_bytes: int = Field(1_000_000_000, gt=0, description="Largest list, as a file or an upload, bytes")
    unpacked_max_bytes: int = Field(4_000_000_000, gt=0, description="Largest list once it is unpacked, bytes")
    workbook_memory_bytes: int = Field(1_500_000_000, gt=0, description="Memory to open a workbook in, bytes")
    workbook_timeout_s: float = Field(300.0, gt=0, description="Longest time to open a workbook, seconds")
    query_timeout_s: float = Field(300.0, gt=0, description="Longest time a query for a list may take, seconds")

    @field_validator("marketing_retry_delays_s", "stop_words", "failure_bounds", "query_variables", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    def __init__(self, **values: object) -> None:
        try:
            super().__init__(**values)  # type: ignore[arg-type]
        except ValidationError as error:
            raise ConfigurationError(_in_words(error)) from None

    @property
    def answer_timeout_s(self) -> float:
        """Longest wait for an answer that still ends well within the lease, seconds."""
        return min(self.send_timeout_s, 0.6 * self.lease_s)

    @property
    def departure_window_s(self) -> float:
        """Longest time from a claim to its request that leaves room for the answer within the lease, seconds."""
        return min(self.departure_s, self.lease_s - self.answer_timeout_s)

    @property
    def leaves_within_s(self) -> float:
        """Longest time from a claim until its request has left, a new connection included, seconds."""
        return self.departure_window_s + self.connect_timeout_s

    @property
    def marketing_retry_delays(self) -> list[timedelta]:
        """The waits after each 131049, none shorter than the floor."""
        return [timedelta(seconds=max(s, self.marketing_retry_floor_s)) for s in self.marketing_retry_delays_s]


@cache
def current_settings() -> Settings:
    """The settings of this process."""
    return Settings()


def unread_variables(environment: dict[str, str]) -> list[str]:
    """Names of `CAMPAIGN_*` variables that no field reads: misspelt or gone."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    return sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known)


def _in_words(error: ValidationError) -> str:
    first = error.errors()[0]
    name = f"{PREFIX}{'.'.join(str(part) for part in first['loc'])}".upper()
    return f"{name}={first['input']!r} is not usable: {first['msg']}; correct the variable or unset it"
