-- The catalogue: items, packs, codes, places, bins, owners, lots, settings.

-- name: ledger_city_put
INSERT INTO ledger_city (city, offset_min, open_days, open_from, review_hours, late_max_days, version) VALUES (?1, ?2, ?3, ?4, ?5, 0, 1)
ON CONFLICT (city) DO UPDATE SET offset_min = excluded.offset_min, open_days = excluded.open_days, open_from = excluded.open_from,
    review_hours = excluded.review_hours, version = ledger_city.version + 1;

-- name: item_get
SELECT id, code, name_zh, name_en, spec, unit, category, class_code, storage, shelf_life_days, order_min, lotted, key_item, active, version
FROM item WHERE city = ?1 AND id = ?2;
-- name: item_find
SELECT id FROM item WHERE city = ?1 AND code = ?2;
-- name: item_list
SELECT id, code, name_zh, name_en, spec, unit, category, class_code, storage, shelf_life_days, order_min, lotted, key_item, active, version
FROM item WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;
-- name: item_put
INSERT INTO item (city, id, code, name_zh, name_en, spec, unit, category, class_code, storage, shelf_life_days, order_min, lotted, key_item, active, version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1)
ON CONFLICT (city, id) DO UPDATE SET code = excluded.code, name_zh = excluded.name_zh, name_en = excluded.name_en, spec = excluded.spec,
    unit = excluded.unit, category = excluded.category, class_code = excluded.class_code, storage = excluded.storage,
    shelf_life_days = excluded.shelf_life_days, order_min = excluded.order_min, lotted = excluded.lotted, key_item = excluded.key_item,
    active = excluded.active, version = item.version + 1;
-- name: item_moved  Has anything of the item ever been posted? Then its base unit stays.
SELECT 1 FROM stock_total WHERE city = ?1 AND item = ?2 LIMIT 1;

-- name: item_pack_put
INSERT INTO item_pack (city, item, unit, units) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (city, item, unit) DO UPDATE SET units = excluded.units;
-- name: item_pack_drop
DELETE FROM item_pack WHERE city = ?1 AND item = ?2 AND unit = ?3;
-- name: item_pack_list
SELECT item, unit, units FROM item_pack WHERE city = ?1 AND item = ?2 ORDER BY units, unit;

-- name: item_code_put
INSERT INTO item_code (city, scheme, code, item, original, units) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (city, scheme, code) DO UPDATE SET original = excluded.original, units = excluded.units;
-- name: item_code_drop
DELETE FROM item_code WHERE city = ?1 AND scheme = ?2 AND code = ?3;
-- name: item_code_get
SELECT scheme, code, original, item, units FROM item_code WHERE city = ?1 AND scheme = ?2 AND code = ?3;
-- name: item_code_list
SELECT scheme, code, original, item, units FROM item_code INDEXED BY item_code_by_item WHERE city = ?1 AND item = ?2 ORDER BY scheme, code;
-- name: item_code_list @postgres
SELECT scheme, code, original, item, units FROM item_code WHERE city = ?1 AND item = ?2 ORDER BY scheme, code;

-- name: place_get
SELECT id, code, name_zh, name_en, address, kind, flags, parent, district, org, owner, lat_udeg, lon_udeg, active, version
FROM place WHERE city = ?1 AND id = ?2;
-- name: place_find
SELECT id FROM place WHERE city = ?1 AND code = ?2;
-- name: place_list
SELECT id, code, name_zh, name_en, address, kind, flags, parent, district, org, owner, lat_udeg, lon_udeg, active, version
FROM place WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;
-- name: place_put
INSERT INTO place (city, id, code, name_zh, name_en, address, kind, flags, parent, district, org, owner, lat_udeg, lon_udeg, active, version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1)
ON CONFLICT (city, id) DO UPDATE SET code = excluded.code, name_zh = excluded.name_zh, name_en = excluded.name_en,
    address = excluded.address, kind = excluded.kind, flags = excluded.flags, parent = excluded.parent, district = excluded.district,
    org = excluded.org, owner = excluded.owner, lat_udeg = excluded.lat_udeg, lon_udeg = excluded.lon_udeg, active = excluded.active,
    version = place.version + 1;
