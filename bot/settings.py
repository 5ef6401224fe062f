"""Settings: one frozen object, read once at start from YIBENTONG_… variables or .env."""

from __future__ import annotations

import secrets
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every description is one line of the settings table in README.md."""

    model_config = SettingsConfigDict(env_prefix="YIBENTONG_", env_file=".env", frozen=True, extra="ignore")

    data_dir: Path = Field(default=Path(".data"), description="folder for the database, keys, index and built-in model")
    database_url: str = Field(default="", description="SQLAlchemy address; empty: SQLite in the data folder")
    secret_key: str = Field(default="", description="signs sessions and links; empty: made once and kept in the data folder")
    field_key: str = Field(default="", description="32 bytes in base64, encrypts residents' words; empty: made once")
    region: str = Field(default="上海市长宁区", description="region whose rules answer")
    retrieval: str = Field(default="memory", description="where indexes lie: memory, or postgres (in database_url)")
    embedding: str = Field(default="builtin", description="builtin, a sentence-transformers model, http(s)://…/v1#model, or none")
    embedding_api_key: str = Field(default="", description="key of the embedding endpoint")
    embedding_timeout_seconds: float = Field(default=10.0, gt=0, description="one request to the endpoint takes so many at most")
    embedding_threads: int = Field(default=2, ge=1, description="threads for embeddings")
    reranker: str = Field(default="none", description="cross-encoder folder or name that orders the first passages anew, or none")
    dense_weight: float = Field(default=0.45, ge=0, le=1, description="share of the dense score in ranking, 0 to 1")
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on")
    public_base_url: str = Field(default="", description="address residents reach us at, for links in WeChat; empty: none sent")
    wechat_app_id: str = Field(default="", description="Official Account AppID; empty: WeChat channel off")
    wechat_app_secret: str = Field(default="", description="Official Account AppSecret")
    wechat_token: str = Field(default="", description="token of the callback's signature")
    wechat_aes_key: str = Field(default="", description="EncodingAESKey, 43 characters; empty: plain mode only")
    wechat_aes_key_previous: str = Field(default="", description="EncodingAESKey before the last change")
    wechat_api_base: str = Field(default="https://api.weixin.qq.com", description="base address of WeChat's API")
    wechat_reply_deadline_seconds: float = Field(default=4.5, gt=0, description="passive reply after so many seconds at most")
    wechat_signature_age_seconds: int = Field(default=300, gt=0, description="callbacks signed longer ago are refused")
    max_question_chars: int = Field(default=2000, gt=0, description="longer messages are asked to be shortened")
    max_upload_megabytes: int = Field(default=20, gt=0, description="largest document to import")
    session_hours: int = Field(default=12, gt=0, description="staff sign-in lasts so many hours")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'yibentong.sqlite3'}"

    def kept_secret(self, name: str) -> str:
        """The named setting, or a random value made once and kept in the data folder, readable by this user only."""
        given: str = getattr(self, name)
        if given:
            return given
        path = self.data_dir / f"{name}.txt"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(32), encoding="ascii")
        return path.read_text(encoding="ascii").strip()
