-- Proposals (提请): what one person asks for and another approves before it takes effect. A telephone order of the leader on duty
-- (先调拨、后补手续) takes effect at once; its approval and document number follow and are chased.
CREATE TABLE reserve_proposal (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    kind INT NOT NULL, -- enum reserve_proposal_kind
    state INT NOT NULL, -- enum reserve_proposal_state
    approval INT NOT NULL, -- the approval that votes are cast on
    object INT NOT NULL, -- what it ends or changes; 0: nothing
    level INT NOT NULL, -- kind level: the level; else 0
    step INT NOT NULL, -- kind level: enum reserve_level_state; else 0
    mode INT NOT NULL, -- kind mode: enum reserve_mode; else 0
    rehearsal INT NOT NULL, -- 1: a rehearsal (演练)
    factor_permille INT NOT NULL, -- kind uplift: 1400 is 40 % more; else 0
    from_day INT NOT NULL, -- kind uplift: city date from which it multiplies; else 0
    due_day INT NOT NULL, -- kind uplift: city date by which it is to be full; else 0
    why TEXT NOT NULL, -- why
    legal_basis TEXT NOT NULL, -- document it rests on; empty: none
    requested_by INT NOT NULL, -- account of the person who asked; 0 the system
    requested_name TEXT NOT NULL, -- that person's name as it was then
    requested_at INT NOT NULL, -- when
    leader TEXT NOT NULL, -- telephone order: name of the leader who gave it; else empty
    papers_due_at INT NOT NULL, -- telephone order: by when approval and document number are there; else 0
    paper TEXT NOT NULL, -- telephone order: document number (文号) supplied afterwards; empty: not yet
    decided_by INT NOT NULL, -- account of who approved or refused; 0: nobody yet
    decided_name TEXT NOT NULL, -- that person's name as it was then
    decided_at INT NOT NULL, -- when; 0: not yet
    note TEXT NOT NULL, -- what the approver said
    made INT NOT NULL, -- id of what came of it (level row, uplift, mode); 0: nothing yet
    chased INT NOT NULL, -- how often missing papers were chased
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Who asked for and who approved a row of a history.
CREATE INDEX reserve_proposal_made ON reserve_proposal (city, made);

-- What is still open.
CREATE INDEX reserve_proposal_state ON reserve_proposal (city, state, id);

-- Lines of a proposal: drafts of standards, or the cells of an uplift.
-- append-only
CREATE TABLE reserve_proposal_line (
    city INT NOT NULL, -- the city that owns the row
    proposal INT NOT NULL, -- the proposal
    id INT NOT NULL, -- server id; a standard keeps it when it is approved
    item INT NOT NULL, -- the item
    place INT NOT NULL, -- the place, as in reserve_standard
    level INT NOT NULL, -- reserve level of a standard; 0: an uplift
    from_day INT NOT NULL, -- in force from this city date
    basis INT NOT NULL, -- enum reserve_basis; 0: an uplift
    qty INT NOT NULL, -- as in reserve_standard
    cover_milli INT NOT NULL, -- as in reserve_standard
    lead_days INT NOT NULL, -- as in reserve_standard
    run INT NOT NULL, -- basis engine: the calculation it was adopted from; else 0
    note TEXT NOT NULL, -- basis of calculation in words
    PRIMARY KEY (city, proposal, id)
) STRICT, WITHOUT ROWID;

-- The line from which a standard came.
CREATE INDEX reserve_proposal_line_id ON reserve_proposal_line (city, id);
