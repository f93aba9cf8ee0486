-- Moments are milliseconds since 1970-01-01T00:00:00Z, UTC.

-- Mail that is to be sent. It holds no text: the secret in it is made when it is sent, so that none is stored. It names an
-- address and no account, so that asking for mail to an address that nobody has costs the same.
CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    email_key TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    -- Tries that have begun.
    attempt BIGINT NOT NULL,
    -- When it may be tried next; null once it was given up.
    next_at BIGINT,
    last_error TEXT
);

CREATE INDEX mails_due ON mails (next_at) WHERE next_at IS NOT NULL;

-- Secrets that were sent by mail, each known by its SHA-256 as base64url.
CREATE TABLE mail_tokens (
    hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- The address that it went to; another one is not verified by it.
    email_key TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX mail_tokens_of_account ON mail_tokens (account_id, kind);
