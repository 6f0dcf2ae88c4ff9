//! The MQTT task against a real Mosquitto: stopped, restarted, deaf, forbidding, behind TLS.

mod gateway;
mod rude;

use std::path::Path;

use tempfile::TempDir;
use tillgate::config::{Confirm, Encoding, MqttConfig};
use tillgate_events::{
    Batch, Body, BootId, Class, ClockQuality, Header, NoSale, Record, UtcMs, encode,
};

use crate::support::mosquitto::{Broker, Subscriber, publish_retained};
use crate::support::{skipped, wait_for};
use gateway::{Gateway, mqtt};

const BASE: &str = "tillgate/v1/acme/7/gw";

/// The sequence numbers that arrived of a class, in order of their first arrival.
fn first_arrivals(subscriber: &Subscriber, class: Class) -> Vec<u64> {
    let mut seen = Vec::new();
    for line in subscriber.lines() {
        let prefix = format!("{BASE}/evt/{0} {0}-", class.name());
        let Some(sequence) = line.strip_prefix(&prefix) else { continue };
        let sequence = sequence.parse().unwrap();
        if !seen.contains(&sequence) {
            seen.push(sequence);
        }
    }
    seen
}

async fn arrived(subscriber: &Subscriber, class: Class, count: u64) {
    let all: Vec<u64> = (1..=count).collect();
    let enough = || (first_arrivals(subscriber, class).len() == all.len()).then_some(());
    wait_for("the rows arrive", enough).await;
    assert_eq!(first_arrivals(subscriber, class), all, "in order");
}

/// A broker, or `None` after saying that the test is skipped.
async fn broker(test: &str, config: &str) -> Option<Broker> {
    let broker = Broker::start(config).await;
    if broker.is_none() {
        skipped(test, "mosquitto and its clients are not installed");
    }
    broker
}

const ALL: &str = "tillgate/v1/acme/7/gw/#";
const EVENTS: &str = "tillgate/v1/acme/7/gw/evt/#";

#[tokio::test]
async fn rows_arrive_in_order_and_are_freed_and_the_gateway_says_hello_and_goodbye() {
    let Some(broker) = broker("rows_arrive", "allow_anonymous true").await else { return };
    let subscriber = Subscriber::start(&broker, ALL, "%t %p").await;
    let mut gateway = Gateway::start(mqtt(broker.port));
    for _ in 0..100 {
        gateway.put(Class::Pos);
        gateway.put(Class::Visit);
    }
    arrived(&subscriber, Class::Pos, 100).await;
    arrived(&subscriber, Class::Visit, 100).await;
    gateway.all_freed().await;
    assert_eq!(gateway.state.borrow().progress.sent, 200);
    gateway.stop().await;
    let said = |status: &str| {
        let status = format!("\"status\":\"{status}\"");
        let is =
            |line: &String| line.starts_with(&format!("{BASE}/state")) && line.contains(&status);
        subscriber.lines().iter().any(is).then_some(())
    };
    wait_for("birth", || said("online")).await;
    wait_for("farewell", || said("stopped")).await;
    assert_eq!(said("lost"), None, "no will after a farewell");
}

#[tokio::test]
async fn a_restarted_broker_gets_everything_that_was_accepted_meanwhile() {
    let Some(mut broker) = broker("a_restarted_broker", "allow_anonymous true").await else {
        return;
    };
    let subscriber = Subscriber::start(&broker, EVENTS, "%t %p").await;
    let gateway = Gateway::start(mqtt(broker.port));
    for _ in 0..50 {
        gateway.put(Class::Pos);
    }
    arrived(&subscriber, Class::Pos, 50).await;
    gateway.all_freed().await;
    broker.stop();
    gateway.error("").await;
    for _ in 0..150 {
        gateway.put(Class::Pos);
        gateway.put(Class::Ops);
    }
    assert_eq!(gateway.waiting(), 300, "nothing is freed without a broker");
    broker.restart().await;
    arrived(&subscriber, Class::Pos, 200).await;
    arrived(&subscriber, Class::Ops, 150).await;
    gateway.all_freed().await;
}

