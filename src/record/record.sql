-- Search entries and attached files.

-- name: record_entry_put
INSERT INTO record_entry (city, kind, id, title_zh, title_en, code, note, district, place, org, words)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (city, kind, id) DO UPDATE SET title_zh = excluded.title_zh, title_en = excluded.title_en, code = excluded.code,
  note = excluded.note, district = excluded.district, place = excluded.place, org = excluded.org, words = excluded.words;
-- name: record_entry_get
SELECT kind, id, title_zh, title_en, code, note, district, place, org, words FROM record_entry WHERE city = ?1 AND kind = ?2 AND id = ?3;
-- name: record_entry_delete
DELETE FROM record_entry WHERE city = ?1 AND kind = ?2 AND id = ?3;
-- name: record_term_insert :many
INSERT INTO record_term (city, term, kind, id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (city, term, kind, id) DO NOTHING;
-- name: record_term_insert @postgres :many
INSERT INTO record_term (city, term, kind, id)
SELECT city, term, kind, id FROM unnest(?1::bigint[], ?2::bytea[], ?3::text[], ?4::bigint[]) AS t(city, term, kind, id)
ON CONFLICT (city, term, kind, id) DO NOTHING;
-- name: record_term_delete :many
DELETE FROM record_term WHERE city = ?1 AND term = ?2 AND kind = ?3 AND id = ?4;
-- name: record_term_delete @postgres :many
DELETE FROM record_term USING unnest(?1::bigint[], ?2::bytea[], ?3::text[], ?4::bigint[]) AS t(city, term, kind, id)
WHERE record_term.city = t.city AND record_term.term = t.term AND record_term.kind = t.kind AND record_term.id = t.id;
-- name: record_term_find  Records with a term in a range, by term; one row a term.
SELECT e.kind, e.id, e.title_zh, e.title_en, e.code, e.note, e.district, e.place, e.org, e.words
FROM record_term t JOIN record_entry e ON e.city = t.city AND e.kind = t.kind AND e.id = t.id
WHERE t.city = ?1 AND t.term >= ?2 AND t.term < ?3 ORDER BY t.term, t.kind, t.id LIMIT ?4;

-- name: record_term_count  How selective a range is, counted up to a limit.
SELECT count(*) FROM (SELECT 1 FROM record_term WHERE city = ?1 AND term >= ?2 AND term < ?3 LIMIT ?4) AS few;

-- name: record_file_insert
INSERT INTO record_file (city, hash, size, media, created_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (city, hash) DO NOTHING;
-- name: record_file_delete
DELETE FROM record_file WHERE city = ?1 AND hash = ?2;
-- name: record_file_idle  Contents that no record shows any more since a moment.
SELECT f.hash FROM record_file f WHERE f.city = ?1 AND f.created_at < ?2
  AND NOT EXISTS (SELECT 1 FROM record_attachment a WHERE a.city = f.city AND a.hash = f.hash AND (a.removed_at IS NULL OR a.removed_at >= ?2))
LIMIT 200;
-- name: record_attachment_forget
DELETE FROM record_attachment WHERE city = ?1 AND hash = ?2 AND removed_at IS NOT NULL;
-- name: record_attachment_insert
INSERT INTO record_attachment (city, id, kind, object, hash, name, note, attached_by, attached_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
-- name: record_attachment_count
SELECT count(*) FROM record_attachment WHERE city = ?1 AND kind = ?2 AND object = ?3 AND removed_at IS NULL;
-- name: record_attachment_get
SELECT a.id, a.kind, a.object, a.hash, a.name, a.note, a.attached_by, a.attached_at, f.size, f.media
FROM record_attachment a JOIN record_file f ON f.city = a.city AND f.hash = a.hash
WHERE a.city = ?1 AND a.id = ?2 AND a.removed_at IS NULL;
-- name: record_attachment_list
SELECT a.id, a.kind, a.object, a.hash, a.name, a.note, a.attached_by, a.attached_at, f.size, f.media
FROM record_attachment a JOIN record_file f ON f.city = a.city AND f.hash = a.hash
WHERE a.city = ?1 AND a.kind = ?2 AND a.object = ?3 AND a.removed_at IS NULL AND a.id > ?4 ORDER BY a.id LIMIT ?5;
-- name: record_attachment_remove
UPDATE record_attachment SET removed_at = ?3, removed_by = ?4 WHERE city = ?1 AND id = ?2 AND removed_at IS NULL;
