-- The doors of bubbles (C4, C5): whom their links let in, who waits, who is a guest.
ALTER TABLE bubble ADD COLUMN door TEXT NOT NULL DEFAULT 'unlock';
ALTER TABLE bubble_member ADD COLUMN guest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bubble_member ADD COLUMN put_out INTEGER NOT NULL DEFAULT 0;

CREATE TABLE bubble_waiting (
    bubble_id TEXT NOT NULL REFERENCES bubble (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    guest INTEGER NOT NULL,
    PRIMARY KEY (bubble_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bubble_waiting_by_user ON bubble_waiting (user_id);

-- Token and password are computed from the seeds under keys of the box; a link is looked up by the keyed hash of its token.
CREATE TABLE bubble_link (
    bubble_id TEXT PRIMARY KEY REFERENCES bubble (id) ON DELETE CASCADE,
    seed BLOB NOT NULL,
    token_hash BLOB NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE bubble_password (
    bubble_id TEXT PRIMARY KEY REFERENCES bubble (id) ON DELETE CASCADE,
    seed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
