//! Deliveries: two trucks a day, the first one with a reefer, some of them late; what they bring is booked by slip.

use tillgate_events::StockReason;

use super::goods::PRODUCTS;
use super::shop::Shop;
use super::tables::Kind;
use super::{At, DAY, HOUR, MINUTE, air, hours, office, written};

/// Minutes after the plan that still count as on time.
const ON_TIME: At = 15;

/// A truck at the dock.
pub struct Truck {
    pub number: u16,
    pub shipment: String,
    pub planned: At,
    pub arrives: At,
    pub departs: At,
    pub reefer: bool,
}

/// The trucks of a day that arrive while the day lasts.
pub fn trucks(shop: &mut Shop) -> Vec<Truck> {
    let midnight = i64::from(shop.day) * DAY;
    let (_, closes) = hours(&shop.setting, shop.day);
    let mut trucks = Vec::new();
    for (n, hour) in [6, 13].into_iter().enumerate() {
        let planned = midnight + hour * HOUR + 30 * MINUTE * i64::from(n == 0);
        let late =
            if shop.rng.u32(0..100) < 20 { shop.rng.i64(30..110) } else { shop.rng.i64(-8..=14) };
        let arrives = planned + late * MINUTE;
        let departs = arrives + shop.rng.i64(18..45) * MINUTE;
        let shipment = format!("S{:05}", shop.number(3));
        let number = shop.rng.u16(11..=16);
        if departs < closes {
            trucks.push(Truck { number, shipment, planned, arrives, departs, reefer: n == 0 });
        }
    }
    trucks
}

/// A truck was here: its tag and its sensor were heard, its load is booked when it leaves.
pub fn docked(shop: &mut Shop, truck: &Truck) {
    air::truck(shop, truck.number, truck.arrives, truck.departs);
    if truck.reefer {
        temperatures(shop, truck);
    }
    let late = (truck.arrives - truck.planned) / MINUTE;
    let row = vec![
        truck.shipment.clone(),
        format!("truck-{}", truck.number),
        written(truck.planned),
        written(truck.arrives),
        written(truck.departs),
        late.to_string(),
        (late <= ON_TIME).to_string(),
        truck.reefer.to_string(),
    ];
    shop.script.beside.push(Kind::Trucks, row);
    let mut load = Vec::new();
    for product in PRODUCTS.iter().filter(|product| product.cold == truck.reefer) {
        let missing = product.full - shop.shelf.book(product);
        if missing > product.full / 10 {
            load.push((product, missing));
        }
    }
    office::book(shop, truck.departs, "GOODS IN", StockReason::InboundShipment, &load);
}

/// A measurement each minute: cold, and warmer the longer the doors are open.
fn temperatures(shop: &mut Shop, truck: &Truck) {
    let mut milli = 2500 + shop.rng.i32(0..1500);
    let first = shop.rng.u16(1..30_000);
    for n in 0..(truck.departs - truck.arrives) / MINUTE {
        let at = truck.arrives + n * MINUTE;
        milli += shop.rng.i32(-60..=110);
        // The sensor measures in steps of 0.005.
        milli -= milli % 5;
        air::reefer(shop, at, truck.number, first + n as u16, milli);
        let row = vec![format!("reefer-{}", truck.number), written(at), milli.to_string()];
        shop.script.beside.push(Kind::Temperatures, row);
    }
}