#[tokio::test]
async fn without_a_subscriber_nothing_is_freed_until_there_is_one() {
    let Some(broker) = broker("without_a_subscriber", "allow_anonymous true").await else { return };
    let gateway = Gateway::start(mqtt(broker.port));
    for _ in 0..50 {
        gateway.put(Class::Pos);
    }
    gateway.refused(Class::Pos, 16).await;
    assert_eq!(gateway.waiting(), 50);
    let subscriber = Subscriber::start(&broker, EVENTS, "%t %p").await;
    gateway.all_freed().await;
    let mut sequences = first_arrivals(&subscriber, Class::Pos);
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=50).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_forbidden_class_waits_and_the_others_go_on() {
    let acl = TempDir::new().unwrap();
    let file = acl.path().join("acl");
    let rules = format!(
        "topic read #\ntopic write probe/#\ntopic write {BASE}/state\ntopic write {BASE}/evt/visit\n"
    );
    std::fs::write(&file, rules).unwrap();
    let config = format!("allow_anonymous true\nacl_file {}", file.display());
    let Some(broker) = broker("a_forbidden_class", &config).await else { return };
    let subscriber = Subscriber::start(&broker, EVENTS, "%t %p").await;
    let gateway = Gateway::start(mqtt(broker.port));
    gateway.put(Class::Pos);
    for _ in 0..100 {
        gateway.put(Class::Visit);
        gateway.put(Class::Pos);
    }
    gateway.refused(Class::Pos, 135).await;
    arrived(&subscriber, Class::Visit, 100).await;
    let only_pos = || (gateway.waiting() == 101).then_some(());
    wait_for("the visits are freed", only_pos).await;
    assert!(first_arrivals(&subscriber, Class::Pos).is_empty());
}

#[tokio::test]
async fn the_last_will_stands_when_the_gateway_dies() {
    let Some(broker) = broker("the_last_will", "allow_anonymous true").await else { return };
    let gateway = Gateway::start(mqtt(broker.port));
    wait_for("connected", || gateway.state.borrow().connected.then_some(())).await;
    gateway.task.abort();
    let subscriber = Subscriber::start(&broker, ALL, "%t %p").await;
    let lost = || subscriber.lines().iter().any(|line| line.contains("\"lost\"")).then_some(());
    wait_for("the will", lost).await;
}

