//! Which delivery of the plan a truck brings.
//!
//! A delivery is brought once. A truck takes the one with its name whose time is nearest; a truck without a name, or
//! one that the plan does not name, takes one without a name at its dock. Bounded by the plan's own length.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::decode::delivery::{Delivery, Plan};
use crate::limits;
use crate::time::UtcMs;

/// The plan in force, and what of it has come.
#[derive(Debug, Default)]
pub struct Expected {
    plan: Arc<Plan>,
    come: BTreeSet<String>,
}

impl Expected {
    /// There is a new plan. What has come stays so.
    pub fn renew(&mut self, plan: Arc<Plan>) {
        self.come.retain(|shipment| plan.deliveries.iter().any(|it| it.shipment_id == *shipment));
        self.plan = plan;
    }

    /// This shipment came before: no other truck brings it.
    pub fn has_come(&mut self, shipment: &str) {
        self.come.insert(shipment.to_owned());
    }

    /// The delivery that came to this dock at this time.
    pub fn take(&mut self, truck: Option<&str>, dock: &str, at: UtcMs) -> Option<Delivery> {
        let open = || self.plan.deliveries.iter().filter(|it| !self.come.contains(&it.shipment_id));
        let nearest = |within: Duration, is_it: &dyn Fn(&Delivery) -> bool| {
            let near = open().filter(|it| is_it(it) && apart(it.planned, at) <= within);
            near.min_by_key(|it| (apart(it.planned, at), it.dock.as_deref() != Some(dock)))
        };
        let named = truck.and_then(|truck| {
            nearest(limits::PLAN_WITHIN, &|it| it.truck_id.as_deref() == Some(truck))
        });
        let nameless = || {
            let here = |it: &Delivery| it.dock.as_deref().is_none_or(|it| it == dock);
            nearest(limits::PLAN_NAMELESS_WITHIN, &|it| it.truck_id.is_none() && here(it))
        };
        let delivery = named.or_else(nameless)?.clone();
        self.come.insert(delivery.shipment_id.clone());
        Some(delivery)
    }
}

fn apart(one: UtcMs, other: UtcMs) -> Duration {
    Duration::from_millis(one.0.abs_diff(other.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn delivery(shipment: &str, truck: Option<&str>, dock: Option<&str>, hour: i64) -> Delivery {
        Delivery {
            shipment_id: shipment.to_owned(),
            truck_id: truck.map(str::to_owned),
            dock: dock.map(str::to_owned),
            planned: UtcMs(hour * HOUR),
            unload_minutes: None,
            dc_id: None,
        }
    }

    /// Trucks as (truck, dock, hour), and the shipment that each brings.
    fn check(arrivals: &[(Option<&str>, &str, i64)], expected: &[Option<&str>]) {
        let deliveries = vec![
            delivery("morning", Some("t1"), Some("d1"), 6),
            delivery("noon", Some("t1"), Some("d1"), 12),
            delivery("other", Some("t2"), Some("d2"), 8),
            delivery("nameless", None, Some("d2"), 9),
        ];
        let mut plan = Expected::default();
        plan.renew(Arc::new(Plan { deliveries }));
        let mut shipments = Vec::new();
        for (truck, dock, hour) in arrivals {
            let delivery = plan.take(*truck, dock, UtcMs(hour * HOUR));
            shipments.push(delivery.map(|it| it.shipment_id));
        }
        let shipments: Vec<_> = shipments.iter().map(Option::as_deref).collect();
        assert_eq!(shipments, expected, "{arrivals:?}");
    }

    #[test]
    fn a_truck_brings_the_delivery_with_its_name_that_is_nearest_in_time() {
        check(&[(Some("t1"), "d1", 7), (Some("t1"), "d1", 11)], &[Some("morning"), Some("noon")]);
        check(&[(Some("t1"), "d1", 11), (Some("t1"), "d1", 13)], &[Some("noon"), Some("morning")]);
        check(&[(Some("t2"), "d1", 8)], &[Some("other")]);
        check(&[(Some("t2"), "d2", 21)], &[None]);
    }

    #[test]
    fn a_truck_that_nobody_named_brings_a_nameless_delivery_at_its_dock() {
        check(&[(None, "d2", 10)], &[Some("nameless")]);
        check(&[(None, "d2", 10), (None, "d2", 10)], &[Some("nameless"), None]);
        check(&[(None, "d1", 10), (None, "d2", 12)], &[None, None]);
        check(&[(Some("t9"), "d2", 9)], &[Some("nameless")]);
    }

    #[test]
    fn what_has_come_stays_so_under_a_new_plan() {
        let mut plan = Expected::default();
        let deliveries = vec![delivery("a", Some("t1"), None, 6)];
        plan.renew(Arc::new(Plan { deliveries: deliveries.clone() }));
        assert!(plan.take(Some("t1"), "d1", UtcMs(6 * HOUR)).is_some());
        plan.renew(Arc::new(Plan { deliveries }));
        assert_eq!(plan.take(Some("t1"), "d1", UtcMs(6 * HOUR)), None);
    }
}
