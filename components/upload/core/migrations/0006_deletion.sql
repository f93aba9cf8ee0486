-- What the worker said that it writes, before it wrote it: by this it is found when its photo is gone. It outlives the photo
-- until an event has named it, so it does not refer to it.
CREATE TABLE written (
    photo_id TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (photo_id, path)
);

-- Accounts that were deleted not long ago: what their tokens began before it was known is not received.
CREATE TABLE gone_owners (
    owner_id TEXT PRIMARY KEY,
    gone_at BIGINT NOT NULL
);

CREATE INDEX gone_owners_old ON gone_owners (gone_at);
