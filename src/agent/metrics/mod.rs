//! Metrics for a Prometheus on this machine, or one that comes through a tunnel. Off unless `[metrics]` is configured;
//! the configuration allows loopback addresses only.
//!
//! # Constraints
//! - Whoever asks can cost little: requests, connections and time are bounded, each connection has one request, and
//!   nothing of the request is kept or logged.
//! - What is told is [`limits::HEALTH_LOOK`] old at most, unless a commit takes longer, and never waits for the
//!   pipeline or the disk.

pub mod http;
mod text;

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::health::statement::Statement;
use crate::limits;

type Told = watch::Receiver<Option<Statement>>;

/// Answers until it is dropped. An address that is taken is tried again: metrics are no reason to stop a gateway.
pub async fn serve(address: SocketAddr, told: Told) {
    let mut complained = false;
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                tracing::info!(%address, "metrics are told at /metrics");
                answer_all(&listener, &told).await;
            }
            Err(error) if !complained => {
                tracing::error!(%address, %error, "no metrics: cannot listen; trying again");
                complained = true;
            }
            Err(_) => {}
        }
        sleep(limits::METRICS_RETRY).await;
    }
}

/// Returns when nothing can be accepted any more.
async fn answer_all(listener: &TcpListener, told: &Told) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if open.len() < limits::METRICS_CONNECTIONS => {
                    open.spawn(timeout(limits::METRICS_PATIENCE, talk(stream, told.clone())));
                }
                // One too many: closed unanswered.
                Ok(_) => {}
                // Whoever asked is gone again, or there are no files left to open.
                Err(error) => return tracing::warn!(%error, "no metrics for a while"),
            },
            Some(_) = open.join_next() => {}
        }
    }
}

/// One request and its answer. Errors end it, as the client's leaving does.
async fn talk(mut stream: TcpStream, told: Told) {
    let mut request = Vec::new();
    let answer = loop {
        if let Some(answer) = http::answer(&request, || page(&told)) {
            break answer;
        }
        match stream.read_buf(&mut request).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    };
    if stream.write_all(&answer).await.is_ok() && stream.shutdown().await.is_ok() {
        // What the client still sends is let go of: closing before it would take the answer back.
        let mut rest = [0; 512];
        while stream.read(&mut rest).await.is_ok_and(|bytes| bytes > 0) {}
    }
}

fn page(told: &Told) -> String {
    told.borrow().as_ref().map(text::render).unwrap_or_default()
}

#[cfg(test)]
mod tests;
