//! Temperatures of what is kept cold: windows, alarms, and what a truck's load went through during its stay.
//!
//! A reading holds until the next one, for [`limits::REEFER_SILENCE`] at most: what was not measured is no breach.
//! Sensors inside a shut trailer are often heard only once the door is open, so the first reading after that is told
//! by itself.

use std::time::Duration;

use tillgate_events::{Body, Record, Temperature, TemperatureRecorded};

use super::stay::{minutes, words};
use crate::config::ReeferConfig;
use crate::limits;
use crate::time::{Mono, Now};

/// What a load went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Of all its sensors.
    pub temperature: Temperature,
    /// Outside its limits, where it has any.
    pub breach: Option<Duration>,
}

/// One sensor.
#[derive(Debug)]
pub struct Reefer {
    config: ReeferConfig,
    last: Option<(Now, i32)>,
    window: Option<(Now, Sum)>,
    stay: Option<(Sum, Duration)>,
    breach: Option<Breach>,
    /// By dock, since its door was opened last.
    first: Vec<Option<First>>,
}

/// Readings taken together.
#[derive(Clone, Copy, Debug)]
struct Sum {
    count: u32,
    sum: i64,
    min: i32,
    max: i32,
}

/// Readings outside the limits, one after the other.
#[derive(Clone, Copy, Debug)]
struct Breach {
    since: Mono,
    told: bool,
}

/// The first reading after a door was opened, and whether a truck with this sensor is there.
#[derive(Clone, Copy, Debug)]
struct First {
    opened: Now,
    reading: Option<(Now, i32)>,
    wanted: bool,
}

impl Reefer {
    /// A sensor that said nothing yet, where there are so many docks.
    #[must_use]
    pub fn new(config: ReeferConfig, docks: usize) -> Self {
        let first = vec![None; docks];
        Self { config, last: None, window: None, stay: None, breach: None, first }
    }

    /// Whether this sensor's id it is.
    #[must_use]
    pub fn is(&self, sensor: &str) -> bool {
        self.config.sensor == sensor
    }

    /// Whether it travels with this truck.
    #[must_use]
    pub fn is_of(&self, truck: Option<&str>) -> bool {
        truck.is_some() && self.config.truck.as_deref() == truck
    }

    /// Takes a reading, in hundredths of a degree.
    pub fn measured(&mut self, now: Now, value: i32, out: &mut Vec<Record>) {
        self.tick(now, out);
        self.note_breach(now.mono);
        let silent = |(last, _): (Now, i32)| now.mono.since(last.mono) > limits::REEFER_SILENCE;
        if self.last.replace((now, value)).is_some_and(silent)
            && let Some(breach) = &mut self.breach
        {
            breach.since = now.mono;
        }
        self.window.get_or_insert((now, Sum::NOTHING)).1.add(value);
        if let Some((sum, _)) = &mut self.stay {
            sum.add(value);
        }
        for dock in 0..self.first.len() {
            if let Some(Some(first)) = self.first.get_mut(dock) {
                first.reading.get_or_insert((now, value));
            }
            self.tell_first(dock, out);
        }
        self.watch(now, value, out);
    }

