CREATE VIEW movement_full AS
SELECT m.city, m.id, m.document, m.line, m.from_account, m.to_account, m.qty, m.reason, m.occurred_at, m.recorded_at, m.late, m.actor, m.paid,
       m.reverses, m.note,
       f.place AS from_place, f.bin AS from_bin, f.owner AS from_owner, f.item AS from_item, f.lot AS from_lot, f.status AS from_status,
       t.place AS to_place, t.bin AS to_bin, t.owner AS to_owner, t.item AS to_item, t.lot AS to_lot, t.status AS to_status
FROM movement m
JOIN stock_account f ON f.city = m.city AND f.id = m.from_account
JOIN stock_account t ON t.city = m.city AND t.id = m.to_account;
