-- Rows that an import has taken in, so that the same file again changes nothing.
CREATE TABLE import_key (
    city INT NOT NULL, -- the city that owns the row
    kind INT NOT NULL, -- kind of record: 1 movement
    key BYTES NOT NULL, -- SHA-256 of what the row is: its id elsewhere, its reference, or its content and how many same rows stood above it
    target INT NOT NULL, -- the document that it became part of
    PRIMARY KEY (city, kind, key)
) STRICT, WITHOUT ROWID;
