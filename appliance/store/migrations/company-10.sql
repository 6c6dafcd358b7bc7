-- What somebody wants of a bubble in his list of conversations, in the file of his own company; most bubbles have no row.
CREATE TABLE bubble_conversation (
    owner_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    bubble_id TEXT NOT NULL,
    mute INTEGER NOT NULL DEFAULT 0,
    -- Taken off the list when this was its newest message; what is said later brings it back.
    closed_us INTEGER,
    -- Where he put his bookmark.
    bookmark_us INTEGER,
    PRIMARY KEY (owner_no, bubble_id)
) STRICT, WITHOUT ROWID;
ALTER TABLE conversation ADD COLUMN bookmark_us INTEGER;

-- Messages that somebody keeps at hand, by their places alone: what is deleted elsewhere (C8) stays nowhere.
CREATE TABLE pin (
    id TEXT PRIMARY KEY,
    owner_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    peer_id TEXT NOT NULL,
    in_bubble INTEGER NOT NULL,
    message_us INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (owner_no, in_bubble, peer_id, message_us)
) STRICT, WITHOUT ROWID;

-- What is unread is counted in this index alone.
DROP INDEX bubble_message_by_bubble;
CREATE INDEX bubble_message_by_bubble ON bubble_message (bubble_no, stamp_us, sender_no, about);
