-- Moments are milliseconds since 1970-01-01T00:00:00Z, UTC.

-- All tokens that came of one login: the family that ends together.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- What the client called itself.
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- Null as long as it may be refreshed.
    ended_at BIGINT
);

CREATE INDEX sessions_of_account ON sessions (account_id, seen_at);

-- Each is known by its SHA-256 as base64url.
CREATE TABLE refresh_tokens (
    hash TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- The token that it was given for; null for the first one.
    parent TEXT,
    made_at BIGINT NOT NULL,
    -- When the next one was given for it, or its sibling was used in its place.
    used_at BIGINT
);

CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id, used_at);

CREATE INDEX refresh_tokens_of_parent ON refresh_tokens (parent);

-- Devices that have logged in to an account, each known by the SHA-256 of what it was given.
CREATE TABLE devices (
    hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seen_at BIGINT NOT NULL
);

CREATE INDEX devices_of_account ON devices (account_id, seen_at);
