//! Redaction: card numbers, track data and security codes go before anything else sees a line.
