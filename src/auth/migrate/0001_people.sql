-- The authority that owns rows: a city, a hospital group, a province. A small catalogue; its id leads every other key.
CREATE TABLE city (
  id INT NOT NULL PRIMARY KEY,      -- server id
  code TEXT NOT NULL UNIQUE,        -- division code by GB/T 2260, six digits, or an own code of an authority without one
  name_zh TEXT NOT NULL,            -- name in Chinese
  name_en TEXT NOT NULL,            -- name in English
  offset_min INT NOT NULL,          -- minutes east of UTC
  created_at INT NOT NULL           -- when it was entered
) STRICT;

-- How one city signs in: password rules, second factor, session limits.
CREATE TABLE auth_policy (
  city INT NOT NULL PRIMARY KEY REFERENCES city (id), -- owner
  password TEXT NOT NULL CHECK (password IN ('nist', 'dengbao')), -- rules for passwords
  factor INT NOT NULL CHECK (factor IN (0, 1)),  -- 1: approver roles count only after a second factor
  idle_min INT NOT NULL CHECK (idle_min BETWEEN 1 AND 1440),          -- minutes without a request before a session ends
  device_idle_min INT NOT NULL CHECK (device_idle_min BETWEEN 1 AND 1440), -- the same on a registered device
  session_min INT NOT NULL CHECK (session_min BETWEEN 5 AND 10080),   -- minutes after which a session ends in any case
  epoch INT NOT NULL                -- grows whenever a session ends early or an account's rights change
) STRICT;

-- Administrative divisions of the city, and functional areas that have no national code.
CREATE TABLE district (
  city INT NOT NULL REFERENCES city (id), -- owner
  id INT NOT NULL,                  -- division code as a number; a functional area has the city's own number
  kind TEXT NOT NULL CHECK (kind IN ('district', 'area')), -- district or functional area
  name_zh TEXT NOT NULL,            -- name in Chinese
  name_en TEXT NOT NULL,            -- name in English
  PRIMARY KEY (city, id)
) STRICT;

-- Organisations people belong to or speak for.
CREATE TABLE organisation (
  city INT NOT NULL REFERENCES city (id), -- owner
  id INT NOT NULL,                  -- server id
  kind TEXT NOT NULL CHECK (kind IN ('office', 'receiver', 'agency', 'team', 'enterprise')), -- what it is to the reserve
  name_zh TEXT NOT NULL,            -- name in Chinese
  name_en TEXT NOT NULL,            -- name in English, may be empty
  credit_code TEXT,                 -- unified social credit code, when it has one
  district INT,                     -- division it lies in, when known
  state TEXT NOT NULL CHECK (state IN ('active', 'closed')), -- closed organisations keep their history
  created_at INT NOT NULL,          -- when it was entered
  PRIMARY KEY (city, id),
  UNIQUE (city, credit_code)
) STRICT;

-- People who may sign in.
CREATE TABLE account (
  city INT NOT NULL REFERENCES city (id), -- owner
  id INT NOT NULL,                  -- server id
  login TEXT NOT NULL,              -- name typed to sign in, folded
  name TEXT NOT NULL,               -- the person's name as shown
  phone TEXT NOT NULL,              -- telephone, shown whole only with the right account.private; may be empty
  organisation INT,                 -- where the person works, when known
  district INT,                     -- division the account is kept in, when not city-wide
  state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')), -- invited: no password yet
  password TEXT NOT NULL,           -- Argon2id string with its parameters; empty before the first password
  password_at INT,                  -- when it was set
  must_change INT NOT NULL CHECK (must_change IN (0, 1)), -- 1: only the own account may be used until it is changed
  factor_secret BYTES,              -- sealed TOTP secret, once confirmed
  factor_pending BYTES,             -- sealed TOTP secret not yet confirmed
  factor_step INT NOT NULL,         -- last TOTP step that was accepted: each code works once
  epoch INT NOT NULL,               -- the city's epoch when this account's rights, state or password last changed
  created_at INT NOT NULL,          -- when it was opened
  created_by INT NOT NULL,          -- account that opened it; 0 the system
  signed_in_at INT,                 -- last sign-in
  PRIMARY KEY (city, id),
  UNIQUE (city, login)
) STRICT;

