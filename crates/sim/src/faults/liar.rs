//! A broker that acknowledges everything with success and passes nothing on.

use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::fail::Fail;
use crate::broker::{Behaviour, Broker};

/// Ends with this value.
pub struct Liar {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Liar {
    /// On a free port.
    pub fn start() -> Result<Self, Fail> {
        let (told, port) = channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || serve(&told, stopped));
        let port = port.recv().map_err(|_| Fail::Trouble("the lying broker".to_owned()))?;
        Ok(Self { port, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(told: &Sender<u16>, stopped: oneshot::Receiver<()>) {
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let lies = Behaviour { forget_publishes: true, ..Behaviour::default() };
        let Ok(broker) = Broker::start_new(lies).await else { return };
        let _gone = told.send(broker.port());
        let _dropped = stopped.await;
    });
}
