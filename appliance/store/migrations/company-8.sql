-- What bubbles of this company are called and what is said in them (C3). Who is in them stands in the directory.
CREATE TABLE bubble (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    topic TEXT NOT NULL,
    -- JSON: what clients keep with it, and words by which they sort it.
    custom_data TEXT NOT NULL,
    tags TEXT NOT NULL,
    -- Wishes of its organizer that clients act on, as JSON.
    wishes TEXT NOT NULL,
    avatar BLOB,
    avatar_type TEXT,
    avatar_ms INTEGER,
    created_ms INTEGER NOT NULL
) STRICT;

-- As `message`: stamp_us orders the archive, is MAM's archive id and says when.
CREATE TABLE bubble_message (
    stamp_us INTEGER PRIMARY KEY,
    bubble_no INTEGER NOT NULL REFERENCES bubble (no) ON DELETE CASCADE,
    sender_no INTEGER NOT NULL,
    sender_resource TEXT NOT NULL,
    stanza_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    change_digest BLOB,
    payload TEXT NOT NULL,
    body TEXT NOT NULL,
    about TEXT,
    changed_ms INTEGER
) STRICT;
CREATE INDEX bubble_message_by_bubble ON bubble_message (bubble_no, stamp_us);
CREATE INDEX bubble_message_by_name ON bubble_message (bubble_no, stanza_id);
CREATE INDEX bubble_message_about ON bubble_message (bubble_no, about) WHERE about IS NOT NULL;

-- How far each person has read, own people and those of other companies.
CREATE TABLE bubble_reader (
    bubble_no INTEGER NOT NULL REFERENCES bubble (no) ON DELETE CASCADE,
    person_no INTEGER NOT NULL,
    received_us INTEGER NOT NULL,
    read_us INTEGER NOT NULL,
    PRIMARY KEY (bubble_no, person_no)
) STRICT, WITHOUT ROWID;
