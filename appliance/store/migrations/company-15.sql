-- Folders into which somebody puts bubbles, in the file of his own company; a bubble is in one of them, or in none.
CREATE TABLE bubble_container (
    id TEXT PRIMARY KEY,
    owner_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bubble_container_by_owner ON bubble_container (owner_no);

CREATE TABLE contained_bubble (
    owner_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    bubble_id TEXT NOT NULL,
    container_id TEXT NOT NULL REFERENCES bubble_container (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_no, bubble_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contained_bubble_by_container ON contained_bubble (container_id);

-- What somebody says of himself beside his presence (C2), until it ends by itself.
CREATE TABLE custom_status (
    user_no INTEGER PRIMARY KEY REFERENCES user (no) ON DELETE CASCADE,
    text TEXT NOT NULL,
    emoji TEXT NOT NULL,
    until_ms INTEGER
) STRICT;
