-- What the API keeps for itself.

-- name: import_key_find  Has this row been taken in?
SELECT target FROM import_key WHERE city = ?1 AND kind = ?2 AND key = ?3;

-- name: import_key_insert :many  Remembers rows that were taken in.
INSERT INTO import_key (city, kind, key, target) VALUES (?1, ?2, ?3, ?4);
-- name: import_key_insert @postgres
INSERT INTO import_key (city, kind, key, target)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bytea[], ?4::bigint[]);
