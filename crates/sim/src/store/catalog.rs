//! What the simulated store sells. Names fit the receipt's first column.

/// One article.
#[derive(Debug, PartialEq, Eq)]
pub struct Article {
    /// At most [`super::receipt::NAME_WIDTH`] characters.
    pub name: &'static str,
    /// Cents a piece, or a kilogram.
    pub price: i64,
    pub weighed: bool,
}

const fn piece(name: &'static str, price: i64) -> Article {
    Article { name, price, weighed: false }
}

const fn kilogram(name: &'static str, price: i64) -> Article {
    Article { name, price, weighed: true }
}

/// All articles.
pub const ARTICLES: [Article; 16] = [
    piece("Whole Milk", 119),
    piece("Brötchen", 45),
    piece("Käse Gouda", 289),
    piece("Süße Sahne", 139),
    piece("Apple Juice", 179),
    piece("Espresso Beans", 1299),
    piece("Café Crème", 349),
    piece("Dark Chocolate", 199),
    piece("Spaghetti", 99),
    piece("Tomato Passata", 135),
    piece("Toothpaste", 215),
    piece("Batteries AA", 599),
    kilogram("Bananas", 199),
    kilogram("Apples Gala", 249),
    kilogram("Potatoes", 129),
    kilogram("Grapes", 449),
];
