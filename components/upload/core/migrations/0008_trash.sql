-- When the owner deleted the photo, who may take it back for a while.
ALTER TABLE photos ADD COLUMN deleted_at BIGINT;

CREATE INDEX photos_deleted ON photos (deleted_at) WHERE deleted_at IS NOT NULL;
