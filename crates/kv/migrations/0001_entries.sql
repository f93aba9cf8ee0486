CREATE TABLE entries (
    name TEXT PRIMARY KEY,
    -- An entry is either bytes, or a number that can be counted on; bytes that are a number in decimals are kept as one.
    bytes BLOB,
    number BIGINT,
    -- Milliseconds since 1970, UTC. What has expired is not there, though its row may be for a while.
    expires_at BIGINT,
    CHECK ((bytes IS NULL) <> (number IS NULL))
);

CREATE INDEX entries_expiring ON entries (expires_at) WHERE expires_at IS NOT NULL;
