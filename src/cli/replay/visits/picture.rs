//! One visit as SVG, written by hand: what each receiver heard over time, smoothed and as it came, and the decided
//! zones as bands. People choose parameters by looking.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use tillgate_events::UtcMs;

use super::table::clock;
use crate::decode::TagKey;
use crate::limits;
use crate::time::Mono;
use crate::track::visit::{VisitTracker, Visited, What};
use crate::track::zone::Field;

const WIDTH: f64 = 960.0;
const LEFT: f64 = 60.0;
const PLOT: f64 = 880.0;
const TOP: f64 = 70.0;
const HEIGHT: f64 = 280.0;

/// Distinguishable also by those who see red and green alike (Okabe and Ito).
const COLOURS: [&str; 7] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a6a00"];

/// What one tag said.
pub struct Picture {
    key: TagKey,
    points: BTreeMap<usize, Vec<Point>>,
    count: usize,
}

#[derive(Clone, Copy)]
struct Point {
    at: Mono,
    rssi: f64,
    level: f64,
}

/// From when to when it was where.
struct Band {
    zone: usize,
    from: Mono,
    to: Mono,
}

impl Picture {
    /// Of this tag.
    pub fn new(key: TagKey) -> Self {
        Self { key, points: BTreeMap::new(), count: 0 }
    }

    /// A tag was heard; the tracker knows it already.
    pub fn heard(&mut self, at: Mono, key: TagKey, receiver: usize, rssi: i8, now: &VisitTracker) {
        if key != self.key || limits::PICTURE_POINTS <= self.count {
            return;
        }
        self.count += 1;
        let rssi = f64::from(rssi);
        let level = now.level(&key, receiver).unwrap_or(rssi);
        self.points.entry(receiver).or_default().push(Point { at, rssi, level });
    }

    /// The tag's longest visit; `None` where it made none.
    pub fn draw(&self, visited: &[Visited], field: &Field, start: UtcMs) -> Option<String> {
        let mine = || visited.iter().filter(|it| it.key == self.key);
        let ends = mine().filter_map(|it| match it.what {
            What::Exited { at, dwell, .. } => Some((dwell, it.began, at)),
            _ => None,
        });
        let (dwell, from, to) = ends.max()?;
        let bands = bands(mine().filter(|it| it.began == from), to);
        let scale = Scale { from, length: to.since(from).as_secs_f64().max(1.0) };
        let mut out = head(TOP + HEIGHT + 60.0);
        let came = UtcMs(start.0.saturating_add(i64::try_from(from.0 / 1000).unwrap_or_default()));
        let changes = bands.len().saturating_sub(1);
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            out,
            "<text x=\"{LEFT}\" y=\"20\" font-weight=\"bold\">from {came}, {} there, {changes} changes of zone</text>",
            clock(dwell)
        );
        bands.iter().for_each(|band| scale.band(band, field, &mut out));
        scale.axes(&mut out);
        for (receiver, points) in &self.points {
            let inside = points.iter().filter(|point| (from..=to).contains(&point.at));
            scale.curve(*receiver, &inside.copied().collect::<Vec<_>>(), &mut out);
        }
        legend(field, &mut out);
        out.push_str("</svg>\n");
        Some(out)
    }
}

fn bands<'v>(visit: impl Iterator<Item = &'v Visited>, to: Mono) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for it in visit {
        let (at, zone) = match it.what {
            What::Entered { at, zone, .. } => (at, zone),
            What::Changed { at, to, .. } => (at, to),
            What::Away { .. } | What::Exited { .. } => continue,
        };
        if let Some(last) = bands.last_mut() {
            last.to = at;
        }
        bands.push(Band { zone, from: at, to });
    }
    bands
}

/// Where moments and strengths lie.
struct Scale {
    from: Mono,
    length: f64,
}

