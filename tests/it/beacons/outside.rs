//! The built agent that scans through BlueZ, from outside: a fake bluetoothd on a private system bus, a real Mosquitto,
//! and a subscriber. What goes wrong with the radio ends nobody's visit, and is told.

use tempfile::TempDir;
use tillgate_sim::bluez::OTHER_ADDRESS;

use super::*;
use crate::support::agent::Agent;
use crate::support::mosquitto::{Broker, Subscriber};
use crate::support::{skipped, wait_for};

const UUID: &str = "f7826da6-4fa2-4e98-8024-bc5b71e0893e";
/// Between two advertisements of a tag.
const EACH: Duration = Duration::from_millis(100);
const PALLET: [u8; 6] = [0xa4, 0xc1, 0x38, 0x8d, 0x18, 0xb2];

/// A store with the gateway's own Bluetooth, and a cloud that listens.
struct Shop {
    // Ends first.
    agent: Option<Agent>,
    bluetoothd: Option<FakeBluez>,
    subscriber: Subscriber,
    bus: Bus,
    _broker: Broker,
    _dir: TempDir,
}

impl Shop {
    /// With receivers of these zones, by the adapter's address; `None` where something is not installed, which is said
    /// loudly.
    async fn open(test: &str, receivers: &[(&str, &str)]) -> Option<Self> {
        let bus = Bus::start()?;
        let Some(broker) = Broker::start("allow_anonymous true").await else {
            skipped(test, "no Mosquitto; try `make setup`");
            return None;
        };
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("tillgate.toml"), config(&dir, &broker, receivers)).unwrap();
        let subscriber = Subscriber::start(&broker, "tillgate/v1/#", "%t %p").await;
        let bluetoothd = bus.bluetoothd();
        let agent =
            Agent::start_with(dir.path(), &[("DBUS_SYSTEM_BUS_ADDRESS", bus.address().as_str())]);
        let scans = bluetoothd.waits_for(DEADLINE, |status| status.discovering);
        assert!(scans, "it does not scan");
        let (agent, bluetoothd) = (Some(agent), Some(bluetoothd));
        Some(Self { agent, bluetoothd, subscriber, bus, _broker: broker, _dir: dir })
    }

    fn bluetoothd(&self) -> &FakeBluez {
        self.bluetoothd.as_ref().unwrap()
    }

    /// The agent's memory, in KiB.
    fn resident(&self) -> u64 {
        self.agent.as_ref().unwrap().resident()
    }

    /// What arrived that has all of these words.
    fn arrived(&self, words: &[&str]) -> Vec<String> {
        let mut lines = self.subscriber.lines();
        lines.retain(|line| words.iter().all(|word| line.contains(word)));
        lines
    }

    /// So many of these have arrived.
    async fn until(&self, words: &[&str], count: usize) {
        let what = format!("{count} of {words:?}");
        wait_for(&what, || (count <= self.arrived(words).len()).then_some(())).await;
    }

    /// The receiver says so often that it stands so.
    async fn says(&self, words: &str, count: usize) {
        self.until(&["device_status_changed", words], count).await;
    }

    /// Advertisements of the tag in all windows of a receiver.
    fn pings(&self, receiver: &str) -> u64 {
        let arrived =
            self.arrived(&["ble_ping_detected", &format!("\"beacon_id\":\"{receiver}\"")]);
        arrived.iter().map(|line| number(line, "ping_count")).sum()
    }

    /// Switches the adapter off, which the bus tells after all that was heard, and waits until the agent says so.
    async fn switch_off(&self, times: usize) {
        self.bluetoothd().power(false);
        self.says("switched off", times).await;
    }

    /// Stops the agent when all that was heard is through; what is open ends, and arrives.
    async fn close(&mut self) {
        self.switch_off(1 + self.arrived(&["device_status_changed", "switched off"]).len()).await;
        assert_eq!(self.agent.take().unwrap().stop(), Some(0));
        self.until(&["/state ", "\"stopped\""], 1).await;
    }
}

