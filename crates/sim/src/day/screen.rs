//! A screen at the entrance: it tells what it showed to whom and for how long, one JSON object a line.
//!
//! Attribution as the contract defines it: the last showing before the purchase, within the window; revenue is the
//! receipt's subtotal. A visitor sees at most one showing, so the last one is the one.

use tillgate_events::{AdImpression, Body};

use super::bill::euro;
use super::people::Visitor;
use super::shop::Shop;
use super::tables::Kind;
use super::{At, Device, written};

/// Cents for a showing.
const COST: i64 = 12;
/// What kind of place it is.
const CHANNEL: &str = "in_store";

/// One showing that somebody looked at.
pub struct Shown {
    id: u32,
    at: At,
    seconds: u32,
    campaign: &'static str,
}

/// Whether a visitor who comes at `enters` looks at the screen.
pub fn shown(shop: &mut Shop, id: u32, enters: At) -> Option<Shown> {
    if shop.rng.u32(0..100) >= 40 {
        return None;
    }
    let campaign = ["spring-chocolate", "breakfast"].get(shop.rng.usize(0..2)).copied()?;
    let (at, seconds) = (enters + shop.rng.i64(2000..15_000), shop.rng.u32(2..20));
    let line = format!(
        "{{\"campaign_id\":\"{campaign}\",\"creative_id\":\"{campaign}-1\",\"impression_id\":\"i{id:06}\",\
         \"cost_cents\":{COST},\"channel\":\"{CHANNEL}\",\"dwell_seconds\":{seconds}}}\r\n"
    );
    shop.say(at, Device::Screen, line.into_bytes());
    let impression = AdImpression {
        channel: CHANNEL.to_owned(),
        campaign_id: campaign.to_owned(),
        creative_id: format!("{campaign}-1"),
        customer_ad_id: Device::Screen.name().to_owned(),
        impression_id: format!("i{id:06}"),
        currency: euro(),
        cost: COST,
        device_type: "screen".to_owned(),
        customer_id: None,
        zone: Some("ENTRANCE".to_owned()),
        dwell_seconds: Some(seconds),
        visit_id: None,
    };
    shop.expect(at, Device::Screen, Body::AdImpression(Box::new(impression)));
    Some(Shown { id, at, seconds, campaign })
}

/// What came of it.
pub fn seen(shop: &mut Shop, visitor: &Visitor, receipt: Option<(String, i64)>) {
    let Some(shown) = &visitor.seen else { return };
    let (receipt, revenue) =
        receipt.map_or_else(Default::default, |(id, subtotal)| (id, subtotal.to_string()));
    let row = vec![
        format!("i{:06}", shown.id),
        shown.campaign.to_owned(),
        Device::Screen.name().to_owned(),
        written(shown.at),
        format!("v{:06}", visitor.id),
        shown.seconds.to_string(),
        receipt,
        revenue,
    ];
    shop.script.beside.push(Kind::Impressions, row);
}