impl Scale {
    fn x(&self, at: Mono) -> f64 {
        LEFT + PLOT * at.since(self.from).as_secs_f64() / self.length
    }

    /// -100 dBm is at the bottom, -30 dBm at the top.
    fn y(dbm: f64) -> f64 {
        TOP + HEIGHT * (-30.0 - dbm.clamp(-100.0, -30.0)) / 70.0
    }

    fn band(&self, band: &Band, field: &Field, out: &mut String) {
        let (x, width) = (self.x(band.from), self.x(band.to) - self.x(band.from));
        let (colour, top) = (colour(band.zone), TOP - 30.0);
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"24\" fill=\"{colour}\" fill-opacity=\"0.55\"/>\
             <rect x=\"{x:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{colour}\" fill-opacity=\"0.10\"/>"
        );
        let name = field.zone_name(band.zone);
        // A name that would not fit stands in the legend alone.
        if name.chars().count() as f64 * 8.0 < width {
            let (x, y) = (x + width / 2.0, top + 17.0);
            let name = escaped(name);
            let _ =
                writeln!(out, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{name}</text>");
        }
    }

    fn axes(&self, out: &mut String) {
        for dbm in [-100.0, -90.0, -80.0, -70.0, -60.0, -50.0, -40.0, -30.0] {
            let (y, right, label) = (Self::y(dbm), LEFT + PLOT, LEFT - 8.0);
            let _ = writeln!(
                out,
                "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>\
                 <text x=\"{label}\" y=\"{:.1}\" text-anchor=\"end\">{dbm}</text>",
                y + 4.0
            );
        }
        for part in 0..=8 {
            let share = f64::from(part) / 8.0;
            let (x, y) = (LEFT + PLOT * share, TOP + HEIGHT + 18.0);
            let time = clock(Duration::from_secs_f64(self.length * share));
            let _ =
                writeln!(out, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{time}</text>");
        }
    }

    /// Dots as they came, a line as they were smoothed; a silence breaks the line.
    fn curve(&self, receiver: usize, points: &[Point], out: &mut String) {
        let colour = colour(receiver);
        let _ = write!(
            out,
            "<path stroke=\"{colour}\" stroke-width=\"2.6\" stroke-linecap=\"round\" stroke-opacity=\"0.35\" d=\""
        );
        for point in points {
            let _ = write!(out, "M{:.1} {:.1}h0", self.x(point.at), Self::y(point.rssi));
        }
        let _ =
            write!(out, "\"/>\n<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" d=\"");
        let mut before: Option<Mono> = None;
        for point in points {
            let (x, y) = (self.x(point.at), Self::y(point.level));
            let goes_on = before.is_some_and(|it| point.at.since(it) < limits::RECEIVER_SILENCE);
            let _ = write!(out, "{}{x:.1} {y:.1}", if goes_on { 'L' } else { 'M' });
            before = Some(point.at);
        }
        out.push_str("\"/>\n");
    }
}

fn head(height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    )
}

/// A zone has the colour of its first receiver.
fn legend(field: &Field, out: &mut String) {
    let y = TOP + HEIGHT + 44.0;
    let mut x = LEFT;
    for (receiver, post) in field.posts().iter().enumerate() {
        let zone = field.zone_name(post.zone);
        let words =
            if *zone == post.name { zone.to_owned() } else { format!("{} ({zone})", post.name) };
        let (colour, text) = (colour(receiver), x + 16.0);
        let _ = writeln!(
            out,
            "<rect x=\"{x:.0}\" y=\"{:.0}\" width=\"11\" height=\"11\" fill=\"{colour}\"/>\
             <text x=\"{text:.0}\" y=\"{y}\">{}</text>",
            y - 10.0,
            escaped(&words)
        );
        x += 30.0 + 7.5 * words.chars().count() as f64;
    }
}

fn colour(place: usize) -> &'static str {
    COLOURS.get(place % COLOURS.len()).copied().unwrap_or("#000000")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
