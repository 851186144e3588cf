DROP INDEX stock_account_usable;
-- Usable stock by lot with its quantity: what expires is read from here alone, without looking up two million accounts.
CREATE INDEX stock_account_usable ON stock_account (city, lot, qty) WHERE status = 4 AND qty > 0;