-- Earlier passwords of an account, kept where the policy forbids to take one again.
CREATE TABLE password_history (
  city INT NOT NULL,                -- owner
  account INT NOT NULL,             -- whose
  at INT NOT NULL,                  -- when it was set
  password TEXT NOT NULL,           -- Argon2id string
  PRIMARY KEY (city, account, at)
) STRICT;

-- One-time codes that stand in for a lost second factor.
CREATE TABLE recovery_code (
  city INT NOT NULL,                -- owner
  account INT NOT NULL,             -- whose
  hash BYTES NOT NULL,              -- SHA-256 of the code
  used_at INT,                      -- when it was used
  PRIMARY KEY (city, account, hash)
) STRICT;

-- An account has a role within a scope, for a time. Rows are ended, never deleted.
CREATE TABLE role_grant (
  city INT NOT NULL,                -- owner
  id INT NOT NULL,                  -- server id
  account INT NOT NULL,             -- who has it
  role TEXT NOT NULL,               -- role by its code
  scope TEXT NOT NULL,              -- city, district, place, receiver, agency, team or enterprise
  scope_id INT NOT NULL,            -- which one
  from_at INT NOT NULL,             -- in force from this moment
  to_at INT,                        -- in force before this moment; empty: without end
  granted_by INT NOT NULL,          -- account that granted it; 0 the system
  granted_at INT NOT NULL,          -- when
  reason TEXT NOT NULL,             -- why, may be empty
  ended_at INT,                     -- when it was taken away
  ended_by INT,                     -- by whom
  PRIMARY KEY (city, id),
  FOREIGN KEY (city, account) REFERENCES account (city, id)
) STRICT;
-- Grants of one account, at every sign-in and check.
CREATE INDEX role_grant_account ON role_grant (city, account);
-- Who has a role in a scope.
CREATE INDEX role_grant_scope ON role_grant (city, scope, scope_id);

-- Signed-in callers. The token itself is only with the caller.
CREATE TABLE session (
  city INT NOT NULL,                -- owner
  id INT NOT NULL,                  -- server id
  hash BYTES NOT NULL,              -- SHA-256 of the token
  account INT NOT NULL,             -- who signed in
  device INT,                       -- registered device, when it came from one
  factor INT NOT NULL CHECK (factor IN (0, 1)), -- 1: a second factor was proved
  origin TEXT NOT NULL,             -- network address at sign-in
  agent TEXT NOT NULL,              -- browser or program, as it named itself
  created_at INT NOT NULL,          -- when
  seen_at INT NOT NULL,             -- last request, to the minute
  idle_ms INT NOT NULL,             -- ends when unseen for so long
  ends_at INT NOT NULL,             -- ends at this moment in any case
  ended_at INT,                     -- when it was ended early
  ended_why TEXT,                   -- signed-out, revoked, disabled, password, renewed
  PRIMARY KEY (city, id),
  UNIQUE (city, hash)
) STRICT;
-- Sessions of one account: the list, and ending them all.
CREATE INDEX session_account ON session (city, account, ends_at);

-- Registered devices: handhelds and counters. A device proves only that it is known; rights come from the person.
CREATE TABLE device (
  city INT NOT NULL,                -- owner
  id INT NOT NULL,                  -- server id
  hash BYTES NOT NULL,              -- SHA-256 of the device's token
  name TEXT NOT NULL,               -- as people call it
  place INT,                        -- where it belongs, when it has a place
  state TEXT NOT NULL CHECK (state IN ('active', 'retired')), -- retired devices are unknown devices
  created_at INT NOT NULL,          -- when it was registered
  created_by INT NOT NULL,          -- by whom
  seen_at INT,                      -- last sign-in from it
  PRIMARY KEY (city, id),
  UNIQUE (city, hash)
) STRICT;

