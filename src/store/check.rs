//! The checksum of a row: CRC-32C over all its columns, each number as little-endian bytes.
//!
//! SQLite's own integrity check misses most flipped bits inside a row.

use crc::{CRC_32_ISCSI, Crc};

use tillgate_events::Class;

use super::row::{Row, RowId};
use super::schema::class_number;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// The checksum of a row with these columns; `numbers` are its first sequence number and its count.
pub(super) fn checksum(
    id: RowId,
    class: Class,
    epoch: u32,
    numbers: (u64, u32),
    payload: &[u8],
) -> u32 {
    let mut digest = CRC.digest();
    digest.update(&id.0.to_le_bytes());
    digest.update(&class_number(class).to_le_bytes());
    digest.update(&epoch.to_le_bytes());
    digest.update(&numbers.0.to_le_bytes());
    digest.update(&numbers.1.to_le_bytes());
    digest.update(payload);
    digest.finalize()
}

/// The checksum that belongs to a row as it was read.
pub(super) fn checksum_of(row: &Row) -> u32 {
    checksum(row.id, row.class, row.epoch, (row.first_sequence, row.count), &row.payload)
}

#[cfg(test)]
mod tests {
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
            assert_ne!(checksum_of(&changed), checksum_of(&row()));
        }
    }
}
