//! How far the cloud is. The form on `…/ack` is the contract's: [`tillgate_events::parse_watermarks`].

pub use tillgate_events::Watermark;

use crate::store::Gap;

/// How far the cloud is once it went past a gap.
pub(super) fn after(gap: &Gap) -> Watermark {
    let sequence = gap.first_sequence.saturating_add(gap.count).saturating_sub(1);
    Watermark { epoch: gap.epoch, sequence }
}
