-- Moments are milliseconds since 1970-01-01T00:00:00Z, UTC. Ids are UUIDv7 as text: their order is that of time.

-- What has happened that somebody may have to know later. It names accounts and does not refer to them, since that an account
-- was deleted is known longer than the account.
CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    -- Null for a login that is nobody's: it is noted all the same, so that it takes as long.
    account_id TEXT,
    kind TEXT NOT NULL,
    -- The session in which it happened, or that it happened to.
    session_id TEXT,
    -- What is to be known beside the kind, such as the name of a device.
    detail TEXT NOT NULL,
    happened_at BIGINT NOT NULL
);

CREATE INDEX audit_of_account ON audit (account_id, id);

CREATE INDEX audit_happened ON audit (happened_at);
