-- Events that took effect here: a row is written in the transaction of the effect.
CREATE TABLE inbox (
    event_id TEXT PRIMARY KEY,
    received_at BIGINT NOT NULL
);

CREATE INDEX inbox_received ON inbox (received_at);
