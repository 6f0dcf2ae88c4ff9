//! A dialect's framer as the options of a decoder.

use super::{Framer, FramerKind};
use crate::decode::codepage::{CodePage, PageMap};
use crate::decode::document::PrinterOptions;
use crate::decode::escpos::{CarriageReturn, EscposOptions};
use crate::decode::text::TextOptions;

impl Framer {
    /// Options for [`crate::decode::document::Printer`]; `code_page` overrides the framer's first page.
    ///
    /// # Errors
    /// The name of a code page that is not known.
    pub fn printer_options(&self, code_page: Option<&str>) -> Result<PrinterOptions, String> {
        let page = match code_page.or(self.default_page.as_deref()) {
            Some(name) => named(name)?,
            None => CodePage::cp437(),
        };
        Ok(match self.kind {
            FramerKind::Escpos => PrinterOptions::Escpos(EscposOptions {
                page_map: self.page_map()?,
                default_page: page,
                cut_ends_document: self.cut_ends_document,
                carriage_return: self.carriage_return(),
                idle: self.idle,
                ..EscposOptions::default()
            }),
            FramerKind::Text => {
                PrinterOptions::Text(TextOptions { page, strip_bit7: self.bit7, idle: self.idle })
            }
        })
    }

    fn page_map(&self) -> Result<PageMap, String> {
        let mut map = PageMap::epson();
        for (number, name) in &self.pages {
            map.set(*number, named(name)?);
        }
        Ok(map)
    }

    fn carriage_return(&self) -> CarriageReturn {
        if self.cr_is_newline { CarriageReturn::Newline } else { CarriageReturn::Return }
    }
}

fn named(name: &str) -> Result<CodePage, String> {
    CodePage::named(name).ok_or_else(|| name.to_owned())
}
