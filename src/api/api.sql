-- What the API keeps for itself.

-- name: import_key_find  Has this row been taken in?
SELECT target FROM import_key WHERE city = ?1 AND kind = ?2 AND key = ?3;

-- name: import_key_insert :many  Remembers rows that were taken in.
INSERT INTO import_key (city, kind, key, target) VALUES (?1, ?2, ?3, ?4);
-- name: import_key_insert @postgres
INSERT INTO import_key (city, kind, key, target)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bytea[], ?4::bigint[]);

-- name: import_job_insert
INSERT INTO import_job (city, id, account, kind, name, rules, digest, content, found, errors, state, result, made_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, '', ?11);

-- name: import_job_get
SELECT kind, name, rules, digest, found, state, result, made_at, account, CASE WHEN errors IS NULL THEN 0 ELSE 1 END
FROM import_job WHERE city = ?1 AND id = ?2;

-- name: import_job_content
SELECT content FROM import_job WHERE city = ?1 AND id = ?2 AND state = 1;

-- name: import_job_errors
SELECT errors FROM import_job WHERE city = ?1 AND id = ?2;

-- name: import_job_done
UPDATE import_job SET state = 2, result = ?3, content = NULL, errors = ?4 WHERE city = ?1 AND id = ?2;

-- name: import_job_failed  The commit found errors that the look did not.
UPDATE import_job SET errors = ?3 WHERE city = ?1 AND id = ?2;

-- name: import_job_sweep  Uploads that nobody asked for any more.
DELETE FROM import_job WHERE city = ?1 AND made_at < ?2;
