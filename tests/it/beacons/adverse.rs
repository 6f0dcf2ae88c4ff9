//! Adapters that go and come, answers that are late or never come, and more advertisements than there should be.

use super::*;
use crate::support::agent::resident;

#[test]
fn an_adapter_that_comes_back_by_another_name_is_found_by_its_address() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    let name =
        "beacons::adverse::an_adapter_that_comes_back_by_another_name_is_found_by_its_address";
    let scanner = Scanner::start(name, &bus, ADAPTER_ADDRESS);
    scanner.says("Up");
    bluetoothd.plug(None);
    scanner.says("Down(Radio(\"there is no such Bluetooth adapter\"))");
    bluetoothd.plug(Some(3));
    scanner.says("Up");
    let advert = Advertisement::new(TAG, -60).with_manufacturer(0xffff, &[1]);
    bluetoothd.hear(vec![advert.clone(), advert], SOON);
    scanner.says("aabbcc000001 -60 ffff=01");
    scanner.says("aabbcc000001 -60 ffff=01");
}

#[test]
fn an_adapter_that_is_off_stays_off_until_somebody_switches_it_on() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    bluetoothd.power(false);
    let name = "beacons::adverse::an_adapter_that_is_off_stays_off_until_somebody_switches_it_on";
    let scanner = Scanner::start_with(name, &bus, "", &[(STAYS_OFF, "1")]);
    scanner.says("Down(Radio(\"the Bluetooth adapter is switched off\"))");
    scanner.is_quiet();
    assert_eq!(bluetoothd.status().starts, 0);
    bluetoothd.power(true);
    scanner.says("Up");
}

#[test]
fn what_bluez_remembers_and_what_another_adapter_hears_is_no_ping() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    let advert = |n| Advertisement::new(TAG, -60).with_manufacturer(0xffff, &[n]);
    bluetoothd.remember(advert(1));
    let name = "beacons::adverse::what_bluez_remembers_and_what_another_adapter_hears_is_no_ping";
    let scanner = Scanner::start(name, &bus, ADAPTER_ADDRESS);
    scanner.says("Up");
    bluetoothd.hear_elsewhere(vec![advert(2), advert(2)], SOON);
    scanner.is_quiet();
    bluetoothd.hear(vec![advert(3)], SOON);
    scanner.says("aabbcc000001 -60 ffff=03");
}

#[test]
fn late_and_missing_answers_about_one_device_hold_up_no_other() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    let name = "beacons::adverse::late_and_missing_answers_about_one_device_hold_up_no_other";
    let scanner = Scanner::start(name, &bus, "");
    scanner.says("Up");
    let hear = |tag, n| {
        let advert = Advertisement::new([0xaa, 0, 0, 0, 0, tag], -60);
        bluetoothd.hear(vec![advert.with_manufacturer(0xffff, &[n])], SOON);
    };
    hear(1, 1);
    scanner.says("aa0000000001 -60 ffff=01");

    bluetoothd.answer(Answers::Late(Duration::from_secs(1)));
    hear(2, 2);
    hear(2, 3);
    hear(1, 4);
    scanner.says("aa0000000001 -60 ffff=04");
    // Its first advertisement is told as what BlueZ knew when it was asked: one of the two.
    assert!(scanner.next().starts_with("aa0000000002 -60 ffff="));
    scanner.says("aa0000000002 -60 ffff=03");

    bluetoothd.answer(Answers::Never);
    hear(3, 5);
    hear(1, 6);
    scanner.says("aa0000000001 -60 ffff=06");
    scanner.is_quiet();
    bluetoothd.answer(Answers::Promptly);
    hear(3, 7);
    scanner.says("aa0000000003 -60 ffff=07");
}

#[test]
fn two_thousand_adverts_a_second_are_passed_on_or_counted_in_flat_memory() {
    const SENT: u32 = 10_000;
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    let name =
        "beacons::adverse::two_thousand_adverts_a_second_are_passed_on_or_counted_in_flat_memory";
    let scanner = Scanner::start(name, &bus, "");
    scanner.says("Up");
    bluetoothd.hear((0..1000).map(numbered).collect(), Duration::from_millis(2));
    for _ in 0..1000 {
        scanner.next();
    }
    let before = resident(scanner.process.id());
    bluetoothd.hear((0..SENT).map(numbered).collect(), Duration::from_micros(500));
    let (mut arrived, mut dropped) = (0, 0);
    while arrived + dropped < SENT {
        let line = scanner.next();
        match line.strip_prefix("AdvertsDropped { count: ") {
            Some(count) => dropped += count.trim_end_matches(" }").parse::<u32>().unwrap(),
            None => arrived += 1,
        }
    }
    let grown = resident(scanner.process.id()).saturating_sub(before);
    assert!(grown < 8192, "{grown} KiB more after {arrived} adverts, {dropped} dropped");
    bluetoothd.hear(vec![numbered(7)], SOON);
    scanner.says_at_last("aabbcc000107 -60 ffff=00000007");
    eprintln!("{arrived} arrived, {dropped} were dropped, {grown} KiB more");
}

#[test]
fn a_scan_that_is_in_progress_already_is_a_scan() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    let name = "beacons::adverse::a_scan_that_is_in_progress_already_is_a_scan";
    let scanner = Scanner::start(name, &bus, "");
    scanner.says("Up");
    bluetoothd.deny_scan(true);
    assert!(bluetoothd.waits_for(DEADLINE, |status| status.in_progress > 0));
    bluetoothd.hear(vec![numbered(3)], SOON);
    scanner.says("aabbcc000103 -60 ffff=00000003");
    scanner.is_quiet();
}
