-- Settings of a city's ledger. A city without a row has the defaults of ledger.h.
CREATE TABLE ledger_city (
    city INT NOT NULL PRIMARY KEY, -- the city
    offset_min INT NOT NULL, -- minutes that the city's time is ahead of UTC
    open_days INT NOT NULL, -- how many days back a movement may be dated, counted from today
    open_from INT NOT NULL, -- no movement may be dated before this date, whatever open_days says (days since 1970-01-01)
    review_hours INT NOT NULL, -- time to settle a review
    late_max_days INT NOT NULL, -- the longest delay between occurrence and record seen so far, in days; bounds as-of queries
    version INT NOT NULL -- grows with every change of the settings
) STRICT, WITHOUT ROWID;

-- Items of the catalogue (物资品种): what can be stored, in which base unit.
CREATE TABLE item (
    city INT NOT NULL, -- the city whose catalogue this is
    id INT NOT NULL, -- server id
    code TEXT NOT NULL, -- the city's own code, unique
    name_zh TEXT NOT NULL, -- Chinese name
    name_en TEXT NOT NULL, -- English name
    spec TEXT NOT NULL, -- specification (规格型号)
    unit TEXT NOT NULL, -- base unit in which every quantity is counted (件, 个, 毫升)
    category TEXT NOT NULL, -- category, free text
    class_code TEXT NOT NULL, -- classification code of seven digits, or empty
    storage TEXT NOT NULL, -- storage class: normal, cool, cold, frozen, flammable, controlled
    shelf_life_days INT NOT NULL, -- days from making to expiry; 0 unknown
    order_min INT NOT NULL, -- smallest order in base units; 0 any
    lotted INT NOT NULL, -- 1: every movement names a lot
    key_item INT NOT NULL, -- 1: stands in the situation's matrix (重点物资)
    active INT NOT NULL, -- 0: nothing new may be received
    version INT NOT NULL, -- grows with every change; the ETag
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Finds an item by its code.
CREATE UNIQUE INDEX item_by_code ON item (city, code);

-- Pack levels of an item: how many base units one box or carton holds.
CREATE TABLE item_pack (
    city INT NOT NULL, -- the city whose catalogue this is
    item INT NOT NULL, -- the item
    unit TEXT NOT NULL, -- name of the pack (箱, 盒)
    units INT NOT NULL, -- base units in one pack
    PRIMARY KEY (city, item, unit)
) STRICT, WITHOUT ROWID;

-- Codes printed on goods: GTINs normalised to 14 digits, MA, AHM and other carriers as they are.
CREATE TABLE item_code (
    city INT NOT NULL, -- the city whose catalogue this is
    scheme TEXT NOT NULL, -- gtin, ma, ahm, other
    code TEXT NOT NULL, -- normalised: a GTIN has 14 digits, others are kept
    item INT NOT NULL, -- the item it stands for
    original TEXT NOT NULL, -- as it was given
    units INT NOT NULL, -- base units that one scan of it stands for (the pack level)
    PRIMARY KEY (city, scheme, code)
) STRICT, WITHOUT ROWID;

-- Lists the codes of an item.
CREATE INDEX item_code_by_item ON item_code (city, item);

-- Places: depots, makers, hospitals, suppliers and the outside places.
CREATE TABLE place (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    code TEXT NOT NULL, -- the city's own code, unique
    kind INT NOT NULL, -- enum ledger_place_kind
    name_zh TEXT NOT NULL, -- Chinese name
    name_en TEXT NOT NULL, -- English name
    flags INT NOT NULL, -- LEDGER_CAN_… bits: what may be done there
    parent INT NOT NULL, -- the place it belongs to; 0 none
    district INT NOT NULL, -- division code of six digits, or the city's own code of a functional area; 0 the city itself
    org INT NOT NULL, -- the organisation it belongs to (receiver, maker); 0 none
    owner INT NOT NULL, -- owner of what it holds when a movement names none; 0 none
    lat_udeg INT NOT NULL, -- latitude in micro-degrees; 0 with lon_udeg 0: unknown
    lon_udeg INT NOT NULL, -- longitude in micro-degrees
    address TEXT NOT NULL, -- postal address
    active INT NOT NULL, -- 0: closed, nothing new may arrive
    version INT NOT NULL, -- grows with every change; the ETag
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Finds a place by its code.
CREATE UNIQUE INDEX place_by_code ON place (city, code);

-- Bins (货位) of a place.
CREATE TABLE bin (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    place INT NOT NULL, -- the place it is in
    code TEXT NOT NULL, -- code, unique within the place
    name TEXT NOT NULL, -- name or remark
    storage TEXT NOT NULL, -- storage class it offers
    active INT NOT NULL, -- 0: nothing new may be put there
    version INT NOT NULL, -- grows with every change; the ETag
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Finds a bin by its code within a place, and lists the bins of a place.
CREATE UNIQUE INDEX bin_by_code ON bin (city, place, code);

-- Owners (权属): who may dispose of the goods.
CREATE TABLE owner (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    code TEXT NOT NULL, -- code, unique
    kind INT NOT NULL, -- enum ledger_owner_kind
    name_zh TEXT NOT NULL, -- Chinese name
    name_en TEXT NOT NULL, -- English name
    district INT NOT NULL, -- of a district's own reserve: its code; else 0
    org INT NOT NULL, -- the organisation behind it; 0 none
    active INT NOT NULL, -- 0: may receive nothing new
    version INT NOT NULL, -- grows with every change; the ETag
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Finds an owner by its code.
CREATE UNIQUE INDEX owner_by_code ON owner (city, code);

-- Lots (批号) of an item.
CREATE TABLE lot (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    item INT NOT NULL, -- the item
    batch TEXT NOT NULL, -- batch number as printed
    maker TEXT NOT NULL, -- maker's name or code, part of the lot's identity
    made INT, -- date of making (days since 1970-01-01)
    expiry INT, -- last day of use; NULL: does not expire or unknown
    certificate TEXT NOT NULL, -- number of the inspection certificate
    state INT NOT NULL, -- enum ledger_lot_state: 1 open, 2 blocked, 3 recalled
    state_note TEXT NOT NULL, -- why it is blocked or recalled
    version INT NOT NULL, -- grows with every change; the ETag
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Finds a lot by item, batch and maker.
CREATE UNIQUE INDEX lot_by_batch ON lot (city, item, batch, maker);

-- Finds lots by the batch alone (search, recall).
CREATE INDEX lot_batch ON lot (city, batch);

-- Lots in the order in which they expire.
CREATE INDEX lot_by_expiry ON lot (city, expiry);

-- Accounts with their balances. An account is (place, bin, owner, item, lot, status); its balance changes in the transaction that writes the movement.
CREATE TABLE stock_account (
    city INT NOT NULL, -- the city that owns the row
    place INT NOT NULL, -- the place
    item INT NOT NULL, -- the item
    status INT NOT NULL, -- enum ledger_status
    lot INT NOT NULL, -- the lot; 0 goods without a lot
    owner INT NOT NULL, -- the owner
    bin INT NOT NULL, -- the bin; 0 none
    id INT NOT NULL, -- server id by which movements name the account
    outside INT NOT NULL, -- 1: source, used, lost, discrepancy: may go below zero
    qty INT NOT NULL, -- balance in base units
    held INT NOT NULL, -- of it reserved by open holds
    version INT NOT NULL, -- number of changes of the balance
    PRIMARY KEY (city, place, item, status, lot, owner, bin),
    CHECK (outside = 1 OR qty >= 0),
    CHECK (held >= 0 AND (held = 0 OR held <= qty))
) STRICT, WITHOUT ROWID;

-- Finds an account by its id (movements, holds).
CREATE UNIQUE INDEX stock_account_by_id ON stock_account (city, id);

-- All accounts of a lot: recall, history of a lot.
CREATE INDEX stock_account_by_lot ON stock_account (city, lot);

-- Documents: what was posted together, all or nothing.
CREATE TABLE ledger_document (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    kind INT NOT NULL, -- enum ledger_kind
    year INT NOT NULL, -- city year of the record, part of the number
    number INT NOT NULL, -- gapless within city, kind and year
    reference TEXT NOT NULL, -- the paper's own number, as given
    place INT NOT NULL, -- the place it was posted at
    other INT NOT NULL, -- the other place (destination, origin); 0 none
    shipment INT NOT NULL, -- the sending document this one answers; 0 none
    lines INT NOT NULL, -- number of movements
    first_movement INT NOT NULL, -- its movements have ids from here …
    last_movement INT NOT NULL, -- … to here
    occurred_at INT NOT NULL, -- when it happened
    recorded_at INT NOT NULL, -- when it was recorded
    stated_at INT, -- when it happened as stated, where that lies in a closed period; else NULL
    actor INT NOT NULL, -- account of the person; 0 the system
    op BYTES NOT NULL, -- the operation id of the change
    note TEXT NOT NULL, -- remark
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Finds a document by its number.
CREATE UNIQUE INDEX ledger_document_number ON ledger_document (city, kind, year, number);

-- The last number given, for gapless document numbers.
CREATE TABLE ledger_counter (
    city INT NOT NULL, -- the city
    kind INT NOT NULL, -- enum ledger_kind
    year INT NOT NULL, -- city year
    last INT NOT NULL, -- the last number given
    PRIMARY KEY (city, kind, year)
) STRICT, WITHOUT ROWID;

-- Movements: a quantity goes from one account to another. Never changed, never deleted.
-- append-only
CREATE TABLE movement (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id, growing in time
    document INT NOT NULL, -- the document it belongs to
    line INT NOT NULL, -- its place in the document, from 1
    from_account INT NOT NULL, -- the account that goes down
    to_account INT NOT NULL, -- the account that goes up
    qty INT NOT NULL CHECK (qty > 0), -- base units
    reason INT NOT NULL, -- enum ledger_reason
    occurred_at INT NOT NULL, -- when it happened
    recorded_at INT NOT NULL, -- when we knew
    late INT NOT NULL, -- 1: recorded on a later city date than it happened
    actor INT NOT NULL, -- account of the person; 0 the system
    paid INT NOT NULL, -- between owners: 1 paid, 2 free; else 0
    reverses INT, -- the movement it takes back; else NULL
    note TEXT, -- remark; NULL none
    PRIMARY KEY (city, id),
    CHECK (from_account <> to_account),
    CHECK (occurred_at <= recorded_at)
) STRICT, WITHOUT ROWID;

-- History of an account, what it gave.
CREATE INDEX movement_from ON movement (city, from_account, occurred_at);

-- History of an account, what it got.
CREATE INDEX movement_to ON movement (city, to_account, occurred_at);

-- Movements of the city in the order in which they happened.
CREATE INDEX movement_occurred ON movement (city, occurred_at);

-- Late movements in the order in which they became known.
CREATE INDEX movement_late ON movement (city, recorded_at) WHERE late = 1;

-- A movement is reversed once.
CREATE UNIQUE INDEX movement_reverses ON movement (city, reverses) WHERE reverses IS NOT NULL;

-- Totals of all lots and bins, kept in the posting transaction.
CREATE TABLE stock_total (
    city INT NOT NULL, -- the city that owns the row
    item INT NOT NULL, -- the item
    place INT NOT NULL, -- the place
    status INT NOT NULL, -- enum ledger_status
    owner INT NOT NULL, -- the owner
    qty INT NOT NULL, -- sum of the balances
    held INT NOT NULL, -- sum of what is reserved
    PRIMARY KEY (city, item, place, status, owner)
) STRICT, WITHOUT ROWID;

-- Totals of one place.
CREATE INDEX stock_total_by_place ON stock_total (city, place, item);

-- Net change of a total on a city date, apart for each date on which it became known: both time axes in one table.
CREATE TABLE total_day (
    city INT NOT NULL, -- the city that owns the row
    day INT NOT NULL, -- city date of occurrence (days since 1970-01-01)
    place INT NOT NULL, -- the place
    item INT NOT NULL, -- the item
    status INT NOT NULL, -- enum ledger_status
    owner INT NOT NULL, -- the owner
    known_day INT NOT NULL, -- city date of the record
    delta INT NOT NULL, -- what came in less what went out
    PRIMARY KEY (city, day, place, item, status, owner, known_day)
) STRICT, WITHOUT ROWID;

-- What became known late, by place: as-of queries that start from a snapshot.
CREATE INDEX total_day_late ON total_day (city, place, known_day) WHERE known_day > day;

-- Totals at the first moment of a month, of what had happened and was known by then. Never changed once taken.
CREATE TABLE total_snap (
    city INT NOT NULL, -- the city that owns the row
    day INT NOT NULL, -- first city date of the month
    place INT NOT NULL, -- the place
    item INT NOT NULL, -- the item
    status INT NOT NULL, -- enum ledger_status
    owner INT NOT NULL, -- the owner
    qty INT NOT NULL, -- the total; never 0
    PRIMARY KEY (city, day, place, item, status, owner)
) STRICT, WITHOUT ROWID;

-- Which snapshots exist.
CREATE TABLE total_snap_day (
    city INT NOT NULL, -- the city that owns the row
    day INT NOT NULL, -- first city date of the month
    cells INT NOT NULL, -- rows of the snapshot
    taken_at INT NOT NULL, -- when it was taken
    PRIMARY KEY (city, day)
) STRICT, WITHOUT ROWID;

-- Holds (预占): a quantity of one account reserved until it is posted, voided or lapses.
CREATE TABLE hold (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    account INT NOT NULL, -- the account that keeps it
    qty INT NOT NULL, -- what was reserved
    posted INT NOT NULL, -- what of it was moved
    state INT NOT NULL, -- enum ledger_hold_state: 1 open, 2 posted, 3 voided, 4 lapsed
    purpose TEXT NOT NULL, -- for what: "batch", "request", free text
    purpose_id INT NOT NULL, -- the record it is for; 0 none
    target INT NOT NULL, -- the place it will go to; 0 unknown
    due_at INT NOT NULL, -- when it lapses
    made_at INT NOT NULL, -- when it was made
    made_by INT NOT NULL, -- account of the person
    closed_at INT, -- when it ended; NULL while open
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Open holds of an account.
CREATE INDEX hold_open ON hold (city, account) WHERE state = 1;

-- Open holds in the order in which they lapse.
CREATE INDEX hold_due ON hold (city, due_at) WHERE state = 1;

-- Holds of a record.
CREATE INDEX hold_purpose ON hold (city, purpose_id) WHERE purpose_id <> 0;

-- Shipments: what one sending document put on its way, until it is accounted for.
CREATE TABLE shipment (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- the sending document
    origin INT NOT NULL, -- the place it left
    target INT NOT NULL, -- the place it goes to
    state INT NOT NULL, -- enum ledger_shipment_state: 1 on the way, 2 disputed, 3 closed
    sent_at INT NOT NULL, -- when it left
    closed_at INT, -- when everything was accounted for; NULL before
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- What is on its way to a place.
CREATE INDEX shipment_target ON shipment (city, target) WHERE state <> 3;

-- What has left a place and is not accounted for.
CREATE INDEX shipment_origin ON shipment (city, origin) WHERE state <> 3;

-- Lines of a shipment: what is still on the way is sent less all the others.
CREATE TABLE shipment_line (
    city INT NOT NULL, -- the city that owns the row
    shipment INT NOT NULL, -- the shipment
    item INT NOT NULL, -- the item
    lot INT NOT NULL, -- the lot
    owner INT NOT NULL, -- the owner
    sent INT NOT NULL, -- what left
    arrived INT NOT NULL, -- what was accepted, in whatever status
    missing INT NOT NULL, -- what was reported missing; stays in transit until it is settled
    settled INT NOT NULL, -- of the missing: found, lost or sent back
    PRIMARY KEY (city, shipment, item, lot, owner),
    CHECK (sent >= arrived + missing AND missing >= settled AND settled >= 0)
) STRICT, WITHOUT ROWID;

-- Reviews: facts that the ledger could not explain, each with a clock.
CREATE TABLE ledger_review (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    kind INT NOT NULL, -- enum ledger_review_kind
    place INT NOT NULL, -- the place
    account INT NOT NULL, -- the discrepancy or transit account concerned
    document INT NOT NULL, -- the document that opened it
    movement INT NOT NULL, -- the movement that opened it; 0 none
    qty INT NOT NULL, -- how much is unexplained
    settled INT NOT NULL, -- how much of it has been explained
    opened_at INT NOT NULL, -- when
    due_at INT NOT NULL, -- to be settled by
    state INT NOT NULL, -- 1 open, 2 closed
    closed_at INT, -- when
    closed_by INT NOT NULL, -- account of the person; 0 while open
    note TEXT NOT NULL, -- remark on the settlement
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Open reviews in the order of their clocks.
CREATE INDEX ledger_review_open ON ledger_review (city, due_at) WHERE state = 1;

-- Reviews of a place.
CREATE INDEX ledger_review_place ON ledger_review (city, place, id);

-- Count sheets (盘点单).
CREATE TABLE count_sheet (
    city INT NOT NULL, -- the city that owns the row
    id INT NOT NULL, -- server id
    place INT NOT NULL, -- the place counted
    state INT NOT NULL, -- enum ledger_count_state: 1 counting, 2 to be reviewed, 3 posted, 4 dropped
    blind INT NOT NULL, -- 1: the counter is not shown what the ledger says
    title TEXT NOT NULL, -- occasion
    opened_at INT NOT NULL, -- when it was opened
    opened_by INT NOT NULL, -- account of the person
    closed_at INT, -- when it was posted or dropped
    reviewed_by INT NOT NULL, -- account of the reviewer; 0 before
    document INT NOT NULL, -- the document that posted the differences; 0 none
    note TEXT NOT NULL, -- the reviewer's remark
    version INT NOT NULL, -- grows with every change; the ETag
    PRIMARY KEY (city, id)
) STRICT, WITHOUT ROWID;

-- Count sheets of a place.
CREATE INDEX count_sheet_place ON count_sheet (city, place, id);

-- What was counted. A recount is a new round of the same account; the last round counts.
CREATE TABLE count_line (
    city INT NOT NULL, -- the city that owns the row
    sheet INT NOT NULL, -- the sheet
    item INT NOT NULL, -- the item
    lot INT NOT NULL, -- the lot
    owner INT NOT NULL, -- the owner
    bin INT NOT NULL, -- the bin
    status INT NOT NULL, -- enum ledger_status
    round INT NOT NULL, -- 1 first count, 2 and more: recounts
    counted INT NOT NULL CHECK (counted >= 0), -- base units found
    counted_at INT NOT NULL, -- the moment of the scan
    counted_by INT NOT NULL, -- account of the counter
    recorded_at INT NOT NULL, -- when it reached the server
    expected INT NOT NULL, -- what the ledger had for the moment of the scan when the line was recorded
    account_version INT NOT NULL, -- version of the balance when the line was recorded
    reason INT NOT NULL, -- enum ledger_reason of a difference; 0 none given
    note TEXT NOT NULL, -- remark
    PRIMARY KEY (city, sheet, item, lot, owner, bin, status, round)
) STRICT, WITHOUT ROWID;

-- What a place must hold or get, set by the modules above; the deficit is measured against it.
CREATE TABLE requirement (
    city INT NOT NULL, -- the city that owns the row
    item INT NOT NULL, -- the item
    place INT NOT NULL, -- the place
    qty INT NOT NULL, -- base units required and not yet allocated
    basis TEXT NOT NULL, -- why: "standard level 3 + uplift 40 %"
    set_at INT NOT NULL, -- since when
    PRIMARY KEY (city, item, place)
) STRICT, WITHOUT ROWID;