fn config(dir: &TempDir, broker: &Broker, receivers: &[(&str, &str)]) -> String {
    let mut toml = format!(
        "[gateway]\nid = \"gw-radio\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{}\"\nencoding = \"json\"\nconfirm = \"broker\"\n\
         \n[zones]\ntau_s = 1\nhold_s = 0\n\
         \n[[tag]]\nid = \"anna\"\nclass = \"customer\"\nmatch = {{ ibeacon = \"{UUID}\", major = 1, minor = 1 }}\n\
         \n[[tag]]\nid = \"pallet\"\nclass = \"asset\"\nmatch = {{ mac = \"A4:C1:38:8D:18:B2\" }}\n",
        dir.path().join("data").display(),
        broker.port,
    );
    for (zone, adapter) in receivers {
        let name = zone.to_lowercase();
        toml += &format!(
            "\n[[receiver]]\nname = \"{name}\"\nzone = \"{zone}\"\nkind = \"bluez\"\nadapter = \"{adapter}\"\n\
             power_on = true\n"
        );
    }
    toml
}

/// The value of a key in an event.
fn number(line: &str, key: &str) -> u64 {
    let rest = line.split_once(&format!("\"{key}\":")).unwrap().1;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// The customer's tag, from an address of the hour.
fn anna(rssi: i16) -> Advertisement {
    let hex = UUID.replace('-', "");
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let mut data = vec![2, 0x15];
    data.extend((0..hex.len()).step_by(2).map(byte));
    data.extend([0, 1, 0, 1, 0xc5]);
    let advert = Advertisement::new([0x40, 0, 0, 0, 0, 1], rssi).with_manufacturer(0x4c, &data);
    Advertisement { random: true, ..advert }
}

/// As many of them, of strengths that change.
fn some(count: i16, rssi: i16) -> Vec<Advertisement> {
    (0..count).map(|n| anna(rssi - n % 3)).collect()
}

fn pallet(number: u32) -> Advertisement {
    let rssi = -60 - i16::from((number % 3) as u8);
    Advertisement::new(PALLET, rssi).with_manufacturer(0xffff, &number.to_be_bytes())
}

#[tokio::test]
async fn a_visit_outlives_bluetoothd_and_a_scan_in_progress() {
    let name = "bluetoothd";
    let Some(mut shop) = Shop::open(name, &[("GROCERY", ADAPTER_ADDRESS)]).await else { return };
    shop.says("\"UP\"", 1).await;
    shop.bluetoothd().hear(some(10, -60), EACH);
    shop.until(&["customer_entered"], 1).await;

    shop.bluetoothd().deny_scan(true);
    assert!(shop.bluetoothd().waits_for(DEADLINE, |status| status.in_progress > 0));
    shop.bluetoothd().deny_scan(false);
    shop.bluetoothd().hear(some(10, -60), EACH);
    assert!(shop.bluetoothd().waits_for(DEADLINE, |status| 20 <= status.heard));

    // Killed, which the bus sees at once and the agent when it looks.
    shop.bluetoothd = None;
    shop.says("bluetoothd does not answer", 1).await;
    shop.bluetoothd = Some(shop.bus.bluetoothd());
    shop.says("\"UP\"", 2).await;
    shop.bluetoothd().hear(some(20, -60), EACH);
    assert!(shop.bluetoothd().waits_for(DEADLINE, |status| 20 <= status.heard));
    shop.close().await;
    shop.until(&["customer_exited"], 1).await;
    assert_eq!(shop.arrived(&["customer_entered"]).len(), 1);
    assert_eq!(shop.pings("grocery"), 40);
}

#[tokio::test]
async fn an_adapter_that_comes_back_under_another_name_goes_on_with_the_visit() {
    let Some(mut shop) = Shop::open("adapter", &[("GROCERY", ADAPTER_ADDRESS)]).await else {
        return;
    };
    shop.bluetoothd().hear(some(10, -60), EACH);
    shop.until(&["customer_entered"], 1).await;
    assert!(shop.bluetoothd().waits_for(DEADLINE, |status| 10 <= status.heard));
    shop.bluetoothd().plug(None);
    shop.says("there is no such Bluetooth adapter", 1).await;
    shop.bluetoothd().plug(Some(3));
    shop.says("\"UP\"", 2).await;
    let before = shop.bluetoothd().status().heard;
    shop.bluetoothd().hear(some(10, -60), EACH);
    assert!(shop.bluetoothd().waits_for(DEADLINE, |status| before + 10 <= status.heard));
    shop.close().await;
    shop.until(&["customer_exited"], 1).await;
    assert_eq!(shop.arrived(&["customer_entered"]).len(), 1);
    assert_eq!(shop.pings("grocery"), 20);
}

#[tokio::test]
async fn two_adapters_are_two_receivers_and_who_walks_between_them_changes_the_zone() {
    let receivers = [("ENTRANCE", ADAPTER_ADDRESS), ("GROCERY", OTHER_ADDRESS)];
    let Some(mut shop) = Shop::open("two adapters", &receivers).await else { return };
    assert!(shop.bluetoothd().waits_for(DEADLINE, |status| 0 < status.starts_elsewhere));
    shop.says("\"UP\"", 2).await;
    let walk = |here, there| {
        shop.bluetoothd().hear(some(20, here), EACH);
        shop.bluetoothd().hear_elsewhere(some(20, there), EACH);
    };
    walk(-50, -80);
    shop.until(&["customer_entered", "\"zone\":\"ENTRANCE\""], 1).await;
    walk(-80, -50);
    let changed = ["customer_zone_changed", "\"ENTRANCE\",\"to_zone\":\"GROCERY\""];
    shop.until(&changed, 1).await;
    shop.close().await;
    shop.until(&["customer_exited", "\"zone\":\"GROCERY\""], 1).await;
    assert_eq!(shop.arrived(&["customer_zone_changed"]).len(), 1);
    assert!(20 < shop.pings("entrance") && 20 < shop.pings("grocery"));
}

#[tokio::test]
async fn late_and_missing_answers_about_strangers_hold_up_no_tag() {
    let Some(mut shop) = Shop::open("late answers", &[("GROCERY", ADAPTER_ADDRESS)]).await else {
        return;
    };
    shop.bluetoothd().hear(some(5, -60), EACH);
    shop.until(&["customer_entered"], 1).await;
    let stranger = |n| Advertisement::new([0xc0, 0, 0, 0, 1, n], -70).with_manufacturer(1, &[n]);
    for answers in [Answers::Late(Duration::from_secs(2)), Answers::Never] {
        shop.bluetoothd().answer(answers);
        let mixed = (0..50).flat_map(|n| [stranger(n), anna(-60 - i16::from(n % 3))]);
        shop.bluetoothd().hear(mixed.collect(), Duration::from_millis(20));
    }
    assert!(shop.bluetoothd().waits_for(DEADLINE, |status| 205 <= status.heard));
    shop.close().await;
    shop.until(&["customer_exited"], 1).await;
    assert_eq!(shop.pings("grocery"), 105);
    assert_eq!(shop.arrived(&["\"DOWN\"", "does not answer"]), Vec::<String>::new());
}

#[tokio::test]
async fn two_hundred_adverts_a_second_reach_the_subscriber_without_a_gap() {
    let Some(mut shop) = Shop::open("200/s", &[("GROCERY", ADAPTER_ADDRESS)]).await else { return };
    shop.bluetoothd().hear((0..2000).map(pallet).collect(), Duration::from_millis(5));
    assert!(shop.bluetoothd().waits_for(DEADLINE, |status| 2000 <= status.heard));
    shop.close().await;
    assert_eq!(shop.pings("grocery"), 2000);
}

/// What ten thousand strangers may leave in memory: allocators do not give everything back.
const MEMORY_KB: u64 = 4096;

#[tokio::test]
async fn two_thousand_strangers_a_second_leave_no_memory_and_the_tag_is_heard() {
    let Some(mut shop) = Shop::open("2000/s", &[("GROCERY", ADAPTER_ADDRESS)]).await else {
        return;
    };
    let stranger = |n: u32| {
        let [_, a, b, c] = n.to_be_bytes();
        let advert = Advertisement::new([0x40, 0x10, 1, a, b, c], -70);
        Advertisement { random: true, ..advert.with_manufacturer(0x4c, &[0x10, 5, a, b, c]) }
    };
    let flood = async |numbers: std::ops::Range<u32>, off| {
        let due = shop.bluetoothd().status().heard + numbers.len();
        shop.bluetoothd().hear(numbers.map(stranger).collect(), Duration::from_micros(500));
        assert!(shop.bluetoothd().waits_for(DEADLINE, |status| due <= status.heard));
        shop.switch_off(off).await;
        shop.bluetoothd().power(true);
        shop.says("\"UP\"", 1 + off).await;
    };
    flood(0..2000, 1).await;
    let before = shop.resident();
    flood(2000..12_000, 2).await;
    let grown = shop.resident().saturating_sub(before);
    shop.bluetoothd().hear((0..50).map(pallet).collect(), EACH);
    let due = shop.bluetoothd().status().heard + 50;
    assert!(shop.bluetoothd().waits_for(DEADLINE, |status| due <= status.heard));
    shop.close().await;
    println!("{grown} KiB more, {} of 50 of the tag heard", shop.pings("grocery"));
    assert!(grown < MEMORY_KB, "{grown} KiB more");
    assert_eq!(shop.pings("grocery"), 50);
}
