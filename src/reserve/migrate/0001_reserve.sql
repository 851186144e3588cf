-- Reserve standards (储备标准) of an item at a place for a level: each row is one version, in force from a date until a later row.
-- append-only
CREATE TABLE reserve_standard (
    city INT NOT NULL, -- the city that owns the row
    item INT NOT NULL, -- the item
    place INT NOT NULL, -- the place
    level INT NOT NULL CHECK (level BETWEEN 1 AND 4), -- reserve level, 4 everyday … 1 highest
    from_day INT NOT NULL, -- in force from this city date (days since 1970-01-01)
    id INT NOT NULL, -- server id; of two rows for one date the later recorded one counts
    basis INT NOT NULL, -- enum reserve_basis: 1 quantity, 2 days of cover
    qty INT NOT NULL, -- basis quantity: base units; 0 ends the standard
    cover_milli INT NOT NULL, -- basis days of cover: thousandths of a day
    lead_days INT NOT NULL, -- days from an order to usable stock
    note TEXT NOT NULL, -- basis of calculation (测算依据) in words
    recorded_at INT NOT NULL, -- when it was recorded
    recorded_by INT NOT NULL, -- account of the person; 0 the system
    PRIMARY KEY (city, item, place, level, from_day, id)
) STRICT, WITHOUT ROWID;

-- History of the reserve level: each row prepares a level or puts it in force.
-- append-only
CREATE TABLE reserve_level (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    level INT NOT NULL CHECK (level BETWEEN 1 AND 4), -- the level
    state INT NOT NULL, -- enum reserve_level_state: 1 prepared, 2 in force
    from_at INT NOT NULL, -- from this moment
    recorded_at INT NOT NULL, -- when it was recorded
    recorded_by INT NOT NULL, -- account of the person; 0 the system
    why TEXT NOT NULL, -- why
    legal_basis TEXT NOT NULL, -- document it rests on; empty: none
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- The level at a moment.
CREATE INDEX reserve_level_from ON reserve_level (city, from_at);
