//! Showings of a screen to `ad_impression`.
//!
//! What the player leaves out is the screen's own: its channel and kind, and for the viewer, whom nobody knows, the
//! screen's name. A showing without a number of its own gets one of the screen, the time and a count, which is
//! unique at this gateway.

use tillgate_events::{AdImpression, Body, Currency, Record};

use crate::config::ScreenConfig;
use crate::decode::screen::ScreenFact;
use crate::time::Now;

/// One screen.
#[derive(Debug)]
pub struct ScreenTracker {
    config: ScreenConfig,
    currency: Currency,
    shown: u64,
}

impl ScreenTracker {
    /// This screen, in a shop with this currency.
    #[must_use]
    pub fn new(config: ScreenConfig, currency: Currency) -> Self {
        Self { config, currency, shown: 0 }
    }

    /// Takes a showing.
    pub fn step(&mut self, now: Now, fact: ScreenFact) -> Record {
        self.shown += 1;
        let ScreenConfig { name, zone, channel, device_type, .. } = &self.config;
        let own_number = || format!("{name}-{}-{}", now.wall.0, self.shown);
        let body = Body::AdImpression(Box::new(AdImpression {
            channel: fact.channel.unwrap_or_else(|| channel.clone()),
            campaign_id: fact.campaign_id,
            creative_id: fact.creative_id,
            customer_ad_id: fact.customer_ad_id.unwrap_or_else(|| name.clone()),
            impression_id: fact.impression_id.unwrap_or_else(own_number),
            currency: self.currency,
            cost: fact.cost,
            device_type: fact.device_type.unwrap_or_else(|| device_type.clone()),
            customer_id: fact.customer_id,
            zone: Some(zone.clone()),
            dwell_seconds: fact.dwell_seconds,
            visit_id: None,
        }));
        Record { at: now.wall, source: name.clone(), body }
    }
}
