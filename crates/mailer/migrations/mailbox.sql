-- Mail of a deployment without a mail server, for developers to read. Moments are milliseconds since 1970, UTC.
CREATE TABLE mailbox (
    id TEXT PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    received_at BIGINT NOT NULL
);

CREATE INDEX mailbox_received ON mailbox (received_at);
