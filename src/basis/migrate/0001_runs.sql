-- Calculations (测算): one row a run of a method on an input document.
CREATE TABLE basis_run (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    method TEXT NOT NULL, -- name of the method, as in `baogong solve NAME`
    title TEXT NOT NULL, -- what the person called it
    inputs BYTES NOT NULL, -- SHA-256 of the canonical input
    version TEXT NOT NULL, -- version of the program that answers
    seconds_ms INT NOT NULL, -- wall time granted
    base INT NOT NULL, -- the run it varies; 0: none
    state INT NOT NULL, -- enum basis_state: 1 queued, 2 running, 3 done, 4 refused, 5 cancelled
    tries INT NOT NULL, -- how often it was begun
    lease_until INT NOT NULL, -- while it runs: whoever runs it has died when this moment has passed; else 0
    solver TEXT NOT NULL, -- what solved it; empty before
    seed INT, -- where chance was used
    gap_nano INT, -- proven gap in billionths, where one is known
    used_us INT, -- seconds on the clock, in millionths
    asked_by INT NOT NULL, -- account of the person; 0 the system
    asked_name TEXT NOT NULL, -- the person's name as it was then
    asked_at INT NOT NULL, -- when it was asked for
    started_at INT, -- when it was last begun
    ended_at INT, -- when it was answered, refused or cancelled
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- The same question again.
CREATE INDEX basis_run_inputs ON basis_run (city, inputs, method);

-- Input and answer of a run, kept apart from the rows that lists read.
CREATE TABLE basis_document (
    city INT NOT NULL, -- the city that owns the row
    run INT NOT NULL, -- the run
    part INT NOT NULL, -- enum basis_part: 1 input, 2 answer, 3 refusal (a problem)
    content TEXT NOT NULL, -- JSON
    PRIMARY KEY (city, run, part)
) STRICT, WITHOUT ROWID;

-- Runs that wait or are under way: what the workers look at, whatever the city.
CREATE TABLE basis_queue (
    city INT NOT NULL, -- the city that owns the row
    run INT NOT NULL, -- the run
    PRIMARY KEY (city, run)
) STRICT, WITHOUT ROWID;

-- Decisions on a run: what was adopted for which use, what was rejected, and why.
-- append-only
CREATE TABLE basis_decision (
    city INT NOT NULL, -- the city that owns the row
    run INT NOT NULL, -- the run
    id INT NOT NULL, -- server id
    part TEXT NOT NULL, -- which part of the answer, for example the code of an item; empty: all of it
    verdict INT NOT NULL, -- enum basis_verdict: 1 adopted, 2 rejected
    purpose INT NOT NULL, -- enum basis_use: 0 none, 1 order proposal, 2 draft standard, 3 standard
    item INT NOT NULL, -- the item an adopted quantity is of; 0: none
    place INT NOT NULL, -- the place it is for; 0: none
    level INT NOT NULL, -- reserve level of a standard; 0: none
    qty INT NOT NULL, -- the adopted quantity in base units; 0: none
    day INT NOT NULL, -- by which city date (order), from which (standard); 0: none
    why TEXT NOT NULL, -- why
    decided_by INT NOT NULL, -- account of the person
    decided_name TEXT NOT NULL, -- the person's name as it was then
    decided_at INT NOT NULL, -- when
    PRIMARY KEY (city, run, id)
) STRICT, WITHOUT ROWID;

-- Decisions in the order in which they were made.
CREATE INDEX basis_decision_recent ON basis_decision (city, id);
