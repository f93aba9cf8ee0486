-- Moments are milliseconds since 1970-01-01T00:00:00Z, UTC.

ALTER TABLE accounts ADD COLUMN totp_enabled BIGINT NOT NULL DEFAULT 0;

-- Secrets of authenticators (RFC 6238). They cannot be kept as hashes, since codes are made of them.
CREATE TABLE totp (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    secret BLOB NOT NULL,
    -- The session that has set it up, which is the one that confirms it.
    session_id TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    -- Null until a code of it was shown.
    confirmed_at BIGINT,
    -- The last step whose code was used: it and those before it are refused.
    last_step BIGINT NOT NULL
);

-- Codes for who has lost the authenticator, each known by its SHA-256 as base64url, and used once.
CREATE TABLE recovery_codes (
    hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE INDEX recovery_codes_of_account ON recovery_codes (account_id);
