-- Files of this company's people (C6): what they are called, how far they are, and the key of their bytes. Whom they were
-- shared with stands in the directory; the bytes in a sealed file of their own, under `files/`.
CREATE TABLE file (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner_no INTEGER NOT NULL,
    name TEXT NOT NULL,
    extension TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    state TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Why it was refused.
    finding TEXT,
    -- Of a clean one only: until then its key is in memory alone.
    wrapped_key BLOB,
    announced_ms INTEGER NOT NULL,
    uploaded_ms INTEGER
) STRICT;
CREATE INDEX file_by_owner ON file (owner_no, announced_ms);
CREATE INDEX file_unfinished ON file (announced_ms) WHERE state = 'announced';
