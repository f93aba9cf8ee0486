-- What owners say about their photos. Those that are there already were seen by their owners only, and stay so.
ALTER TABLE photos ADD COLUMN owner_handle TEXT NOT NULL DEFAULT '';
ALTER TABLE photos ADD COLUMN description TEXT NOT NULL DEFAULT '';
-- A JSON array.
ALTER TABLE photos ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE photos ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private'
    CHECK (visibility IN ('public', 'unlisted', 'private'));
