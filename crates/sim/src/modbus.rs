//! People counters on a Modbus RTU line, with every bad habit that such a line has.
//!
//! Without I/O: bytes of the host in, bytes of whoever answers out. Registers follow from the totals and a layout, so a
//! test says who passed and not what is sent.

use std::collections::BTreeMap;

/// The counters of one line by their addresses.
#[derive(Debug, Default)]
pub struct Line {
    units: BTreeMap<u8, Unit>,
    heard: Vec<u8>,
}

/// One counter.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Who came in and who went out since it was set to zero. It shows as many bits of them as it has.
    pub totals: [u64; 2],
    /// Where its totals begin; each has one register, or two of which the first is the more significant.
    pub registers: [u16; 2],
    /// Whether each total has two.
    pub wide: bool,
    /// The function that reads them: 3 or 4. Another is refused.
    pub function: u8,
    /// How it answers.
    pub mood: Mood,
}

/// How a counter answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Sound,
    /// Not at all.
    Silent,
    /// So many times with a wrong check, then as it should.
    Damaged(u32),
    /// With this exception.
    Refuses(u8),
}

impl Line {
    /// Adds a counter.
    pub fn add(&mut self, address: u8, unit: Unit) {
        self.units.insert(address, unit);
    }

    /// The counter at this address.
    ///
    /// # Panics
    /// When there is none.
    pub fn unit(&mut self, address: u8) -> &mut Unit {
        self.units.get_mut(&address).expect("a unit that was added")
    }

    /// Takes bytes of the host; what is answered.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.heard.extend(bytes);
        while let Some(question) = self.heard.first_chunk::<8>() {
            let (question, [low, high]) = question.split_last_chunk::<2>().expect("two of eight");
            if check(question) == u16::from_le_bytes([*low, *high]) {
                let question = question.to_vec();
                self.heard.drain(..8);
                return self.answer(&question);
            }
            self.heard.remove(0);
        }
        Vec::new()
    }

    fn answer(&mut self, question: &[u8]) -> Vec<u8> {
        let &[address, function, first_high, first_low, count_high, count_low] = question else {
            return Vec::new();
        };
        let Some(unit) = self.units.get_mut(&address) else { return Vec::new() };
        let first = u16::from_be_bytes([first_high, first_low]);
        let count = u16::from_be_bytes([count_high, count_low]);
        let refused = |code| sealed(vec![address, function | 0x80, code]);
        match unit.mood {
            Mood::Silent => return Vec::new(),
            Mood::Refuses(code) => return refused(code),
            _ if function != unit.function => return refused(1),
            _ => {}
        }
        let kept = unit.kept();
        let words: Option<Vec<u16>> =
            (first..first.saturating_add(count)).map(|it| kept.get(&it).copied()).collect();
        let Some(words) = words else { return refused(2) };
        let mut answer = vec![address, function, 2 * words.len() as u8];
        answer.extend(words.into_iter().flat_map(u16::to_be_bytes));
        let mut answer = sealed(answer);
        if let Mood::Damaged(left) = unit.mood {
            unit.mood = if left > 1 { Mood::Damaged(left - 1) } else { Mood::Sound };
            answer.iter_mut().skip(3).take(1).for_each(|byte| *byte ^= 0x20);
        }
        answer
    }
}

impl Unit {
    fn kept(&self) -> BTreeMap<u16, u16> {
        let mut kept = BTreeMap::new();
        for (first, total) in self.registers.into_iter().zip(self.totals) {
            if self.wide {
                kept.insert(first, (total >> 16) as u16);
                kept.insert(first + 1, total as u16);
            } else {
                kept.insert(first, total as u16);
            }
        }
        kept
    }
}

fn sealed(mut frame: Vec<u8>) -> Vec<u8> {
    let check = check(&frame);
    frame.extend(check.to_le_bytes());
    frame
}

/// CRC-16 of Modbus.
fn check(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(
            crc ^ u16::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xa001 } else { crc >> 1 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the line of one counter says to `question`.
    fn answer(mood: Mood, question: &[u8]) -> Vec<u8> {
        let mut line = Line::default();
        let (totals, registers) = ([65_538, 7], [0, 2]);
        line.add(3, Unit { totals, registers, wide: true, function: 4, mood });
        line.hear(question)
    }

    #[test]
    fn a_counter_answers_the_way_it_is_told_to() {
        // The question of the protocol's own description of function 4, to another unit.
        let question = sealed(vec![3, 4, 0, 0, 0, 4]);
        let sound = sealed(vec![3, 4, 8, 0, 1, 0, 2, 0, 0, 0, 7]);
        assert_eq!(answer(Mood::Sound, &question), sound);
        assert_eq!(answer(Mood::Sound, &[&[9, 9], &question[..]].concat()), sound);
        assert!(answer(Mood::Silent, &question).is_empty());
        assert_eq!(answer(Mood::Refuses(6), &question), sealed(vec![3, 0x84, 6]));
        let damaged = answer(Mood::Damaged(1), &question);
        assert!(damaged != sound && damaged.len() == sound.len());
        assert_eq!(answer(Mood::Sound, &sealed(vec![3, 4, 0, 3, 0, 2])), sealed(vec![3, 0x84, 2]));
        assert_eq!(answer(Mood::Sound, &sealed(vec![3, 3, 0, 0, 0, 2])), sealed(vec![3, 0x83, 1]));
        assert!(answer(Mood::Sound, &sealed(vec![4, 4, 0, 0, 0, 2])).is_empty());
    }

    #[test]
    fn the_check_is_the_one_of_the_protocol() {
        assert_eq!(check(b"123456789"), 0x4b37);
    }
}
