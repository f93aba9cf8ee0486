-- Sessions and API keys that have ended, or have to begin anew, and that the gateway may not have been told of: a row is written
-- in the transaction in which that happens, and removed once the gateway knows.
CREATE TABLE closing (
    id TEXT PRIMARY KEY,
    -- Not a reference: an account that is deleted has its sessions closed too.
    account_id TEXT NOT NULL,
    -- Milliseconds since 1970, UTC.
    ended_at BIGINT NOT NULL
);

CREATE INDEX closing_ended ON closing (ended_at);
