-- Moments are milliseconds since 1970-01-01T00:00:00Z, UTC. Ids are UUIDv7 as text: their order is that of time.

CREATE TABLE photos (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL,
    title TEXT NOT NULL,
    -- `uploading` is seen by nobody: the row is there before the bytes, so that no bytes are ever without a row.
    status TEXT NOT NULL CHECK (status IN ('uploading', 'received', 'processed', 'rejected')),
    rejection TEXT,
    bytes BIGINT,
    sha256 TEXT,
    width BIGINT,
    height BIGINT,
    -- Tries at decoding that have begun and have not reported anything.
    attempts BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    CHECK ((status = 'rejected') = (rejection IS NOT NULL)),
    CHECK ((status = 'uploading') = (sha256 IS NULL)),
    CHECK ((status = 'processed') = (width IS NOT NULL AND height IS NOT NULL))
);

CREATE INDEX photos_of_owner ON photos (owner_id, id);

CREATE INDEX photos_unfinished ON photos (created_at) WHERE status = 'uploading';

CREATE TABLE renditions (
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (photo_id, name)
);