-- Keys for programs. A key acts for its account, with a subset of the account's rights.
CREATE TABLE api_key (
  city INT NOT NULL,                -- owner
  id INT NOT NULL,                  -- server id
  hash BYTES NOT NULL,              -- SHA-256 of the key
  account INT NOT NULL,             -- for whom it acts
  name TEXT NOT NULL,               -- what it is for
  rights TEXT NOT NULL,             -- codes of its rights, separated by one blank
  created_at INT NOT NULL,          -- when
  created_by INT NOT NULL,          -- by whom
  ends_at INT NOT NULL,             -- it works before this moment
  ended_at INT,                     -- when it was revoked
  PRIMARY KEY (city, id),
  UNIQUE (city, hash)
) STRICT;
-- Keys of one account.
CREATE INDEX api_key_account ON api_key (city, account);

-- One-time links and codes: first administrator, invitation, reset, device.
CREATE TABLE one_time_link (
  city INT NOT NULL,                -- owner
  id INT NOT NULL,                  -- server id
  hash BYTES NOT NULL,              -- SHA-256 of the token in the link
  purpose TEXT NOT NULL CHECK (purpose IN ('first', 'invite', 'reset', 'device')), -- what it opens
  account INT,                      -- whose password it sets
  device_name TEXT,                 -- name of the device it registers
  place INT,                        -- place of the device
  created_at INT NOT NULL,          -- when
  created_by INT NOT NULL,          -- by whom
  ends_at INT NOT NULL,             -- it works before this moment
  used_at INT,                      -- when it was used; works once
  PRIMARY KEY (city, id),
  UNIQUE (city, hash)
) STRICT;
-- Links of one account: a new one ends the older.
CREATE INDEX one_time_link_account ON one_time_link (city, account);

-- Failed sign-ins, counted per account and per account and origin, so that strangers slow down strangers and not the owner.
CREATE TABLE auth_throttle (
  city INT NOT NULL,                -- owner
  key BYTES NOT NULL,               -- SHA-256 of what is counted
  failures INT NOT NULL,            -- failures in a row
  last_at INT NOT NULL,             -- the last of them
  free_at INT NOT NULL,             -- the next attempt is heard from this moment on
  PRIMARY KEY (city, key)
) STRICT;

-- What more than one person must agree to. Later modules ask; the object's own module acts once it is approved.
CREATE TABLE approval (
  city INT NOT NULL,                -- owner
  id INT NOT NULL,                  -- server id
  kind TEXT NOT NULL,               -- what is asked: level.change, issue.large …
  object TEXT NOT NULL,             -- record kind it concerns
  object_id INT NOT NULL,           -- which one
  summary_zh TEXT NOT NULL,         -- one line in Chinese
  summary_en TEXT NOT NULL,         -- one line in English
  digest BYTES NOT NULL,            -- SHA-256 of what exactly is approved
  needed INT NOT NULL CHECK (needed BETWEEN 1 AND 5), -- approvers besides the one who asks
  state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'withdrawn', 'lapsed')), -- where it stands
  requested_by INT NOT NULL,        -- who asks
  requested_at INT NOT NULL,        -- when
  ends_at INT NOT NULL,             -- lapses at this moment when still open
  decided_at INT,                   -- when it left open
  used_at INT,                      -- when the approved thing was done; an approval serves once
  PRIMARY KEY (city, id)
) STRICT;
-- What waits for approval.
CREATE INDEX approval_state ON approval (city, state, requested_at);

-- Votes on an approval: one person, one vote.
CREATE TABLE approval_vote (
  city INT NOT NULL,                -- owner
  approval INT NOT NULL,            -- on what
  account INT NOT NULL,             -- who
  agrees INT NOT NULL CHECK (agrees IN (0, 1)), -- 1 yes, 0 no
  note TEXT NOT NULL,               -- why, may be empty
  voted_at INT NOT NULL,            -- when
  PRIMARY KEY (city, approval, account),
  FOREIGN KEY (city, approval) REFERENCES approval (city, id)
) STRICT;
