-- Companies that were written out in clear (D6): when, and where to as whoever did it said. It stays when the company goes.
CREATE TABLE company_export (
    no INTEGER PRIMARY KEY,
    company_id TEXT NOT NULL,
    target TEXT NOT NULL,
    begun_ms INTEGER NOT NULL
) STRICT;