    /// Ends a window that is over.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        if self.due().is_some_and(|due| due <= now.mono)
            && let Some((since, sum)) = self.window.take()
        {
            self.tell_window(since, sum, limits::REEFER_WINDOW, out);
        }
    }

    /// When its window ends.
    #[must_use]
    pub fn due(&self) -> Option<Mono> {
        self.window.map(|(since, _)| since.mono.plus(limits::REEFER_WINDOW))
    }

    /// The agent stops: ends its window.
    pub fn finish(&mut self, now: Now, out: &mut Vec<Record>) {
        if let Some((since, sum)) = self.window.take() {
            self.tell_window(since, sum, now.mono.since(since.mono), out);
        }
    }

    /// Its truck arrived.
    pub fn arrived(&mut self) {
        self.stay = Some((Sum::NOTHING, Duration::ZERO));
    }

    /// The door of a dock was opened.
    pub fn opened(&mut self, dock: usize, opened: Now) {
        if let Some(first) = self.first.get_mut(dock) {
            *first = Some(First { opened, reading: None, wanted: false });
        }
    }

    /// Its truck is the one for which the dock's door was opened.
    pub fn docked(&mut self, dock: usize, out: &mut Vec<Record>) {
        if let Some(Some(first)) = self.first.get_mut(dock) {
            first.wanted = true;
            self.tell_first(dock, out);
        }
    }

    /// Its truck left.
    pub fn departed(&mut self, now: Mono) -> Option<Load> {
        self.note_breach(now);
        let (sum, breach) = self.stay.take()?;
        let limited = self.config.low.is_some() || self.config.high.is_some();
        let breach = limited.then_some(breach);
        (sum.count > 0).then(|| Load { temperature: sum.temperature(), breach })
    }

    /// The wall clock was set.
    pub fn clock_set(&mut self, by_ms: i64) {
        let firsts =
            self.first.iter_mut().flatten().flat_map(|first| {
                [Some(&mut first.opened), first.reading.as_mut().map(|(at, _)| at)]
            });
        let last = self.last.as_mut().map(|(at, _)| at);
        let window = self.window.as_mut().map(|(at, _)| at);
        for time in firsts.chain([last, window]).flatten() {
            *time = time.clock_set(by_ms);
        }
    }

    /// The limit that a value is beyond, in words.
    fn beyond(&self, value: i32) -> Option<String> {
        let above = self.config.high.filter(|high| value > *high);
        let below = self.config.low.filter(|low| value < *low);
        let above = above.map(|high| format!("above {}", celsius(high)));
        above.or_else(|| below.map(|low| format!("below {}", celsius(low))))
    }

    /// The last reading held until now: was that a breach of the stay?
    fn note_breach(&mut self, now: Mono) {
        let Some((at, value)) = self.last else { return };
        let beyond = self.beyond(value).is_some();
        if let Some((sum, breach)) = self.stay.as_mut().filter(|_| beyond)
            && sum.count > 0
        {
            *breach += now.since(at.mono).min(limits::REEFER_SILENCE);
        }
    }

    /// Tells of a breach that lasts, once, and that it is over.
    fn watch(&mut self, now: Now, value: i32, out: &mut Vec<Record>) {
        let Some(beyond) = self.beyond(value) else {
            if self.breach.take().is_some_and(|breach| breach.told) {
                let text = format!("[{} {}]", self.about(), celsius(value));
                out.push(words(&self.config.sensor, now.wall, "temperature_alarm_over", text));
            }
            return;
        };
        let breach = self.breach.get_or_insert(Breach { since: now.mono, told: false });
        let lasted = now.mono.since(breach.since);
        if !breach.told && lasted >= self.config.alarm_after {
            breach.told = true;
            let (about, value) = (self.about(), celsius(value));
            let text = format!("[{about} {value}, {beyond} for {} min]", minutes(lasted));
            out.push(words(&self.config.sensor, now.wall, "temperature_alarm", text));
        }
    }

    fn tell_first(&mut self, dock: usize, out: &mut Vec<Record>) {
        let Some(place) = self.first.get_mut(dock) else { return };
        let Some(First { opened, reading: Some((at, value)), wanted: true }) = *place else {
            return;
        };
        *place = None;
        let after = at.mono.since(opened.mono).as_secs();
        let text = format!("[{} {} {after} s after the door opened]", self.about(), celsius(value));
        out.push(words(&self.config.sensor, at.wall, "temperature_at_opening", text));
    }

    fn tell_window(&self, since: Now, sum: Sum, length: Duration, out: &mut Vec<Record>) {
        let body = Body::TemperatureRecorded(TemperatureRecorded {
            sensor_id: self.config.sensor.clone(),
            truck_id: self.config.truck.clone(),
            temperature: sum.temperature(),
            sample_count: sum.count,
            window_seconds: u32::try_from(length.as_secs()).unwrap_or(u32::MAX),
        });
        let source = self.config.sensor.clone();
        out.push(Record { at: since.plus(length).wall, source, body });
    }

    fn about(&self) -> String {
        match &self.config.truck {
            Some(truck) => format!("sensor {} truck {truck}", self.config.sensor),
            None => format!("sensor {}", self.config.sensor),
        }
    }
}

impl Load {
    /// Of two sensors in one truck: the mean of all readings is not known any more, so that of the means stands for it.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let (one, two) = (self.temperature, other.temperature);
        let temperature = Temperature {
            minimum: one.minimum.min(two.minimum),
            mean: one.mean.midpoint(two.mean),
            maximum: one.maximum.max(two.maximum),
        };
        Self { temperature, breach: self.breach.max(other.breach) }
    }
}

impl Sum {
    const NOTHING: Self = Self { count: 0, sum: 0, min: i32::MAX, max: i32::MIN };

    fn add(&mut self, value: i32) {
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.saturating_add(value.into());
        (self.min, self.max) = (self.min.min(value), self.max.max(value));
    }

    fn temperature(self) -> Temperature {
        Temperature { minimum: self.min, mean: self.mean(), maximum: self.max }
    }

    /// Rounded half away from zero.
    fn mean(self) -> i32 {
        let count = i64::from(self.count.max(1));
        let (whole, rest) = (self.sum / count, self.sum % count);
        let rounded = if rest.abs() * 2 < count { whole } else { whole + rest.signum() };
        i32::try_from(rounded).unwrap_or_default()
    }
}

/// `-17.50 C`.
fn celsius(hundredths: i32) -> String {
    let (sign, size) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
    format!("{sign}{}.{:02} C", size / 100, size % 100)
}
