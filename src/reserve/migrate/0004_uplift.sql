-- Uplifts (上浮): what multiplies the standards of items in depots, whatever level is in force, until it is ended.
-- append-only
CREATE TABLE reserve_uplift (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    factor_permille INT NOT NULL, -- 1400 is 40 % more
    from_day INT NOT NULL, -- city date from which it multiplies
    due_day INT NOT NULL, -- city date by which the raised standard is to be met
    why TEXT NOT NULL, -- why
    recorded_at INT NOT NULL, -- when it was approved or ordered
    recorded_by INT NOT NULL, -- account of the person; 0 the system
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- The items and places of an uplift.
-- append-only
CREATE TABLE reserve_uplift_cell (
    city INT NOT NULL, -- the city that owns the row
    uplift INT NOT NULL, -- the uplift
    item INT NOT NULL, -- the item
    place INT NOT NULL, -- the place
    PRIMARY KEY (city, uplift, item, place)
) STRICT, WITHOUT ROWID;

-- Ends of uplifts.
-- append-only
CREATE TABLE reserve_uplift_end (
    city INT NOT NULL, -- the city that owns the row
    uplift INT NOT NULL, -- the uplift
    ended_at INT NOT NULL, -- from this moment it multiplies no more
    why TEXT NOT NULL, -- why
    recorded_by INT NOT NULL, -- account of the person; 0 the system
    PRIMARY KEY (city, uplift)
) STRICT, WITHOUT ROWID;
