-- 1 once somebody began to clear an upload away: it is never received after that, since its bytes may be gone already.
ALTER TABLE photos ADD COLUMN discarded BIGINT NOT NULL DEFAULT 0;
