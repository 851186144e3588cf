-- Tables of coefficients as the city has changed them: each row is one version; the newest counts, without any the shipped one.
-- append-only
CREATE TABLE basis_table (
    city INT NOT NULL, -- the city that owns the row
    name TEXT NOT NULL, -- drivers, staffing, kits, direct or items
    id INT NOT NULL, -- server id
    content TEXT NOT NULL, -- the table as CSV, each row with its source
    why TEXT NOT NULL, -- why it was changed
    recorded_by INT NOT NULL, -- account of the person
    recorded_name TEXT NOT NULL, -- the person's name as it was then
    recorded_at INT NOT NULL, -- when
    PRIMARY KEY (city, name, id)
) STRICT, WITHOUT ROWID;
