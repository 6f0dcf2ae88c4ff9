//! As ESPresense: each node tells the median distance of a window without outliers, every five seconds or when it
//! moved; the nearest node wins.

use super::{Decide, Said, metres};
use crate::Ms;
use crate::radio::Line;

const WINDOW: Ms = 15_000;
const REPORT: Ms = 5_000;
const MOVED: f64 = 0.5;
const FRESH: Ms = 15_000;
const FARTHEST: f64 = 16.0;

/// See the module.
#[derive(Debug, Default)]
pub struct Median(Vec<Node>);

#[derive(Clone, Debug, Default)]
struct Node {
    window: Vec<(Ms, f64)>,
    told: Option<(Ms, f64)>,
}

impl Decide for Median {
    fn hear(&mut self, line: Line) {
        let Some(rssi) = line.rssi else { return };
        if self.0.len() <= line.receiver {
            self.0.resize(line.receiver + 1, Node::default());
        }
        if let Some(node) = self.0.get_mut(line.receiver) {
            node.window.retain(|(at, _)| line.at - at <= WINDOW);
            node.window.push((line.at, metres(rssi, -59.0, 2.7)));
            let now = median(&node.window);
            let due =
                |(at, before): (Ms, f64)| REPORT <= line.at - at || MOVED < (now - before).abs();
            if node.told.is_none_or(due) {
                node.told = Some((line.at, now));
            }
        }
    }

    fn zone(&mut self, now: Ms) -> Said {
        let fresh = |told: &(Ms, f64)| now - told.0 <= FRESH && told.1 <= FARTHEST;
        let told = self.0.iter().enumerate();
        let told = told.filter_map(|(place, node)| Some((place, node.told.filter(fresh)?.1)));
        told.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(place, _)| place)
    }
}

/// Of those that are no outliers: within one and a half quartile distances around the quartiles.
fn median(window: &[(Ms, f64)]) -> f64 {
    let mut all: Vec<f64> = window.iter().map(|(_, metres)| *metres).collect();
    all.sort_by(f64::total_cmp);
    let at = |all: &[f64], share: f64| {
        let place = ((all.len().saturating_sub(1)) as f64 * share).round() as usize;
        all.get(place).copied().unwrap_or_default()
    };
    let (low, high) = (at(&all, 0.25), at(&all, 0.75));
    let reach = 1.5 * (high - low);
    all.retain(|metres| (low - reach..=high + reach).contains(metres));
    at(&all, 0.5)
}
