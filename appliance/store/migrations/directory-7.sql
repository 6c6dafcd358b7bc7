-- Shared files (C6): whose, in which company's file they are described, and who else may see them; opaque ids only.
CREATE TABLE file (
    id TEXT PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES company (id),
    owner_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE file_viewer (
    file_id TEXT NOT NULL REFERENCES file (id) ON DELETE CASCADE,
    viewer_id TEXT NOT NULL,
    -- `user` or `room`.
    viewer_kind TEXT NOT NULL,
    added_ms INTEGER NOT NULL,
    PRIMARY KEY (file_id, viewer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_viewer_by_viewer ON file_viewer (viewer_id, added_ms);
