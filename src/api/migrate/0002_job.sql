-- Uploaded tables on their way in: looked at first, imported when somebody says so.
CREATE TABLE import_job (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    account INT NOT NULL, -- who uploaded it
    kind TEXT NOT NULL, -- kind of record: items, places, …
    name TEXT NOT NULL, -- name of the file, for people
    rules TEXT NOT NULL, -- the mapping as JSON; empty: none
    digest TEXT NOT NULL, -- SHA-256 of the content, in hex
    content BYTES, -- the file; NULL once it is imported
    found TEXT NOT NULL, -- what the look at it found, as JSON
    errors BYTES, -- the error file (CSV); NULL: no errors
    state INT NOT NULL, -- 1 looked at, 2 imported
    result TEXT NOT NULL, -- the summary of the import as JSON; empty before
    made_at INT NOT NULL, -- when it was uploaded
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;
