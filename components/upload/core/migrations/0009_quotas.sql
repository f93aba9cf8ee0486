-- What an account has is counted and added up when it sends a photo: all of it is in this index. Of what has not come whole there are
-- no bytes.
CREATE INDEX photos_bytes_of_owner ON photos (owner_id, bytes);
