-- Answers by operation id.

-- name: op_find :many  The stored answer of each (city, operation id).
SELECT account, body, status, code, reply, position FROM op WHERE city = ?1 AND op = ?2;

-- name: op_find @postgres
SELECT k.n, o.account, o.body, o.status, o.code, o.reply, o.position
FROM unnest(?1::bigint[], ?2::bytea[]) WITH ORDINALITY AS k (city, op, n) JOIN op o ON o.city = k.city AND o.op = k.op;

-- name: op_insert :many  Keeps answers. A conflict means that another server is answering the same operation.
INSERT INTO op (city, op, account, body, status, code, reply, at, position, device, device_seq)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: op_insert @postgres
INSERT INTO op (city, op, account, body, status, code, reply, at, position, device, device_seq)
SELECT * FROM unnest(?1::bigint[], ?2::bytea[], ?3::bigint[], ?4::bytea[], ?5::bigint[], ?6::text[], ?7::text[], ?8::bigint[],
    ?9::bigint[], ?10::bigint[], ?11::bigint[]);

-- name: op_mark_find  Up to which number a device's answers are forgotten.
SELECT device_seq FROM op_mark WHERE city = ?1 AND device = ?2;

-- name: op_mark_raise  Raises the marks of the devices among the oldest answers older than the moment.
INSERT INTO op_mark (city, device, device_seq)
SELECT city, device, max(device_seq)
FROM (SELECT city, device, device_seq, at FROM op WHERE rowid <= (SELECT rowid FROM op ORDER BY rowid LIMIT 1) + ?2) AS oldest
WHERE at < ?1 AND device_seq > 0
GROUP BY city, device
ON CONFLICT (city, device) DO UPDATE SET device_seq = max(op_mark.device_seq, excluded.device_seq);

-- name: op_mark_raise @postgres
INSERT INTO op_mark (city, device, device_seq)
SELECT city, device, max(device_seq) FROM op WHERE at < ?1 AND device_seq > 0 AND ?2::bigint > 0 GROUP BY city, device
ON CONFLICT (city, device) DO UPDATE SET device_seq = greatest(op_mark.device_seq, excluded.device_seq);

-- name: op_forget  Deletes answers older than the moment, among the oldest ?2 on SQLite.
DELETE FROM op WHERE rowid <= (SELECT rowid FROM op ORDER BY rowid LIMIT 1) + ?2 AND at < ?1;

-- name: op_forget @postgres
DELETE FROM op WHERE at < ?1 AND ?2::bigint > 0;
