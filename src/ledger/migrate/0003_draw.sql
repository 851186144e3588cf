-- What left the stock of a place for use, for a receiver or for another place, by city date: the base of burn and days of cover.
CREATE TABLE draw_day (
    city INT NOT NULL, -- the city that owns the row
    day INT NOT NULL, -- city date of occurrence (days since 1970-01-01)
    place INT NOT NULL, -- the place that gave or used it
    item INT NOT NULL, -- the item
    known_day INT NOT NULL, -- city date of the record
    qty INT NOT NULL, -- base units drawn, less what was taken back
    PRIMARY KEY (city, day, place, item, known_day)
) STRICT, WITHOUT ROWID;
