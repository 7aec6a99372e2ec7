"""The watermark's file: SQLite, blocking. Several processes may share it; each object belongs to one thread.

A row never goes back: of two rows for one chain, the one of the later beginning wins, then the one that is further. So a slow
process cannot bring back what another one has replaced.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from gateway.core.values import TenantId
from gateway.stores.engine.chain_ends import Begun, ChainEnd, Standing
from gateway.stores.errors import StoreError

_APPLICATION: Final = 0x49475741
"""SQLite's number for the kind of file, so that a stranger's file is not taken for a watermark."""
_JOURNAL_MODE: Final = slice(18, 20)
_WRITE_AHEAD_LOG: Final = b"\x02\x02"
"""What the head of a SQLite file says about its journal."""
_BUSY_SECONDS: Final = 5.0
_SCHEMA: Final = f"""
CREATE TABLE tenants (
  store TEXT NOT NULL, tenant TEXT NOT NULL, begun INTEGER NOT NULL, PRIMARY KEY (store, tenant)
) WITHOUT ROWID;
CREATE TABLE chains (
  store TEXT NOT NULL, series INTEGER NOT NULL, kind TEXT NOT NULL, tenant TEXT NOT NULL, key TEXT NOT NULL,
  position INTEGER NOT NULL, hash TEXT NOT NULL, next_number INTEGER, begun INTEGER NOT NULL,
  PRIMARY KEY (store, series, kind)
) WITHOUT ROWID;
CREATE INDEX chains_of_tenant ON chains (store, tenant);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = 1;
"""
_BEGIN_ANEW: Final = (
    "INSERT INTO tenants VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET begun = excluded.begun WHERE excluded.begun > begun"
)
_DROP_OLDER: Final = "DELETE FROM chains WHERE store = ?1 AND tenant = ?2 AND begun < ?3"
_KEEP: Final = (
    "INSERT INTO chains (store, series, kind, tenant, key, position, hash, next_number, begun) "
    "SELECT ?1, ?2, ?3, ?4, coalesce(nullif(?5, ''), "
    "(SELECT key FROM chains WHERE store = ?1 AND series = ?2 AND key <> '' LIMIT 1), ''), ?6, ?7, ?8, ?9 WHERE NOT EXISTS "
    "(SELECT 1 FROM tenants WHERE store = ?1 AND tenant = ?4 AND begun > ?9) "
    "ON CONFLICT DO UPDATE SET tenant = excluded.tenant, key = coalesce(nullif(excluded.key, ''), key), "
    "position = excluded.position, hash = excluded.hash, next_number = excluded.next_number, begun = excluded.begun "
    "WHERE (excluded.begun, excluded.position) > (chains.begun, chains.position)"
)


@cache
def _empty() -> bytes:
    """An empty watermark. The log and the journal beside the file take over its mode."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(_SCHEMA)
        data = bytearray(db.serialize())
    data[_JOURNAL_MODE] = _WRITE_AHEAD_LOG
    return bytes(data)


class WatermarkError(StoreError):
    """The watermark's file cannot be used; the text says why and what to do."""


class WatermarkFile:
    """The file. It is made when there is something to write, and not before. path: of the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None
        self._inode = 0

    def stores(self) -> list[str]:
        """The names of the stores that the file knows. Raises WatermarkError."""
        with self._reading() as db:
            rows = db.execute("SELECT store FROM tenants UNION SELECT store FROM chains ORDER BY 1") if db else ()
            return [row[0] for row in rows]

    def known(self, store: str) -> Standing:
        """What the file knows of a store; nothing when there is no file. Raises WatermarkError.

        A tenant that was begun anew and has no chain stands for one that is gone.
        """
        with self._reading() as db:
            if db is None:
                return Standing()
            begun = db.execute("SELECT tenant, begun FROM tenants WHERE store = ?", (store,)).fetchall()
            rows = db.execute(
                "SELECT tenant, series, key, kind, position, hash, next_number, begun FROM chains WHERE store = ?",
                (store,),
            ).fetchall()
        return Standing({(row[1], row[3]): ChainEnd._make(row) for row in rows}, dict(begun))

    def write(self, store: str, begun: Begun, ends: Iterable[ChainEnd]) -> None:
        """Note tenants that were begun anew, and ends of chains; durable when it returns. Raises WatermarkError.

        Chains of a tenant from before it was begun anew are forgotten.
        """
        with self._writing() as db:
            for tenant, moment in begun.items():
                db.execute(_BEGIN_ANEW, (store, tenant, moment))
                db.execute(_DROP_OLDER, (store, tenant, moment))
            db.executemany(
                _KEEP,
                (
                    (
                        store,
                        end.series,
                        end.line,
                        end.tenant,
                        end.key,
                        end.position,
                        end.hash,
                        end.next_number,
                        end.begun,
                    )
                    for end in ends
                ),
            )

    def forget(self, store: str, tenant: TenantId | None = None) -> None:
        """Forget a store, or one tenant of it, as if the file had never known it. Raises WatermarkError."""
        if not self.path.exists():
            return
        with self._writing() as db:
            for table in ("chains", "tenants"):
                db.execute(f"DELETE FROM {table} WHERE store = ?1 AND (?2 IS NULL OR tenant = ?2)", (store, tenant))

    def close(self) -> None:
        """Close the file. It may be used again."""
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        if not self.path.exists():
            yield None
            return
        with self._explained(), contextlib.closing(self._connect()) as db:
            yield db if self._is_whole(db) else None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction. A connection that has failed is not used again."""
        with self._explained():
            try:
                db = self._opened()
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            except BaseException:
                self.close()
                raise

    def _opened(self) -> sqlite3.Connection:
        """The connection for writing; made anew when somebody has moved the file away."""
        if self._db is not None and (not self.path.exists() or self.path.stat().st_ino != self._inode):
            self.close()
        if self._db is None:
            if not self.path.exists() or not self.path.stat().st_size:
                self._make()
            self._inode = self.path.stat().st_ino
            self._db = self._connect()
            self._is_whole(self._db)
        return self._db

    def _make(self) -> None:
        """Put an empty watermark in place, complete from its first instant: another process may look for it, too."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        made = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(fd, "wb") as target:
                target.write(_empty())
            if self.path.exists():
                made.replace(self.path)
            else:
                with contextlib.suppress(FileExistsError):
                    os.link(made, self.path)
        finally:
            made.unlink(missing_ok=True)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        # A power cut may take back the last seconds; a sync for each commit would slow down the store on the same disk.
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    def _is_whole(self, db: sqlite3.Connection) -> bool:
        """Whether the file has its tables; False for an empty one. Raises WatermarkError for a stranger's file."""
        (kind,) = db.execute("PRAGMA application_id").fetchone()
        if kind == _APPLICATION:
            return True
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if kind or tables:
            raise WatermarkError(f"watermark {self.path} is another program's file; give `watermark.path` another name")
        return False

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Say for people what is wrong with the file, instead of what the driver says."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise WatermarkError(
                    f"watermark {self.path} is damaged ({error}): move it away, make sure that the store is the newest one, "
                    "and start again; a new watermark is then made"
                ) from error
            raise WatermarkError(f"watermark {self.path} cannot be used: {error}") from error
        except (OSError, ValueError, TypeError) as error:
            raise WatermarkError(f"watermark {self.path} cannot be used: {error}") from error
