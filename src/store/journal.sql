-- What schema version 2 adds: the journal of documents, of which the open ones survive a crash.

CREATE TABLE journal (
    id       INTEGER PRIMARY KEY,
    -- The id of its document's first page.
    document INTEGER NOT NULL,
    device   TEXT    NOT NULL,
    -- When it was written, in milliseconds since 1970, UTC.
    at       INTEGER NOT NULL,
    -- 1: the document is over, its records were accepted in this transaction.
    ends     INTEGER NOT NULL,
    -- CRC-32C over all other columns.
    crc      INTEGER NOT NULL,
    -- Redacted, one fact a line.
    text     TEXT    NOT NULL,
    -- What counts only while this is the document's last page.
    tail     TEXT    NOT NULL
) STRICT;
