//! The delivery plan's file, as a device: each time that it changed it is read anew. A plan with mistakes changes
//! nothing; each of them is logged with its place, and the device works badly until the file is right.

use std::sync::Arc;

use crate::decode::delivery::{self, Plan, Yardstick};

/// The reader of one file.
pub struct Deliveries {
    file: String,
    by: Yardstick,
    refused: u64,
    said: Option<Arc<Plan>>,
}

impl Deliveries {
    /// The file, as it is called in messages.
    #[must_use]
    pub fn new(file: &str, by: Yardstick) -> Self {
        Self { file: file.to_owned(), by, refused: 0, said: None }
    }

    /// Takes the whole file.
    pub fn push(&mut self, bytes: &[u8]) {
        let parsed = match std::str::from_utf8(bytes) {
            Ok(text) => delivery::parse(&self.file, text, &self.by),
            Err(_) => {
                tracing::warn!(
                    file = self.file,
                    "the delivery plan is not UTF-8: the last one holds"
                );
                self.refused += 1;
                return;
            }
        };
        match parsed {
            Ok(plan) => {
                tracing::info!(
                    file = self.file,
                    deliveries = plan.deliveries.len(),
                    "new delivery plan"
                );
                self.said = Some(Arc::new(plan));
            }
            Err(mistakes) => {
                for mistake in &mistakes {
                    tracing::warn!("{mistake}");
                }
                tracing::warn!(
                    file = self.file,
                    "the delivery plan has mistakes: the last one holds"
                );
                self.refused += 1;
            }
        }
    }

    /// Plans with mistakes.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The new plan, once.
    pub fn take_said(&mut self) -> Option<Arc<Plan>> {
        self.said.take()
    }
}
