//! The desk and its file against rude times: any order, repetitions, gaps, epochs, and an end at any byte.

mod messages;
mod rivals;
mod thinned;

use std::collections::BTreeMap;

use proptest::prelude::*;
use tillgate_events::{Class, Loss, Watermark};

use super::stream::Stream;
use super::*;

const CLASSES: [Class; 2] = [Class::Pos, Class::Visit];

/// What a gateway sends, as an entry.
fn entry(kind: Kind, class: Class, epoch: u32, first: u64, last: u64) -> Entry {
    let gateway = "acme/7/gw".to_owned();
    let head = Head { kind, gateway, class, epoch, first, last, part: None };
    Entry { head, payload: vec![1, 2, 3] }
}

/// Everything that a gateway sends in its life: some epochs without a hole between records and losses.
fn life() -> impl Strategy<Value = Vec<Entry>> {
    let run = (0..2usize, 1u32..4, prop_oneof![4 => Just(0u8), 1 => 1..3u8, 2 => Just(3)], 1u64..6);
    proptest::collection::vec(run, 1..40).prop_map(|runs| {
        let mut next: BTreeMap<(Class, u32), u64> = BTreeMap::new();
        let mut entries = Vec::new();
        for (class, epoch, what, count) in runs {
            let class = CLASSES[class];
            let first = next.entry((class, epoch)).or_insert(1);
            let last = *first + count - 1;
            match what {
                0 => entries.push(entry(Kind::Records, class, epoch, *first, last)),
                1 => entries.push(entry(Kind::Gap, class, epoch, *first, last)),
                2 => entries.push(entry(Kind::Reserved, class, epoch, *first, last)),
                _ => entries.extend((1..=2).map(|part| {
                    let mut entry = entry(Kind::Records, class, epoch, *first, *first);
                    entry.head.part = Some((part, 2));
                    entry
                })),
            }
            *first = if what == 3 { *first } else { last } + 1;
        }
        entries
    })
}

/// A desk with its file, of which only a beginning is on disk, and a broker that keeps what was not acknowledged.
struct World {
    desk: Desk,
    file: Vec<u8>,
    synced: usize,
    unacknowledged: BTreeMap<u64, Entry>,
    published: BTreeMap<Class, Watermark>,
}

impl World {
    fn new() -> Self {
        Self {
            desk: Desk::new(Tally::default(), Recent::default()),
            file: Vec::new(),
            synced: 0,
            unacknowledged: BTreeMap::new(),
            published: BTreeMap::new(),
        }
    }

