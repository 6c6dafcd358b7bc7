-- What Rainbow's interface tells of a file's bytes.
ALTER TABLE file ADD COLUMN md5 TEXT;
-- After an end these are given back; their bytes may lie in the company's folder.
CREATE INDEX file_held ON file (no) WHERE state = 'held';

-- Small pictures of a picture, in a sealed file of their own beside it.
CREATE TABLE thumbnail (
    file_no INTEGER PRIMARY KEY REFERENCES file (no) ON DELETE CASCADE,
    wanted_ms INTEGER NOT NULL,
    -- `wanted`, `made` or `none`; what follows is of a made one only.
    state TEXT NOT NULL DEFAULT 'wanted',
    wrapped_key BLOB,
    kind TEXT,
    width INTEGER,
    height INTEGER,
    small_bytes INTEGER,
    small_md5 TEXT,
    large_bytes INTEGER,
    large_md5 TEXT
) STRICT;
CREATE INDEX thumbnail_wanted ON thumbnail (file_no) WHERE state = 'wanted';

-- Files of people whose account is deleted and that do not belong to a company (D4): when they go.
CREATE TABLE ownerless_files (
    owner_no INTEGER PRIMARY KEY,
    due_ms INTEGER NOT NULL
) STRICT;
