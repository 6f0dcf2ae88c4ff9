//! A bar chart as SVG, by hand: lines a second and CPU, on scales of powers of ten.

use std::fmt::Write as _;

use super::report::{Figures, Row};

const LEFT: f64 = 190.0;
const PLOT: f64 = 430.0;
const BAR: f64 = 20.0;
const STEP: f64 = 28.0;
const HEAD: f64 = 44.0;
const WIDTH: f64 = 720.0;

/// One panel: what its bars are, and how their values are written.
struct Panel {
    title: &'static str,
    value: fn(&Figures) -> f64,
    text: fn(f64) -> String,
}

const PANELS: [Panel; 3] = [
    Panel {
        title: "lines a second through the path, more is better",
        value: |figures| figures.rate,
        text: |value| format!("{value:.0}"),
    },
    Panel {
        title: "CPU seconds for 100 000 lines, less is better",
        value: |figures| figures.cpu,
        text: |value| format!("{value:.2}"),
    },
    Panel {
        title: "bytes written for each line, less is better",
        value: |figures| figures.written,
        text: |value| format!("{value:.0}"),
    },
];

/// The picture of all rows that have figures.
pub fn draw(rows: &[Row]) -> String {
    let named = rows.iter().filter_map(|row| Some((row.name, row.figures()?)));
    let bars: Vec<(&str, Figures)> = named.collect();
    let height = PANELS.len() as f64 * (HEAD + STEP * bars.len() as f64) + 16.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    let mut top = 0.0;
    for panel in &PANELS {
        draw_panel(panel, &bars, top, &mut out);
        top += HEAD + STEP * bars.len() as f64;
    }
    out.push_str("</svg>\n");
    out
}

fn draw_panel(panel: &Panel, bars: &[(&str, Figures)], top: f64, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"{:.0}\" font-weight=\"bold\">{} (log scale)</text>",
        top + 28.0,
        panel.title
    );
    let values = bars.iter().map(|(_, figures)| (panel.value)(figures));
    let (low, high) = decades(values.filter(|value| 0.0 < *value));
    for decade in low..=high {
        let x = LEFT + PLOT * f64::from(decade - low) / f64::from(high - low);
        let bottom = top + HEAD + STEP * bars.len() as f64 - 4.0;
        let _ = writeln!(
            out,
            "<line x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" stroke=\"#dddddd\"/>",
            top + HEAD - 8.0
        );
    }
    for (index, (name, figures)) in bars.iter().enumerate() {
        let (value, y) = ((panel.value)(figures), top + HEAD + STEP * index as f64);
        let width = PLOT * share(value, low, high);
        let fill = if name.starts_with("tillgate") { "#1f6f4a" } else { "#9aa5b1" };
        let text = y + 15.0;
        let _ = writeln!(
            out,
            "<text x=\"{:.0}\" y=\"{text:.1}\" text-anchor=\"end\">{name}</text>\
             <rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BAR}\" fill=\"{fill}\"/>\
             <text x=\"{:.1}\" y=\"{text:.1}\">{}</text>",
            LEFT - 8.0,
            LEFT + width + 6.0,
            (panel.text)(value)
        );
    }
}

/// The powers of ten below the least and above the greatest value; at least one apart.
fn decades(values: impl Iterator<Item = f64> + Clone) -> (i32, i32) {
    let low = values.clone().fold(f64::INFINITY, f64::min).log10().floor();
    let high = values.fold(0.0, f64::max).log10().ceil();
    if !low.is_finite() || !high.is_finite() {
        return (0, 1);
    }
    (low as i32, (high as i32).max(low as i32 + 1))
}

/// How far along the scale a value is.
fn share(value: f64, low: i32, high: i32) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    ((value.log10() - f64::from(low)) / f64::from(high - low)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_holds_all_values_between_powers_of_ten() {
        for (values, expected) in [
            (vec![0.5, 20.0], (-1, 2)),
            (vec![10.0, 1000.0], (1, 3)),
            (vec![10.0], (1, 2)),
            (vec![], (0, 1)),
        ] {
            assert_eq!(decades(values.iter().copied()), expected, "{values:?}");
        }
    }

    #[test]
    fn ten_times_as_much_is_one_step_further() {
        assert_eq!(share(10.0, 0, 2), 0.5);
        assert_eq!((share(0.0, 0, 2), share(1e9, 0, 2)), (0.0, 1.0));
    }
}
