-- What falls due. Read across all cities by whichever process has time, so the index on the next moment is not led by the city.
CREATE TABLE work_item (
    city INT NOT NULL, -- authority; 0 the installation itself
    kind TEXT NOT NULL, -- which handler: hold.lapse
    id INT NOT NULL, -- the kind's own key, for example the hold; 0 for kinds that recur by themselves
    due_at INT NOT NULL, -- when it falls due
    next_at INT NOT NULL, -- when it may be taken: due_at, the end of a lease, or the end of a pause after a failure
    payload TEXT NOT NULL, -- for the handler
    version INT NOT NULL, -- grows when it is put again, so that the end of an older run does not take it away
    lease_owner INT NOT NULL, -- process that has taken it; 0 none
    tries INT NOT NULL, -- runs begun since it was put
    problem TEXT NOT NULL, -- code of the last failure; empty
    PRIMARY KEY (city, kind, id)
) STRICT;

-- Serves the search for what is due next.
CREATE INDEX work_item_next ON work_item (next_at);

-- How far each subscription has read the journal.
CREATE TABLE work_cursor (
    name TEXT NOT NULL PRIMARY KEY, -- the subscription
    position INT NOT NULL, -- last entry handled or passed over
    lease_owner INT NOT NULL, -- process that has it; 0 none
    lease_until INT NOT NULL -- end of its lease
) STRICT;
