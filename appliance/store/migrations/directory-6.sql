-- Bubbles (C3): who is in which, and as what, by opaque ids. What is said in one stands in the file of its company.
CREATE TABLE bubble (
    id TEXT PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES company (id),
    owner_id TEXT NOT NULL,
    archived INTEGER NOT NULL,
    shares_history INTEGER NOT NULL,
    -- Deleted for everybody; its content goes next (D5).
    deleted INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bubble_deleted ON bubble (company_id) WHERE deleted = 1;

CREATE TABLE bubble_member (
    bubble_id TEXT NOT NULL REFERENCES bubble (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    moderator INTEGER NOT NULL,
    added_ms INTEGER NOT NULL,
    reads_from_ms INTEGER NOT NULL,
    reads_until_ms INTEGER,
    PRIMARY KEY (bubble_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bubble_member_by_user ON bubble_member (user_id);
