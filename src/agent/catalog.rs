//! The catalogue from its file, and again whenever that changes.
//!
//! The file's time and size are asked for every [`limits::CATALOG_LOOK`], beside the sources: the pipeline never waits
//! for it. A file with mistakes is told of once, and the products that are known stay.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tillgate_events::Currency;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::config::{self, Config, Product};
use crate::limits;
use crate::track::catalog::{Article, Catalog, Goods};

/// Mistakes of one catalogue that are told; more are counted.
const MISTAKES_TOLD: usize = 20;

/// Products of the configuration to what lines are matched with.
#[must_use]
pub fn catalog<'p>(products: impl IntoIterator<Item = &'p Product>) -> Catalog {
    Catalog::of(products.into_iter().map(|product| {
        let Product { gtins, plus, descriptions, price, cost, reorder, .. } = product;
        Article {
            product_id: product.id,
            sku: product.sku.clone(),
            codes: gtins.iter().chain(plus).cloned().collect(),
            names: product.name.iter().chain(descriptions).cloned().collect(),
            goods: Goods { price: *price, cost: *cost, reorder: *reorder },
        }
    }))
}

/// Where the catalogue comes from.
#[derive(Clone, Debug)]
pub struct Source {
    file: PathBuf,
    currency: Currency,
    /// The configuration's own.
    own: Vec<Product>,
    seen: Option<Look>,
}

/// What changes with a file.
type Look = (SystemTime, u64);

impl Source {
    /// The catalogue's file as it is now; `None` where there is none.
    #[must_use]
    pub fn of(config: &Config) -> Option<Self> {
        let file = config.catalog.clone()?;
        let own = config.products.get(config.of_catalog..).unwrap_or_default().to_vec();
        let seen = look(&file);
        Some(Self { file, currency: config.gateway.currency, own, seen })
    }

    /// The catalogue, if its file is another one than when it was last asked for and can be read.
    pub fn changed(&mut self) -> Option<Catalog> {
        let found = look(&self.file);
        if found == self.seen || found.is_none() {
            return None;
        }
        self.seen = found;
        let file = self.file.display();
        match config::reload_catalog(&self.file, self.currency) {
            Ok(products) => {
                tracing::info!("{file} changed: {} products", products.len());
                Some(catalog(products.iter().chain(&self.own)))
            }
            Err(mistakes) => {
                for mistake in mistakes.iter().take(MISTAKES_TOLD) {
                    tracing::error!("{mistake}");
                }
                let count = mistakes.len();
                tracing::error!(
                    "{file} changed and has {count} mistakes: products stay as they were"
                );
                None
            }
        }
    }
}

fn look(file: &Path) -> Option<Look> {
    let meta = std::fs::metadata(file).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

/// Hands the catalogue on whenever its file changed, until nobody wants it any more.
pub async fn follow(mut source: Source, told: watch::Sender<Arc<Catalog>>) {
    while !told.is_closed() {
        sleep(limits::CATALOG_LOOK).await;
        // A file on a disk that hangs, and a long one, are not waited for by the sources.
        let read = tokio::task::spawn_blocking(move || (source.changed(), source));
        let Ok((catalog, next)) = read.await else { return };
        source = next;
        if let Some(catalog) = catalog {
            told.send_replace(Arc::new(catalog));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_read_and_one_with_mistakes_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("catalog.csv");
        let write = |text: &str| std::fs::write(&file, text).unwrap();
        write("id,sku\n1,a\n");
        let own = vec![Product { id: 9, name: Some("OWN".to_owned()), ..Product::default() }];
        let currency = Currency::new("EUR").unwrap();
        let seen = look(&file);
        let mut source = Source { file: file.clone(), currency, own, seen };
        assert!(source.changed().is_none(), "as it was");
        write("id,sku,price\n1,a,2.50\n2,b,\n");
        let catalog = source.changed().unwrap();
        let found = |sku, name| catalog.find(sku, name).map(|it| (it.product_id, it.goods.price));
        assert_eq!(found(Some("a"), ""), Some((1, Some(250))));
        assert_eq!(found(Some("b"), ""), Some((2, None)));
        assert_eq!(found(None, "own"), Some((9, None)));
        write("id,sku,price\n1,a,2.50\n2,b,x\n3,,\n");
        assert!(source.changed().is_none(), "mistakes");
        std::fs::remove_file(&file).unwrap();
        assert!(source.changed().is_none(), "gone");
        write("id,sku\n1,a\n2,b\n3,c\n4,d\n");
        assert!(source.changed().is_some(), "back");
    }
}
