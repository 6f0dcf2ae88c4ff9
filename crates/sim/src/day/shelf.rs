//! Stock of the whole store: what is truly on the shelves, and what was booked.
//!
//! Invariant: nothing is taken that is not there, so true stock is never negative. The book may differ from the
//! shelf by what vanished since the last count, and by nothing else.

use super::goods::{PRODUCTS, Product};

/// Pieces of each product, in the order of [`PRODUCTS`].
#[derive(Clone, Debug)]
pub struct Shelf {
    real: [i64; PRODUCTS.len()],
    book: [i64; PRODUCTS.len()],
}

impl Shelf {
    /// All shelves are full, and counted.
    pub fn full() -> Self {
        let full = PRODUCTS.each_ref().map(|product| product.full);
        Self { real: full, book: full }
    }

    /// Pieces that are truly there.
    pub fn real(&self, product: &Product) -> i64 {
        self.real.get(place(product)).copied().unwrap_or_default()
    }

    /// Pieces that the books say are there.
    pub fn book(&self, product: &Product) -> i64 {
        self.book.get(place(product)).copied().unwrap_or_default()
    }

    /// Takes up to so many, as a booked change; how many there were.
    pub fn take(&mut self, product: &Product, wanted: i64) -> i64 {
        let taken = wanted.min(self.real(product));
        self.book_change(product, -taken);
        taken
    }

    /// Brings so many, as a booked change; negative takes them.
    pub fn book_change(&mut self, product: &Product, pieces: i64) {
        if let (Some(real), Some(book)) =
            (self.real.get_mut(place(product)), self.book.get_mut(place(product)))
        {
            *real += pieces;
            *book += pieces;
        }
    }

    /// Up to so many vanish, and nobody books it; how many there were.
    pub fn vanish(&mut self, product: &Product, wanted: i64) -> i64 {
        let gone = wanted.min(self.real(product));
        if let Some(real) = self.real.get_mut(place(product)) {
            *real -= gone;
        }
        gone
    }

    /// The product is counted; what is there, and what the books said.
    pub fn count(&mut self, product: &Product) -> (i64, i64) {
        let (real, said) = (self.real(product), self.book(product));
        if let Some(book) = self.book.get_mut(place(product)) {
            *book = real;
        }
        (real, said)
    }
}

fn place(product: &Product) -> usize {
    PRODUCTS.iter().position(|it| it.id == product.id).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vanished_shows_in_the_next_count_and_stock_is_never_negative() {
        let (mut shelf, oil) = (Shelf::full(), &PRODUCTS[23]);
        assert_eq!((shelf.take(oil, 36), shelf.vanish(oil, 3)), (36, 3));
        assert_eq!((shelf.real(oil), shelf.book(oil)), (1, 4));
        assert_eq!((shelf.take(oil, 5), shelf.real(oil), shelf.book(oil)), (1, 0, 3));
        assert_eq!((shelf.count(oil), shelf.book(oil)), ((0, 3), 0));
    }
}
