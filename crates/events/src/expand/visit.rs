//! People and tags in the store, and the screens they pass.

use super::Origin;
use crate::{
    AdImpression, Crossing, CustomerZoneChanged, Envelope, Payload, TagWindow, VisitCrossing,
    payload,
};

/// The payload of `customer_entered` and `customer_exited`.
pub fn crossing(origin: &Origin<'_>, body: &Crossing) -> payload::CustomerCrossing {
    payload::CustomerCrossing {
        store_id: origin.header.store_id,
        sensor_id: body.sensor_id.clone(),
        zone: body.zone.clone(),
        customer_count: body.customer_count,
        dwell_time: body.dwell_time,
        occupancy: body.occupancy,
        window_seconds: body.window_seconds,
    }
}

/// `customer_entered` or `customer_exited` of a tag; its session is the visit. One tag is one customer, and how many
/// people are inside is what doors count.
pub fn visit(
    origin: &Origin<'_>,
    body: &VisitCrossing,
    payload: fn(payload::CustomerCrossing) -> Payload,
) -> Envelope {
    let event = origin.event(payload(payload::CustomerCrossing {
        store_id: origin.header.store_id,
        sensor_id: body.sensor_id.clone(),
        zone: body.zone.clone(),
        customer_count: 1,
        dwell_time: body.dwell_time,
        occupancy: None,
        window_seconds: 0,
    }));
    Envelope { session_id: Some(body.visit_id.clone()), ..event }
}

/// `ble_ping_detected`.
pub fn tag_window(origin: &Origin<'_>, body: &TagWindow) -> Envelope {
    origin.event(Payload::BlePingDetected(payload::BlePingDetected {
        store_id: origin.header.store_id,
        beacon_id: body.beacon_id.clone(),
        customer_ble_id: body.customer_ble_id.clone(),
        rssi: mean(body.rssi_sum, body.ping_count).clamp(-120, 0),
        zone: body.zone.clone(),
        ping_count: body.ping_count,
        rssi_min: body.rssi_min,
        rssi_max: body.rssi_max,
        first_seen: body.first_seen,
        last_seen: body.last_seen,
    }))
}

/// `customer_zone_changed`; its session is the visit.
pub fn zone_changed(origin: &Origin<'_>, body: &CustomerZoneChanged) -> Envelope {
    let event = origin.event(Payload::CustomerZoneChanged(payload::CustomerZoneChanged {
        store_id: origin.header.store_id,
        customer_ble_id: body.customer_ble_id.clone(),
        from_zone: body.from_zone.clone(),
        to_zone: body.to_zone.clone(),
        timestamp: origin.record.at,
        dwell_seconds: body.dwell_seconds,
    }));
    Envelope { session_id: body.visit_id.clone(), ..event }
}

/// `ad_impression`; its partition is the campaign, its session the visit. A gateway knows only screens in
/// its own store, so the store is always given.
pub fn ad_impression(origin: &Origin<'_>, body: &AdImpression) -> Envelope {
    let event = origin.event(Payload::AdImpression(payload::AdImpression {
        channel: body.channel.clone(),
        campaign_id: body.campaign_id.clone(),
        creative_id: body.creative_id.clone(),
        customer_ad_id: body.customer_ad_id.clone(),
        impression_id: body.impression_id.clone(),
        cost: body.currency.decimal(body.cost),
        device_type: body.device_type.clone(),
        customer_id: body.customer_id,
        store_id: Some(origin.header.store_id),
        zone: body.zone.clone(),
        dwell_seconds: body.dwell_seconds,
    }));
    let partition_key = format!("camp_{}", body.campaign_id);
    Envelope { partition_key, session_id: body.visit_id.clone(), ..event }
}

/// `sum / count`, rounded half away from zero; of nothing 0.
fn mean(sum: i64, count: u32) -> i64 {
    let count = i64::from(count.max(1));
    let (whole, rest) = (sum / count, sum % count);
    if rest.abs() * 2 < count { whole } else { whole.saturating_add(sum.signum()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_rounded_half_away_from_zero() {
        let check = |sum, count, expected| assert_eq!(mean(sum, count), expected, "{sum}/{count}");
        check(-130, 2, -65);
        check(-131, 2, -66);
        check(-4, 3, -1);
        check(-5, 3, -2);
        check(5, 2, 3);
        check(0, 0, 0);
        check(i64::MIN, 1, i64::MIN);
        check(i64::MAX, u32::MAX, 2_147_483_648);
    }
}
