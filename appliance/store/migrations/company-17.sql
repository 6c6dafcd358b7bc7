-- Polls of bubbles (C3), in the file of the bubble's company. Questions and tally are JSON.
CREATE TABLE poll (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    bubble_no INTEGER NOT NULL REFERENCES bubble (no) ON DELETE CASCADE,
    creator_no INTEGER NOT NULL,
    title TEXT NOT NULL,
    questions TEXT NOT NULL,
    anonymous INTEGER NOT NULL,
    duration_min INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    published_ms INTEGER,
    ended_ms INTEGER,
    -- How many chose each answer, and how many voted at all.
    tally TEXT NOT NULL,
    voters INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX poll_by_bubble ON poll (bubble_no, created_ms);
CREATE INDEX poll_running ON poll (no) WHERE published_ms IS NOT NULL AND ended_ms IS NULL AND duration_min > 0;

-- What each voter chose, so that he can choose otherwise; once an anonymous poll is over only that he voted.
CREATE TABLE poll_vote (
    poll_no INTEGER NOT NULL REFERENCES poll (no) ON DELETE CASCADE,
    person_no INTEGER NOT NULL,
    ballot TEXT,
    PRIMARY KEY (poll_no, person_no)
) STRICT, WITHOUT ROWID;

-- Bubbles among somebody's favourites; their places are counted together with those of the people among them.
CREATE TABLE favorite_bubble (
    id TEXT PRIMARY KEY,
    owner_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    bubble_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    UNIQUE (owner_no, bubble_id)
) STRICT, WITHOUT ROWID;
