"""Pictures and evidence: a directory on this machine, or a bucket that many machines share.

What `put` has returned from is on disk: in a directory the file is synced, renamed into its place,
and its folders are synced; a bucket's server has acknowledged it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from scanservice.service.database import UnavailableError

ATTEMPT_SECONDS = 10
"""How long a bucket may take for one request; three are tried."""


class BlobGoneError(Exception):
    """There is no such blob (any more)."""


class Blobs(Protocol):
    """Keys are paths of letters, digits, `-`, `_`, `.` and `/`; never made from what a caller named."""

    def put_file(self, key: str, source: Path) -> None:
        """Stores a file; `source` may be moved away. Raises UnavailableError."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Stores bytes. Raises UnavailableError."""
        ...

    def get(self, key: str) -> bytes:
        """The bytes. Raises BlobGoneError, UnavailableError."""
        ...

    def files(self, keys: Sequence[str]) -> AbstractContextManager[list[Path]]:
        """Blobs as files, to be read and left as they are: their own places, or copies that go at the end.
        Raises BlobGoneError, UnavailableError."""
        ...

    def delete(self, key: str) -> None:
        """Removes a blob; one that is not there is no error. Raises UnavailableError."""
        ...

    def keys(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Every key under a folder with the time it was written, ms since 1970. Raises UnavailableError."""
        ...

    def ready(self) -> None:
        """Raises UnavailableError where blobs cannot be stored now."""
        ...


def open_blobs(place: str) -> Blobs:
    """A folder's path, or `s3://bucket/prefix` with the usual AWS_* variables."""
    return Bucket(place) if "://" in place else Directory(Path(place))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Directory:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = root / ".incoming"
        self.incoming.mkdir(parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        path = self.root / key
        if path == self.root or self.root not in path.parents or ".." in path.parts:
            raise ValueError("a blob's key leaves the store")
        return path

    def put_file(self, key: str, source: Path) -> None:
        try:
            self._settle(source, self._path(key))
        except OSError as error:
            raise UnavailableError(f"blobs: {os.strerror(error.errno or 0)}") from None

    def put(self, key: str, data: bytes) -> None:
        draft = self.incoming / secrets.token_hex(16)
        try:
            draft.write_bytes(data)
            self._settle(draft, self._path(key))
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise UnavailableError(f"blobs: {os.strerror(error.errno or 0)}") from None

    def _settle(self, source: Path, target: Path) -> None:
        """Content first, then the name, then the folders that lead to it."""
        descriptor = os.open(source, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        missing = [folder for folder in target.parents if not folder.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        _sync_folder(target.parent)
        for folder in missing:
            _sync_folder(folder.parent)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise BlobGoneError(key) from None
        except OSError as error:
            raise UnavailableError(f"blobs: {os.strerror(error.errno or 0)}") from None

    @contextlib.contextmanager
    def files(self, keys: Sequence[str]) -> Iterator[list[Path]]:
        paths = [self._path(key) for key in keys]
        for key, path in zip(keys, paths, strict=True):
            if not path.is_file():
                raise BlobGoneError(key)
        yield paths

    def delete(self, key: str) -> None:
        path = self._path(key)
        try:
            path.unlink(missing_ok=True)
            while path.parent != self.root and not any(path.parent.iterdir()):
                path = path.parent
                path.rmdir()
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            raise UnavailableError(f"blobs: {os.strerror(error.errno or 0)}") from None

    def keys(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        # What others remove meanwhile is passed over: os.walk skips a folder that is gone.
        for folder, _, names in os.walk(self.root / prefix):
            for path in (Path(folder, name) for name in names):
                if self.incoming not in path.parents:
                    with contextlib.suppress(FileNotFoundError):
                        written = path.stat().st_mtime_ns // 1_000_000
                        yield path.relative_to(self.root).as_posix(), written

    def ready(self) -> None:
        probe = self.incoming / f"ready-{os.getpid()}"
        try:
            probe.write_bytes(b"ready")
            probe.unlink()
        except OSError as error:
            raise UnavailableError(f"blobs: {os.strerror(error.errno or 0)}") from None


class Bucket:
    def __init__(self, url: str) -> None:
        self.store: ObjectStore = from_url(
            url,
            client_options={
                "timeout": f"{ATTEMPT_SECONDS}s",
                "connect_timeout": "5s",
                "allow_http": os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://"),
            },
            retry_config={"max_retries": 2},
        )

    def put_file(self, key: str, source: Path) -> None:
        try:
            obstore.put(self.store, key, source)
        except (BaseError, OSError) as error:
            raise UnavailableError(f"blobs: {type(error).__name__}") from None

    def put(self, key: str, data: bytes) -> None:
        try:
            obstore.put(self.store, key, data)
        except (BaseError, OSError) as error:
            raise UnavailableError(f"blobs: {type(error).__name__}") from None

    def get(self, key: str) -> bytes:
        try:
            return bytes(obstore.get(self.store, key).bytes())
        except FileNotFoundError:
            raise BlobGoneError(key) from None
        except (BaseError, OSError) as error:
            raise UnavailableError(f"blobs: {type(error).__name__}") from None

    @contextlib.contextmanager
    def files(self, keys: Sequence[str]) -> Iterator[list[Path]]:
        with tempfile.TemporaryDirectory(prefix="blobs-") as folder:
            yield [self._copy(key, Path(folder, str(place))) for place, key in enumerate(keys)]

    def _copy(self, key: str, target: Path) -> Path:
        try:
            with target.open("wb") as file:
                for chunk in obstore.get(self.store, key).stream(min_chunk_size=1 << 20):
                    file.write(chunk)
        except FileNotFoundError:
            raise BlobGoneError(key) from None
        except (BaseError, OSError) as error:
            raise UnavailableError(f"blobs: {type(error).__name__}") from None
        return target

    def delete(self, key: str) -> None:
        try:
            obstore.delete(self.store, key)
        except FileNotFoundError:
            pass
        except (BaseError, OSError) as error:
            raise UnavailableError(f"blobs: {type(error).__name__}") from None

    def keys(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        try:
            for batch in obstore.list(self.store, prefix or None):
                for entry in batch:
                    yield entry["path"], int(entry["last_modified"].timestamp() * 1000)
        except (BaseError, OSError) as error:
            raise UnavailableError(f"blobs: {type(error).__name__}") from None

    def ready(self) -> None:
        try:
            next(iter(obstore.list(self.store, "ready/")), None)
        except (BaseError, OSError) as error:
            raise UnavailableError(f"blobs: {type(error).__name__}") from None
