//! A forwarder with a store of its own, and whoever serves it in the pipeline's place.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tillgate::clock::Clock;
use tillgate::config::{Allowance, Confirm, Encoding, MqttConfig};
use tillgate::forward::{self, Answer, ForwardSettings, Link, LinkState, Request, Topics};
use tillgate::store::{NewRow, RowId, Store, StoreError};
use tillgate_events::{Class, UtcMs};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::support::wait_for;

/// A forwarder with a store of its own.
pub struct Gateway {
    pub store: Arc<Mutex<Store>>,
    pub newest: watch::Sender<RowId>,
    pub state: watch::Receiver<LinkState>,
    /// What is to stand on `…/health`.
    _health: watch::Sender<String>,
    /// Its store cannot be read while this is true.
    pub unreadable: Arc<AtomicBool>,
    pub stop: Option<oneshot::Sender<()>>,
    pub task: JoinHandle<()>,
    _dir: TempDir,
}

pub fn mqtt(port: u16) -> MqttConfig {
    MqttConfig {
        host: "127.0.0.1".into(),
        port,
        tls: false,
        ca: None,
        client_cert: None,
        client_key: None,
        username: None,
        password_file: None,
        encoding: Encoding::Postcard,
        confirm: Confirm::Broker,
        keep_alive: Duration::from_secs(5),
        allowance: Allowance::default(),
    }
}

impl Gateway {
    pub fn start(mqtt: MqttConfig) -> Self {
        Self::with_cap(mqtt, 64 * 1024 * 1024)
    }

    pub fn with_cap(mqtt: MqttConfig, max_bytes: u64) -> Self {
        let dir = TempDir::new().unwrap();
        let (store, report) = Store::open(dir.path(), max_bytes, UtcMs(0)).unwrap();
        let next = store.next_sequences();
        let store = Arc::new(Mutex::new(store));
        let (newest, newest_seen) = watch::channel(report.newest);
        let (state, state_seen) = watch::channel(LinkState::default());
        let (requests, questions) = mpsc::channel(16);
        let (stop, stopped) = oneshot::channel();
        let unreadable = Arc::new(AtomicBool::new(false));
        tokio::spawn(serve(store.clone(), unreadable.clone(), questions));
        let settings = ForwardSettings {
            mqtt,
            topics: Topics::new("acme", 7, "gw").unwrap(),
            gateway_id: "gw".into(),
            epoch: report.epoch,
            untaken: next.clone(),
            next,
            started: UtcMs(0),
            stop_within: Duration::from_secs(3),
        };
        let (health_in, health) = watch::channel(String::new());
        let link = Link { requests, newest: newest_seen, state, health };
        let stopped = async {
            let _ = stopped.await;
        };
        let task = tokio::spawn(forward::run(settings, link, stopped, Clock::start()));
        Self {
            store,
            newest,
            state: state_seen,
            unreadable,
            stop: Some(stop),
            task,
            _health: health_in,
            _dir: dir,
        }
    }

    /// Accepts one row, as `{class}-{sequence}`.
    pub fn put(&self, class: Class) {
        let sequence = self.store.lock().unwrap().next_sequence(class);
        self.put_payload(class, 1, format!("{}-{sequence}", class.name()).into_bytes());
    }

    pub fn put_payload(&self, class: Class, count: u32, payload: Vec<u8>) {
        let mut store = self.store.lock().unwrap();
        let first_sequence = store.next_sequence(class);
        let ids = store.commit(&[NewRow { class, first_sequence, count, payload }], &[]).unwrap();
        self.newest.send_replace(ids[0]);
    }

    pub fn waiting(&self) -> u64 {
        self.store.lock().unwrap().backlog().rows
    }

    pub async fn all_freed(&self) {
        wait_for("all rows are freed", || (self.waiting() == 0).then_some(())).await;
    }

    pub async fn refused(&self, class: Class, reason: u8) {
        let seen = || (self.state.borrow().refused == Some((class, reason))).then_some(());
        wait_for("the refusal is reported", seen).await;
    }

    pub async fn error(&self, words: &str) {
        let said = || {
            let state = self.state.borrow();
            state.last_error.as_ref().is_some_and(|error| error.contains(words)).then_some(())
        };
        wait_for(words, said).await;
    }

    pub async fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
        wait_for("the forwarder ends", || self.task.is_finished().then_some(())).await;
    }
}

/// The pipeline thread's part.
async fn serve(
    store: Arc<Mutex<Store>>,
    unreadable: Arc<AtomicBool>,
    mut questions: mpsc::Receiver<Request>,
) {
    while let Some(question) = questions.recv().await {
        let mut store = store.lock().unwrap();
        match question {
            Request::Rows { reply, .. } if unreadable.load(Relaxed) => {
                let _ = reply.send(Err(StoreError::Full));
            }
            Request::Rows { class, after, max_rows, reply } => {
                let _ = reply.send(read(&mut store, class, after, max_rows));
            }
            Request::Settle(gaps) => store.settle(&gaps).unwrap(),
            Request::Compare { contradicts, marks, reply } => {
                let found =
                    if contradicts { store.contradicted(&marks) } else { store.compare(&marks) };
                while store.is_renumbering() {
                    store.renumber_step().unwrap();
                }
                let _ = reply.send(found);
            }
            Request::Delivered(upto) => store.delivered(&upto),
            Request::Ended(taken) => store.ended(&taken),
            Request::Free(rows) => store.free(&rows).unwrap(),
        }
    }
}

fn read(
    store: &mut Store,
    class: Class,
    after: RowId,
    max_rows: usize,
) -> Result<Answer, StoreError> {
    let rows = store.rows_of(class, after, max_rows, 1 << 20)?;
    Ok(Answer { rows, gaps: store.gaps()? })
}
