//! What the store of a whole day sells: enough to tell a supermarket's shelves apart, few enough to read.
//!
//! Names fit the receipt's first column. Stock is counted by the piece; weighed goods come in packs that are
//! weighed at the till, and one pack is one piece of stock.

use crate::store::decimal;

/// One product of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its number in the catalogue.
    pub id: u64,
    /// Its article number, eight digits.
    pub sku: &'static str,
    /// As printed.
    pub name: &'static str,
    /// Cents a piece, or a kilogram.
    pub price: i64,
    /// Weighed at the till.
    pub weighed: bool,
    /// How often it is taken, against all others.
    pub appeal: u32,
    /// Stock that a delivery fills up to.
    pub full: i64,
    /// Comes in a reefer.
    pub cold: bool,
}

impl Product {
    /// At so many pieces more must be ordered.
    pub fn reorder_point(&self) -> i64 {
        self.full / 3
    }
}

const fn piece(
    id: u64,
    sku: &'static str,
    name: &'static str,
    price: i64,
    appeal: u32,
    half: i64,
) -> Product {
    Product { id, sku, name, price, weighed: false, appeal, full: 2 * half, cold: false }
}

const fn cold(product: Product) -> Product {
    Product { cold: true, ..product }
}

const fn weighed(product: Product) -> Product {
    Product { weighed: true, ..product }
}

/// All products.
pub const PRODUCTS: [Product; 24] = [
    cold(piece(101, "40010012", "Whole Milk", 119, 16, 160)),
    piece(102, "40010029", "Brötchen", 45, 20, 260),
    cold(piece(103, "40010036", "Käse Gouda", 289, 8, 70)),
    cold(piece(104, "40010043", "Süße Sahne", 139, 6, 60)),
    piece(105, "40010050", "Apple Juice", 179, 7, 70),
    piece(106, "40010067", "Espresso Beans", 1299, 3, 24),
    piece(107, "40010074", "Café Crème", 349, 4, 40),
    piece(108, "40010081", "Dark Chocolate", 199, 8, 80),
    piece(109, "40010098", "Spaghetti", 99, 7, 80),
    piece(110, "40010104", "Tomato Passata", 135, 6, 70),
    piece(111, "40010111", "Toothpaste", 215, 3, 30),
    piece(112, "40010128", "Batteries AA", 599, 2, 4),
    weighed(piece(113, "40010135", "Bananas", 199, 10, 90)),
    weighed(piece(114, "40010142", "Apples Gala", 249, 8, 80)),
    weighed(piece(115, "40010159", "Potatoes", 129, 6, 60)),
    weighed(piece(116, "40010166", "Grapes", 449, 4, 40)),
    cold(piece(117, "40010173", "Butter", 229, 8, 80)),
    cold(piece(118, "40010180", "Yoghurt Plain", 89, 10, 110)),
    cold(piece(119, "40010197", "Smoked Salmon", 549, 2, 6)),
    piece(120, "40010203", "Dish Soap", 165, 3, 30),
    piece(121, "40010210", "Paper Towels", 325, 4, 36),
    piece(122, "40010227", "Sparkling Wine", 499, 2, 8),
    piece(123, "40010234", "Muesli", 279, 5, 50),
    piece(124, "40010241", "Olive Oil", 749, 2, 20),
];

/// How a promotion reads on paper, and what it takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// `PROMO CODE`, so many cents off each piece.
    Coded {
        /// The code.
        code: &'static str,
        /// Cents off a piece.
        off: i64,
    },
    /// `Discount 20%`.
    Percent(i64),
    /// Every second piece is free.
    SecondFree,
}

/// A promotion with its true effect.
#[derive(Debug)]
pub struct Promotion {
    /// The product it is on.
    pub product: u64,
    /// What it gives.
    pub offer: Offer,
    /// By how many hundredths the product is taken more often while promoted: the true lift.
    pub lift_percent: u32,
    /// It holds on days whose number leaves this rest when divided by three.
    pub day_of_three: u32,
}

/// All promotions: two hold on each day.
pub const PROMOTIONS: [Promotion; 6] = [
    coded(108, "SWEET30", 30, 80, 0),
    Promotion { product: 118, offer: Offer::SecondFree, lift_percent: 150, day_of_three: 0 },
    Promotion { product: 123, offer: Offer::Percent(20), lift_percent: 60, day_of_three: 1 },
    coded(101, "MILK20", 20, 40, 1),
    Promotion { product: 110, offer: Offer::SecondFree, lift_percent: 120, day_of_three: 2 },
    Promotion { product: 105, offer: Offer::Percent(10), lift_percent: 50, day_of_three: 2 },
];

const fn coded(
    product: u64,
    code: &'static str,
    off: i64,
    lift_percent: u32,
    day_of_three: u32,
) -> Promotion {
    Promotion { product, offer: Offer::Coded { code, off }, lift_percent, day_of_three }
}

/// The promotion of a product on a day, counted from 0.
pub fn promoted(product: &Product, day: u32) -> Option<&'static Promotion> {
    PROMOTIONS.iter().find(|it| it.product == product.id && it.day_of_three == day % 3)
}

/// How often a product is taken on a day, in hundredths of its appeal without any promotion.
pub fn weight(product: &Product, day: u32) -> u32 {
    product.appeal * (100 + promoted(product, day).map_or(0, |it| it.lift_percent))
}

/// The catalogue as the gateway reads it.
pub fn catalogue() -> String {
    let row = |product: &Product| {
        let Product { id, sku, name, full, price, .. } = product;
        let cents = decimal(*price);
        format!("{id},{sku},{name},{cents},{},{full}\n", product.reorder_point())
    };
    let header = "id,sku,name,price,reorder_point,reorder_quantity\n".to_owned();
    std::iter::once(header).chain(PRODUCTS.iter().map(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promotion_names_a_product_and_holds_on_a_third_of_the_days() {
        for promotion in &PROMOTIONS {
            let product = PRODUCTS.iter().find(|it| it.id == promotion.product).unwrap();
            let days = (0..30).filter(|day| promoted(product, *day).is_some()).count();
            assert_eq!(days, 10, "{promotion:?}");
            assert!(weight(product, promotion.day_of_three) > 100 * product.appeal);
        }
    }
}
