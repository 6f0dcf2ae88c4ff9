//! Memory and backlog over time as SVG, by hand.

use std::fmt::Write as _;

use super::meter::Sample;
use crate::limits::SOAK_MEMORY;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 70.0;
const PLOT: f64 = 660.0;
const HEIGHT: f64 = 150.0;
const HEAD: f64 = 50.0;

type Value = fn(&Sample) -> f64;

/// The picture; marks are the seconds at which the agent was struck.
pub fn draw(samples: &[Sample], marks: &[f64]) -> String {
    let height = 2.0 * (HEAD + HEIGHT) + 40.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    let end = samples.last().map_or(1.0, |sample| sample.seconds).max(1.0);
    let (memory, waiting): (Value, Value) =
        (|it| it.resident_kb() as f64 / 1024.0, |it| it.waiting() as f64);
    let anon: Value = |it| it.anon_kb as f64 / 1024.0;
    let cap = SOAK_MEMORY as f64 / f64::from(1 << 20);
    let plots = [
        Plot {
            title: "resident memory of the agent in MB, of 64 (dark: anonymous)",
            top: HEAD,
            high: cap,
        },
        Plot {
            title: "records accepted and not yet known to be in the cloud",
            top: 2.0 * HEAD + HEIGHT,
            high: samples.iter().map(waiting).fold(10.0, f64::max),
        },
    ];
    for plot in &plots {
        plot.frame(samples, marks, end, &mut out);
    }
    let [above, below] = &plots;
    above.area(samples, end, memory, "#b9d8c8", &mut out);
    above.area(samples, end, anon, "#1f6f4a", &mut out);
    below.area(samples, end, waiting, "#3b6ea5", &mut out);
    let foot = height - 12.0;
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"{foot}\">{:.0} min; grey: the broker is away; red: the agent is killed or stopped</text>",
        end / 60.0
    );
    out.push_str("</svg>\n");
    out
}

struct Plot {
    title: &'static str,
    top: f64,
    high: f64,
}

impl Plot {
    /// Title, scale, outages and marks.
    fn frame(&self, samples: &[Sample], marks: &[f64], end: f64, out: &mut String) {
        let Self { title, top, high } = self;
        let _ = writeln!(
            out,
            "<text x=\"{LEFT}\" y=\"{:.0}\" font-weight=\"bold\">{title}</text>",
            top - 12.0
        );
        for (from, to) in outages(samples) {
            let (x, width) = (across(from, end), PLOT * (to - from) / end);
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"#e6e6e6\"/>"
            );
        }
        for mark in marks {
            let x = across(*mark, end);
            let _ = writeln!(
                out,
                "<line x1=\"{x:.1}\" y1=\"{top}\" x2=\"{x:.1}\" y2=\"{}\" stroke=\"#c0392b\"/>",
                top + HEIGHT
            );
        }
        for share in [0.0, 0.5, 1.0] {
            let y = top + HEIGHT * (1.0 - share);
            let _ = writeln!(
                out,
                "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{}\" y2=\"{y:.1}\" stroke=\"#cccccc\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{:.0}</text>",
                LEFT + PLOT,
                LEFT - 8.0,
                y + 4.0,
                high * share
            );
        }
    }

    fn area(&self, samples: &[Sample], end: f64, value: Value, fill: &str, out: &mut String) {
        let bottom = self.top + HEIGHT;
        let _ = write!(out, "<path fill=\"{fill}\" d=\"M{LEFT} {bottom}");
        for it in samples {
            let y = bottom - HEIGHT * (value(it) / self.high).min(1.0);
            let _ = write!(out, "L{:.1} {y:.1}", across(it.seconds, end));
        }
        let _ = writeln!(out, "L{:.1} {bottom}Z\"/>", LEFT + PLOT);
    }
}

fn across(seconds: f64, end: f64) -> f64 {
    LEFT + PLOT * seconds / end
}

/// From when to when the broker was away.
fn outages(samples: &[Sample]) -> Vec<(f64, f64)> {
    let mut found: Vec<(f64, f64)> = Vec::new();
    let mut open = false;
    for it in samples {
        match found.last_mut().filter(|_| open && !it.broker) {
            Some(last) => last.1 = it.seconds,
            None if !it.broker => found.push((it.seconds, it.seconds)),
            None => {}
        }
        open = !it.broker;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outage_is_one_band() {
        let up = [true, false, false, true, false, true];
        let sample =
            |(second, broker)| Sample { seconds: f64::from(second), broker, ..Sample::default() };
        let samples: Vec<Sample> = (0..).zip(up).map(sample).collect();
        assert_eq!(outages(&samples), [(1.0, 2.0), (4.0, 4.0)]);
    }
}