#[tokio::test]
async fn where_the_cloud_confirms_only_its_watermark_frees() {
    let Some(broker) = broker("where_the_cloud_confirms", "allow_anonymous true").await else {
        return;
    };
    let subscriber = Subscriber::start(&broker, EVENTS, "%t %p").await;
    let gateway = Gateway::start(MqttConfig { confirm: Confirm::Cloud, ..mqtt(broker.port) });
    for _ in 0..20 {
        gateway.put(Class::Pos);
    }
    arrived(&subscriber, Class::Pos, 20).await;
    wait_for("all are acknowledged", || (gateway.state.borrow().progress.sent == 20).then_some(()))
        .await;
    assert_eq!(gateway.waiting(), 20, "sent is not kept");
    let ack = format!("{BASE}/ack");
    publish_retained(&broker, &ack, r#"{"pos": {"epoch": 1, "sequence": 12}}"#);
    wait_for("12 rows are freed", || (gateway.waiting() == 8).then_some(())).await;
    publish_retained(&broker, &ack, r#"{"pos": {"epoch": 9, "sequence": 20}}"#);
    gateway.error("epoch 9").await;
    assert_eq!(gateway.waiting(), 8, "another database's watermark frees nothing");
    publish_retained(&broker, &ack, r#"{"pos": {"epoch": 1, "sequence": 20}}"#);
    gateway.all_freed().await;
}

#[tokio::test]
async fn a_loss_is_told_until_somebody_hears_it() {
    let Some(broker) = broker("a_loss_is_told", "allow_anonymous true").await else { return };
    let gateway = Gateway::with_cap(mqtt(broker.port), 2 * 1024 * 1024);
    for _ in 0..300 {
        gateway.put_payload(Class::Visit, 2, vec![1; 10_000]);
    }
    let gaps = gateway.store.lock().unwrap().gaps().unwrap();
    let gone = gaps[0].count;
    gateway.refused(Class::Visit, 16).await;
    assert_eq!(gateway.store.lock().unwrap().gaps().unwrap(), gaps, "nobody heard of it");
    let subscriber = Subscriber::start(&broker, ALL, "%t %p").await;
    let told = format!(
        "{BASE}/gap {{\"gateway\":\"gw\",\"class\":\"visit\",\"epoch\":1,\"first_sequence\":1,\
         \"last_sequence\":{gone},\"count\":{gone},\"bytes\":{},\"reason\":\"cap\"}}",
        gaps[0].bytes
    );
    wait_for(&told, || subscriber.lines().contains(&told).then_some(())).await;
    let forgotten = || gateway.store.lock().unwrap().gaps().unwrap().is_empty().then_some(());
    wait_for("the loss is let go of", forgotten).await;
    assert_eq!(gateway.state.borrow().progress.gaps_told, 1);
}

#[tokio::test]
async fn in_json_a_row_of_many_events_is_freed_when_all_have_arrived() {
    let Some(broker) = broker("in_json", "allow_anonymous true").await else { return };
    let subscriber = Subscriber::start(&broker, EVENTS, "%t %C %P %p").await;
    let gateway = Gateway::start(MqttConfig { encoding: Encoding::Json, ..mqtt(broker.port) });
    let record = |at| Record {
        at: UtcMs(at),
        source: "till-1".into(),
        body: Body::NoSale(NoSale { terminal_id: "T1".into() }),
    };
    let header = Header {
        gateway_id: "gw".into(),
        store_id: 7,
        class: Class::Pos,
        epoch: 1,
        first_sequence: 1,
        wall: UtcMs(0),
        boot_id: BootId::default(),
        mono_us: 0,
        clock: ClockQuality::Synced,
    };
    let batch = Batch { header, records: (0..100).map(record).collect() };
    gateway.put_payload(Class::Pos, 100, encode(&batch).unwrap());
    gateway.all_freed().await;
    wait_for("all arrive", || (subscriber.lines().len() == 100).then_some(())).await;
    let last = &subscriber.lines()[99];
    for part in ["application/json; charset=utf-8", "seq:100", "\"trace_id\":\"gw-pos-1-100\""] {
        assert!(last.contains(part), "{part} in {last}");
    }
}

#[tokio::test]
async fn over_tls_both_sides_show_certificates_and_a_wrong_authority_is_named() {
    let files = TempDir::new().unwrap();
    let Some(config) = crate::support::mosquitto::certificates(files.path()) else {
        skipped("over_tls", "openssl is not installed");
        return;
    };
    let Some(broker) = broker("over_tls", &config).await else { return };
    let tls = |ca: &str, cert: Option<&str>| tls_config(files.path(), broker.port, ca, cert);

    let gateway = Gateway::start(tls("ca", Some("client")));
    wait_for("connected", || gateway.state.borrow().connected.then_some(())).await;
    let stranger = Gateway::start(tls("other-ca", Some("client")));
    stranger.error("an authority that `ca` does not name").await;
    let nameless = Gateway::start(tls("ca", None));
    nameless.error("refuses this gateway's certificate").await;
    let unknown = Gateway::start(tls("ca", Some("other-client")));
    unknown.error("refuses this gateway's certificate").await;
    let no_file = Gateway::start(tls("missing", None));
    no_file.error("missing.crt").await;
    let plain = Gateway::start(mqtt(broker.port));
    plain.error("expects TLS there").await;
}

#[tokio::test]
async fn tls_to_a_port_without_it_is_told() {
    let files = TempDir::new().unwrap();
    if crate::support::mosquitto::certificates(files.path()).is_none() {
        return skipped("tls_to_a_port_without", "openssl is not installed");
    }
    let Some(broker) = broker("tls_to_a_port_without", "allow_anonymous true").await else {
        return;
    };
    let gateway = Gateway::start(tls_config(files.path(), broker.port, "ca", None));
    gateway.error("speaks no TLS there").await;
}

fn tls_config(files: &Path, port: u16, ca: &str, cert: Option<&str>) -> MqttConfig {
    MqttConfig {
        tls: true,
        host: "localhost".into(),
        ca: Some(files.join(format!("{ca}.crt"))),
        client_cert: cert.map(|name| files.join(format!("{name}.crt"))),
        client_key: cert.map(|name| files.join(format!("{name}.key"))),
        ..mqtt(port)
    }
}
