//! Somebody records a sensor's encrypted packet and plays it to another run of the built agent.

use ccm::aead::AeadInOut as _;
use ccm::consts::{U4, U13};
use ccm::{Ccm, KeyInit as _};
use tempfile::TempDir;
use tillgate_events::Body;
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::{Agent, accepted};

const KEY: [u8; 16] = [0x23; 16];
const SENSOR: [u8; 6] = [0x54, 0x48, 0xe6, 0x8f, 0x80, 0xa5];

/// The line of a receiver that hears the sensor say that its window is open.
fn packet(counter: u32) -> String {
    let mut content = [0x2d, 1];
    let counter = counter.to_le_bytes();
    let nonce = [&SENSOR[..], &[0xd2, 0xfc, 0x41], &counter].concat();
    let nonce: [u8; 13] = nonce.try_into().unwrap();
    let cipher: Ccm<aes::Aes128, U4, U13> = Ccm::new(&KEY.into());
    let check =
        cipher.encrypt_inout_detached(&nonce.into(), &[], content.as_mut_slice().into()).unwrap();
    let data = [&[14, 0x16, 0xd2, 0xfc, 0x41][..], &content, &counter, check.as_slice()].concat();
    let hex: String = data.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("$GPRP,5448E68F80A5,F008D1798C00,-60,{hex}\r\n")
}

/// Lets an agent hear these packets; how many pings of the sensor stand in the database then.
async fn hear(dir: &TempDir, receiver: &mut Pty, packets: &[u32]) -> u32 {
    let agent = Agent::start(dir.path());
    for counter in packets {
        receiver.write_all(packet(*counter).as_bytes()).await.unwrap();
    }
    // Told of when all before it was read.
    receiver.write_all(b"$GPRP,zz\r\n").await.unwrap();
    agent.says("works badly").await;
    assert_eq!(agent.stop(), Some(0));
    let records = accepted(&dir.path().join("data"));
    let pings = records.iter().filter_map(|record| match &record.body {
        Body::TagWindow(window) => Some(window.ping_count),
        _ => None,
    });
    pings.sum()
}

#[tokio::test]
async fn a_recorded_packet_is_refused_by_the_next_run_too() {
    let dir = TempDir::new().unwrap();
    let mut receiver = Pty::open().unwrap();
    let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(dir.path().join("key"), key).unwrap();
    let toml = format!(
        "[gateway]\nid = \"gw-replay\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\
         \n[[receiver]]\nname = \"r\"\nzone = \"Z\"\nkind = \"serial\"\nport = \"{}\"\n\
         \n[[tag]]\nid = \"back-door\"\nclass = \"asset\"\nmatch = {{ mac = \"54:48:E6:8F:80:A5\", key_file = \"{}\" }}\n",
        dir.path().join("data").display(),
        receiver.path().display(),
        dir.path().join("key").display(),
    );
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    assert_eq!(hear(&dir, &mut receiver, &[5000, 5001, 5000]).await, 2);
    assert_eq!(hear(&dir, &mut receiver, &[5001, 5000, 3]).await, 2, "recordings");
    assert_eq!(hear(&dir, &mut receiver, &[5001, 5002]).await, 3);
}
