-- Moments are milliseconds since 1970-01-01T00:00:00Z, UTC.

-- Keys of programs. The secret in a key is known by its SHA-256 as base64url.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    -- A JSON array of texts.
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- To the minute.
    used_at BIGINT
);

CREATE INDEX api_keys_of_account ON api_keys (account_id, id);
