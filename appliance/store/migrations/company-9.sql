-- What somebody wants of a bubble in his list of conversations, in the file of his own company; most bubbles have no row.
CREATE TABLE bubble_conversation (
    owner_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    bubble_id TEXT NOT NULL,
    mute INTEGER NOT NULL DEFAULT 0,
    -- Taken off the list when this was its newest message; what is said later brings it back.
    closed_us INTEGER,
    PRIMARY KEY (owner_no, bubble_id)
) STRICT, WITHOUT ROWID;

-- What is unread is counted in this index alone.
DROP INDEX bubble_message_by_bubble;
CREATE INDEX bubble_message_by_bubble ON bubble_message (bubble_no, stamp_us, sender_no, about);
