//! A source's state to `device_status_changed`: one record per change of state or reason.

use tillgate_events::{Body, DeviceStatus, DeviceStatusChanged, Record};

use crate::source::DownReason;
use crate::time::Now;

/// One device.
#[derive(Debug)]
pub struct DeviceTracker {
    name: String,
    last: Option<(DeviceStatus, Option<String>)>,
}

impl DeviceTracker {
    /// The device of this source; its state is not known yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), last: None }
    }

    /// The device answers.
    pub fn up(&mut self, now: Now) -> Option<Record> {
        self.change(now, DeviceStatus::Up, None)
    }

    /// The device is gone.
    pub fn down(&mut self, now: Now, reason: &DownReason) -> Option<Record> {
        self.change(now, DeviceStatus::Down, Some(words(reason)))
    }

    /// The device answers, but what it says suffers.
    pub fn degraded(&mut self, now: Now, reason: &str) -> Option<Record> {
        self.change(now, DeviceStatus::Degraded, Some(reason.to_owned()))
    }

    /// Whether the device answers, as far as known.
    #[must_use]
    pub fn status(&self) -> Option<DeviceStatus> {
        self.last.as_ref().map(|(status, _)| *status)
    }

    /// Why it is in that state, where that was said.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.last.as_ref()?.1.as_deref()
    }

    fn change(&mut self, now: Now, status: DeviceStatus, reason: Option<String>) -> Option<Record> {
        let state = Some((status, reason.clone()));
        if self.last == state {
            return None;
        }
        self.last = state;
        let device = self.name.clone();
        let body = Body::DeviceStatusChanged(DeviceStatusChanged { device, status, reason });
        Some(Record { at: now.wall, source: self.name.clone(), body })
    }
}

/// A reason as people say it.
#[must_use]
pub fn words(reason: &DownReason) -> String {
    match reason {
        DownReason::Missing => "not there".to_owned(),
        DownReason::Unplugged => "unplugged".to_owned(),
        DownReason::Busy => "held by another program".to_owned(),
        DownReason::Denied => "no permission to open it".to_owned(),
        DownReason::Settings(what) => format!("refuses its settings: {what}"),
        DownReason::Radio(what) | DownReason::Other(what) => what.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_of_state_or_reason_are_told() {
        let mut device = DeviceTracker::new("till-1");
        let now = Now::default();
        let told = [
            device.down(now, &DownReason::Missing),
            device.down(now, &DownReason::Missing),
            device.down(now, &DownReason::Busy),
            device.up(now),
            device.up(now),
        ];
        assert_eq!(told.map(|record| record.is_some()), [true, false, true, true, false]);
    }
}
