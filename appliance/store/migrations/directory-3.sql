-- What was answered so far while the box is set up in a browser; empty from the end of the setup on. Nothing secret.
CREATE TABLE setup_answer (
    step TEXT PRIMARY KEY,
    -- JSON, as the step checked it.
    answer TEXT NOT NULL
) STRICT, WITHOUT ROWID;
