-- Usable stock by lot: what expires, without looking at what was used up long ago.
CREATE INDEX stock_account_usable ON stock_account (city, lot) WHERE status = 4 AND qty > 0;
