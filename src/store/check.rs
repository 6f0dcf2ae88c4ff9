//! The checksum of a row: CRC-32C over all its columns, each number as little-endian bytes.
//!
//! SQLite's own integrity check misses most flipped bits inside a row.

use crc::{CRC_32_ISCSI, Crc};

use super::row::Row;
use super::schema::class_number;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// The checksum that belongs to `row`.
pub(super) fn checksum(row: &Row) -> u32 {
    let mut digest = CRC.digest();
    digest.update(&row.id.0.to_le_bytes());
    digest.update(&class_number(row.class).to_le_bytes());
    digest.update(&row.epoch.to_le_bytes());
    digest.update(&row.first_sequence.to_le_bytes());
    digest.update(&row.count.to_le_bytes());
    digest.update(&row.payload);
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use tillgate_events::Class;

    use super::super::RowId;
    use super::*;

    fn row() -> Row {
        let payload = vec![1, 2, 3];
        Row { id: RowId(7), class: Class::Pos, epoch: 2, first_sequence: 40, count: 3, payload }
    }

    #[test]
    fn every_column_counts() {
        let changes: [fn(&mut Row); 6] = [
            |row| row.id.0 ^= 1,
            |row| row.class = Class::Visit,
            |row| row.epoch ^= 1,
            |row| row.first_sequence ^= 1 << 40,
            |row| row.count ^= 1,
            |row| row.payload[1] ^= 0x80,
        ];
        for change in changes {
            let mut changed = row();
            change(&mut changed);
            assert_ne!(checksum(&changed), checksum(&row()));
        }
    }
}