-- name: place_stocked  Is anything there? Then the place keeps its kind, and is not closed.
SELECT 1 FROM stock_total INDEXED BY stock_total_by_place WHERE city = ?1 AND place = ?2 AND qty <> 0 AND status < 10 LIMIT 1;
-- name: place_stocked @postgres
SELECT 1 FROM stock_total WHERE city = ?1 AND place = ?2 AND qty <> 0 AND status < 10 LIMIT 1;

-- name: bin_get
SELECT id, place, code, name, storage, active, version FROM bin WHERE city = ?1 AND id = ?2;
-- name: bin_find
SELECT id FROM bin WHERE city = ?1 AND place = ?2 AND code = ?3;
-- name: bin_list
SELECT id, place, code, name, storage, active, version FROM bin INDEXED BY bin_by_code WHERE city = ?1 AND place = ?2 AND id > ?3 ORDER BY id LIMIT ?4;
-- name: bin_list @postgres
SELECT id, place, code, name, storage, active, version FROM bin WHERE city = ?1 AND place = ?2 AND id > ?3 ORDER BY id LIMIT ?4;
-- name: bin_put
INSERT INTO bin (city, id, place, code, name, storage, active, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)
ON CONFLICT (city, id) DO UPDATE SET code = excluded.code, name = excluded.name, storage = excluded.storage, active = excluded.active,
    version = bin.version + 1;

-- name: owner_get
SELECT id, code, name_zh, name_en, kind, district, org, active, version FROM owner WHERE city = ?1 AND id = ?2;
-- name: owner_find
SELECT id FROM owner WHERE city = ?1 AND code = ?2;
-- name: owner_list
SELECT id, code, name_zh, name_en, kind, district, org, active, version FROM owner WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;
-- name: owner_put
INSERT INTO owner (city, id, code, name_zh, name_en, kind, district, org, active, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)
ON CONFLICT (city, id) DO UPDATE SET code = excluded.code, name_zh = excluded.name_zh, name_en = excluded.name_en, kind = excluded.kind,
    district = excluded.district, org = excluded.org, active = excluded.active, version = owner.version + 1;

-- name: lot_get
SELECT id, item, batch, maker, certificate, state_note, made, expiry, state, version FROM lot WHERE city = ?1 AND id = ?2;
-- name: lot_find
SELECT id FROM lot WHERE city = ?1 AND item = ?2 AND batch = ?3 AND maker = ?4;
-- name: lot_list
SELECT id, item, batch, maker, certificate, state_note, made, expiry, state, version FROM lot WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;
-- name: lot_list_item
SELECT id, item, batch, maker, certificate, state_note, made, expiry, state, version FROM lot INDEXED BY lot_by_batch
WHERE city = ?1 AND item = ?2 AND id > ?3 ORDER BY id LIMIT ?4;
-- name: lot_list_item @postgres
SELECT id, item, batch, maker, certificate, state_note, made, expiry, state, version FROM lot
WHERE city = ?1 AND item = ?2 AND id > ?3 ORDER BY id LIMIT ?4;
-- name: lot_put
INSERT INTO lot (city, id, item, batch, maker, certificate, state_note, made, expiry, state, version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)
ON CONFLICT (city, id) DO UPDATE SET batch = excluded.batch, maker = excluded.maker, certificate = excluded.certificate,
    state_note = excluded.state_note, made = excluded.made, expiry = excluded.expiry, state = excluded.state, version = lot.version + 1;

-- name: ledger_posted  Has the city posted anything yet?
SELECT 1 FROM total_day WHERE city = ?1 LIMIT 1;