    fn step(&mut self, input: Input) {
        let mut out = Vec::new();
        self.desk.step(input, &mut out);
        for output in out {
            match output {
                Output::Append(entry) | Output::Note(entry) => {
                    self.file.extend(entry.to_bytes().unwrap());
                }
                Output::Acknowledge(token) => {
                    let entry = self.unacknowledged.remove(&token).unwrap();
                    assert!(on_disk(self, &entry), "acknowledged before it is on disk: {entry:?}");
                }
                Output::Publish(gateway, marks) => {
                    let stored = rebuilt(&self.file[..self.synced]).watermarks(&gateway);
                    for (class, mark) in marks {
                        assert!(
                            stored.get(&class) >= Some(&mark),
                            "published before it is on disk"
                        );
                        let before = self.published.insert(class, mark);
                        assert!(before <= Some(mark), "went back: {before:?} {mark:?}");
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn arrive(&mut self, token: u64, entry: &Entry) {
        self.unacknowledged.insert(token, entry.clone());
        self.step(Input::Arrived { entries: vec![entry.clone()], token });
    }

    fn sync(&mut self) {
        self.synced = self.file.len();
        self.step(Input::Synced);
    }

    /// Killed: of what was not synced a part is left. The rest comes again.
    fn restart(&mut self, left: usize) {
        let length = self.synced + left % (self.file.len() - self.synced + 1);
        self.file.truncate(length);
        self.file.truncate(whole(&self.file));
        self.desk = Desk::new(rebuilt(&self.file), Recent::default());
        self.reconnect();
    }

    fn reconnect(&mut self) {
        self.step(Input::Connected);
        for (token, entry) in std::mem::take(&mut self.unacknowledged) {
            self.arrive(token, &entry);
        }
    }
}

fn on_disk(world: &World, entry: &Entry) -> bool {
    let mut tally = rebuilt(&world.file[..world.synced]);
    tally.take(&entry.head) != Taken::New
}

/// Bytes of whole entries.
fn whole(file: &[u8]) -> usize {
    let (mut rest, mut length) = (file, 0);
    while let Ok(Some((_, bytes))) = read(&mut rest) {
        length += bytes as usize;
    }
    length
}

fn rebuilt(mut file: &[u8]) -> Tally {
    let mut tally = Tally::default();
    while let Ok(Some((entry, _))) = read(&mut file) {
        tally.replay(&entry).unwrap();
    }
    tally
}

/// Produced, arrived, evicted, how far, and what is lost.
type Facts = (u64, u64, u64, u64, Ranges);

/// What a tally says but for what came again, which depends on the times.
fn facts(tally: &Tally) -> BTreeMap<(String, Class, u32), Facts> {
    let all = tally.gateways().flat_map(|(name, streams)| {
        streams.iter().map(|((class, epoch), it)| {
            let facts = (it.produced(), it.arrived(), it.evicted(), it.reached(), it.lost());
            ((name.to_owned(), *class, *epoch), facts)
        })
    });
    all.collect()
}

/// Everything in order, once.
fn expected(life: &[Entry]) -> Tally {
    let mut tally = Tally::default();
    life.iter().for_each(|entry| assert_eq!(tally.take(&entry.head), Taken::New));
    tally
}

proptest! {
    #[test]
    fn any_order_repetition_and_restart_ends_the_same_and_no_watermark_goes_back(
        life in life(),
        shuffle in any::<u64>(),
        happenings in proptest::collection::vec((0u8..10, any::<usize>()), 0..120),
    ) {
        let mut order = life.clone();
        fastrand::Rng::with_seed(shuffle).shuffle(&mut order);
        let (mut world, mut token, mut sent) = (World::new(), 0, 0);
        for (what, number) in happenings {
            token += 1;
            match what {
                0..5 if sent < order.len() => {
                    world.arrive(token, &order[sent]);
                    sent += 1;
                }
                5 if sent > 0 => world.arrive(token, &order[number % sent]),
                6..8 => world.sync(),
                8 => world.restart(number),
                _ => world.reconnect(),
            }
        }
        for entry in &order[sent..] {
            token += 1;
            world.arrive(token, entry);
        }
        world.sync();
        prop_assert!(world.unacknowledged.is_empty());
        let expected = expected(&life);
        prop_assert_eq!(facts(world.desk.tally()), facts(&expected));
        prop_assert_eq!(rebuilt(&world.file), world.desk.tally().clone());
        let marks = expected.watermarks("acme/7/gw");
        prop_assert_eq!(world.published, marks);
    }

    #[test]
    fn a_file_begun_with_all_that_is_known_says_the_same(life in life(), cut in any::<usize>()) {
        let mut tally = Tally::default();
        life.iter().take(cut % (life.len() + 1)).for_each(|entry| {
            tally.take(&entry.head);
            tally.take(&entry.head);
        });
        let file: Vec<u8> = tally.entries().flat_map(|entry| entry.to_bytes().unwrap()).collect();
        prop_assert_eq!(rebuilt(&file), tally);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        rebuilt(&bytes);
        let origin = Origin::of("tillgate/v1/a/1/gw/evt/pos", "tillgate/v1").unwrap();
        let _ = heads(origin, &[], &bytes);
    }
}

/// Entries as (kind, epoch, first, last), and then: produced, arrived, evicted, lost, watermark.
fn check(entries: &[(Kind, u32, u64, u64)], expected: (u64, u64, u64, u64, Option<(u32, u64)>)) {
    let mut tally = Tally::default();
    for (kind, epoch, first, last) in entries {
        tally.take(&entry(*kind, Class::Pos, *epoch, *first, *last).head);
    }
    let streams: Vec<&Stream> = tally.gateways().flat_map(|(_, it)| it.values()).collect();
    let sum = |of: fn(&Stream) -> u64| streams.iter().map(|it| of(it)).sum::<u64>();
    let lost = sum(|it| it.lost().count());
    let mark = tally.watermarks("acme/7/gw").get(&Class::Pos).map(|it| (it.epoch, it.sequence));
    let found = (sum(Stream::produced), sum(Stream::arrived), sum(Stream::evicted), lost, mark);
    assert_eq!(found, expected, "{entries:?}");
}

#[test]
fn a_number_that_was_given_out_twice_ends_with_the_parts_of_the_second() {
    let mut stream = Stream::default();
    let mut take = |part| {
        let head = Head { part: Some(part), ..entry(Kind::Records, Class::Pos, 1, 1, 1).head };
        stream.take(&head, false);
        stream.reached()
    };
    assert_eq!([(1, 5), (2, 5), (3, 5)].map(&mut take), [0; 3]);
    assert_eq!([(3, 3), (1, 3), (2, 3)].map(&mut take), [1; 3]);
}

#[test]
fn a_hole_is_lost_until_it_is_closed_or_told() {
    use Kind::{Again, Gap, Produced, Records};
    let (first, third) = ((Records, 1, 1, 5), (Records, 1, 8, 9));
    check(&[], (0, 0, 0, 0, None));
    check(&[first, third], (9, 7, 0, 2, Some((1, 5))));
    check(&[third, first, (Records, 1, 6, 7)], (9, 9, 0, 0, Some((1, 9))));
    check(&[first, third, (Gap, 1, 6, 7)], (9, 7, 2, 0, Some((1, 9))));
    check(&[first, third, (Gap, 1, 6, 6)], (9, 7, 1, 1, Some((1, 6))));
    // What was told and arrives all the same has arrived.
    check(&[first, third, (Gap, 1, 6, 7), (Records, 1, 7, 7)], (9, 8, 1, 0, Some((1, 9))));
    // The last ones are missed only where the gateway said that there are such.
    check(&[first, (Produced, 1, 1, 7)], (7, 5, 0, 2, Some((1, 5))));
    check(&[first, (Produced, 1, 1, 4)], (5, 5, 0, 0, Some((1, 5))));
    // What came again was there: its numbers were given out, even where the first time is gone.
    check(&[(Again, 1, 1, 10)], (10, 0, 0, 10, None));
    check(&[first, (Again, 1, 4, 7)], (7, 5, 0, 2, Some((1, 5))));
}

#[test]
fn numbers_that_were_set_aside_count_where_they_were_given_out() {
    use Kind::{Gap, Produced, Records, Reserved};
    let (first, aside) = ((Records, 1, 1, 5), (Reserved, 1, 6, 261));
    check(&[first, aside], (5, 5, 0, 0, Some((1, 261))));
    check(&[first, (Reserved, 1, 8, 261)], (5, 5, 0, 0, Some((1, 5))));
    check(&[aside, first, (Produced, 1, 1, 7)], (7, 5, 2, 0, Some((1, 261))));
    check(&[(Gap, 1, 1, 3), first, aside, (Records, 1, 9, 9)], (9, 6, 3, 0, Some((1, 261))));
    check(&[(Gap, 1, 1, 7), (Reserved, 1, 8, Loss::OPEN_END), (Records, 2, 1, 1)], {
        (8, 1, 7, 0, Some((2, 1)))
    });
}

#[test]
fn an_epoch_begins_with_its_first_record_and_old_ones_are_still_counted() {
    use Kind::{Gap, Records};
    check(&[(Records, 1, 1, 5), (Gap, 2, 1, 3)], (8, 5, 3, 0, Some((1, 5))));
    check(&[(Records, 1, 1, 5), (Gap, 2, 1, 3), (Records, 2, 4, 4)], (9, 6, 3, 0, Some((2, 4))));
    check(&[(Records, 2, 2, 2), (Records, 1, 1, 5)], (7, 6, 0, 1, Some((2, 0))));
}

#[test]
fn what_does_not_fit_is_as_if_it_had_not_come() {
    let mut desk = Desk::new(Tally::default(), Recent::default());
    let mut arrive = |number: u64| {
        let mut out = Vec::new();
        let entries = vec![entry(Kind::Records, Class::Pos, 1, number, number)];
        desk.step(Input::Arrived { entries, token: number }, &mut out);
        matches!(out.as_slice(), [Output::Append(_)])
    };
    let most = crate::limits::LEDGER_RANGES as u64;
    assert!((1..=most).all(|nth| arrive(2 * nth)));
    assert!(!arrive(2 * most + 2), "one more hole");
    assert!(arrive(1) && arrive(3), "holes are still closed");
    assert!(arrive(2 * most + 2));
}
