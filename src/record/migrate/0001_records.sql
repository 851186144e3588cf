-- What global search knows of each record: titles and where it belongs, so that results obey the rights of the record.
CREATE TABLE record_entry (
  city INT NOT NULL,                -- owner
  kind TEXT NOT NULL,               -- record kind: item, place, lot, organisation …
  id INT NOT NULL,                  -- id of the record
  title_zh TEXT NOT NULL,           -- title in Chinese
  title_en TEXT NOT NULL,           -- title in English
  code TEXT NOT NULL,               -- code as shown, may be empty
  note TEXT NOT NULL,               -- one more line, may be empty
  district INT,                     -- division it belongs to, when it matters for rights
  place INT,                        -- place it belongs to
  org INT,                          -- organisation it belongs to
  words TEXT NOT NULL,              -- other codes and names it is found by, one a line
  PRIMARY KEY (city, kind, id)
) STRICT;

-- Beginnings of words, of parts of Chinese names and of their pinyin initials, cut to twelve bytes: a prefix is found by one range.
CREATE TABLE record_term (
  city INT NOT NULL,                -- owner
  term BYTES NOT NULL,              -- folded text
  kind TEXT NOT NULL,               -- record kind
  id INT NOT NULL,                  -- record
  PRIMARY KEY (city, term, kind, id)
) STRICT, WITHOUT ROWID;

-- Contents of attached files, kept outside the database under their SHA-256.
CREATE TABLE record_file (
  city INT NOT NULL,                -- owner
  hash BYTES NOT NULL,              -- SHA-256 of the content
  size INT NOT NULL,                -- bytes
  media TEXT NOT NULL,              -- type as recognised by us, never as claimed
  created_at INT NOT NULL,          -- when it came first
  PRIMARY KEY (city, hash)
) STRICT;

-- A file on a record. Rows are marked as removed, never deleted.
CREATE TABLE record_attachment (
  city INT NOT NULL,                -- owner
  id INT NOT NULL,                  -- server id
  kind TEXT NOT NULL,               -- record kind it hangs on
  object INT NOT NULL,              -- record it hangs on
  hash BYTES NOT NULL,              -- content
  name TEXT NOT NULL,               -- name as given, for people
  note TEXT NOT NULL,               -- what it shows, may be empty
  attached_by INT NOT NULL,         -- who
  attached_at INT NOT NULL,         -- when
  removed_at INT,                   -- when it was taken off
  removed_by INT,                   -- by whom
  PRIMARY KEY (city, id),
  FOREIGN KEY (city, hash) REFERENCES record_file (city, hash)
) STRICT;
-- Files of one record.
CREATE INDEX record_attachment_object ON record_attachment (city, kind, object);
-- Uses of one content.
CREATE INDEX record_attachment_hash ON record_attachment (city, hash);
