-- What the store keeps for itself.

-- name: id_mark_get  How far the ids of a process may have run.
SELECT last FROM id_mark WHERE node = ?1;

-- name: id_mark_put  Raises it.
INSERT INTO id_mark (node, last) VALUES (?1, ?2) ON CONFLICT (node) DO UPDATE SET last = max(id_mark.last, excluded.last);

-- name: id_mark_put @postgres
INSERT INTO id_mark (node, last) VALUES (?1, ?2) ON CONFLICT (node) DO UPDATE SET last = greatest(id_mark.last, excluded.last);
