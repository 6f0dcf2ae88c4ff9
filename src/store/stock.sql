-- What schema version 4 adds: the stock ledger. Times in milliseconds since 1970, UTC; crc: CRC-32C over all other columns.

CREATE TABLE IF NOT EXISTS stock_item (
    product    INTEGER PRIMARY KEY,
    -- The newest count and the one before.
    counted_at INTEGER,
    counted    INTEGER,
    before_at  INTEGER,
    before     INTEGER,
    -- Changes at or after the newest count that have no row any more, and before when changes may have none.
    base       INTEGER NOT NULL,
    floor      INTEGER NOT NULL,
    -- 1: an order was told of, and the product was not replenished since.
    ordered    INTEGER NOT NULL,
    crc        INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS stock_move (
    id      INTEGER PRIMARY KEY,
    product INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    delta   INTEGER NOT NULL,
    reason  INTEGER NOT NULL,
    -- What it is part of, or its number in its feed, as a hash; 0: nothing.
    key     INTEGER NOT NULL,
    crc     INTEGER NOT NULL
) STRICT;

-- What receipts call things that no product has, and how often.
CREATE TABLE IF NOT EXISTS stock_unmatched (
    name  TEXT PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT;
