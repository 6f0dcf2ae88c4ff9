//! Records what receivers hear of enrolled tags, as JSON lines that `tillgate replay --zones` reads.
//!
//! Nobody else gets into the file, neither by address nor as a count, and no staff: what is not enrolled is not
//! recorded. Tags stand there by their ids, so the file is for its owner's eyes.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tillgate_events::UtcMs;

use super::Args;
use crate::agent;
use crate::cli::{device, exit, files};
use crate::config::{Config, ReceiverKind, SerialLine, TagClass};
use crate::decode::beacon::{ReceiverDecoder, Said, Sender};
use crate::source::Body;
use crate::source::serial::listen::{self, Heard};
use crate::time::{Mono, Now};
use crate::track::tag::Enrolled;

/// The name that stands for all receivers on serial ports.
pub const ALL: &str = "receivers";

/// How often it is noted that a receiver lives which hears no tag.
const LIFE: Duration = Duration::from_secs(5);

/// The receivers on serial ports that are meant; none where the name is another device's.
pub fn meant(config: &Config, name: &str) -> Vec<(String, SerialLine)> {
    let serial = config.receivers.iter().filter_map(|it| match &it.kind {
        ReceiverKind::Serial { line, .. } => Some((it.name.clone(), line.clone())),
        ReceiverKind::Bluez(_) => None,
    });
    serial.filter(|(known, _)| name == ALL || known == name).collect()
}

/// Records until it is enough; says how much there is.
pub fn capture(
    args: &Args,
    config: &Config,
    receivers: Vec<(String, SerialLine)>,
    errors: &mut dyn Write,
) -> Result<String, (u8, String)> {
    let (names, lines): (Vec<String>, Vec<SerialLine>) = receivers.into_iter().unzip();
    let unwritable =
        |error: io::Error| (exit::TEMPORARY, format!("{}: {error}", args.output.display()));
    let file = files::create(&args.output).map_err(unwritable)?;
    let mut out = BufWriter::new(file);
    let enrolled = Arc::new(agent::enrolled(config));
    let mut ears: Vec<Ear> = names.iter().map(|name| Ear::new(name, &enrolled)).collect();
    let _ = writeln!(errors, "recording {}; Ctrl-C ends it", names.join(", "));
    let (mut start, mut result) = (None, Ok(()));
    let heard = listen::listen(&lines, |now, heard| {
        let begun = *start.get_or_insert(now.mono);
        let written = match heard {
            Heard::Reading(place, Body::Bytes(bytes)) => {
                ears.get_mut(place).map_or(Ok(()), |ear| ear.bytes(now, &bytes, &mut out))
            }
            Heard::Reading(place, Body::Down(reason)) => {
                let port = lines.get(place).map(|line| device::refusal(&line.port, &reason));
                let _ = writeln!(errors, "{}", port.unwrap_or_default());
                Ok(())
            }
            _ => Ok(()),
        };
        let failed = written.is_err();
        if let Err(error) = written {
            result = Err(unwritable(error));
        }
        let adverts = ears.iter().map(|ear| ear.adverts).sum();
        let over = args.until.is_over(now.mono.since(begun), adverts);
        if failed || over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    heard.map_err(|error| (exit::TEMPORARY, error.to_string()))?;
    result?;
    out.flush().map_err(unwritable)?;
    let adverts: usize = ears.iter().map(|ear| ear.adverts).sum();
    let file = args.output.display();
    Ok(format!(
        "{file}: {adverts} advertisements of enrolled tags. Next: tillgate replay {file} --zones …"
    ))
}

/// One receiver that is recorded.
pub struct Ear {
    name: String,
    enrolled: Arc<Enrolled>,
    decoder: ReceiverDecoder,
    /// When something was last written of it.
    noted: Option<Mono>,
    /// Advertisements that were written.
    pub adverts: usize,
}

impl Ear {
    /// The receiver of this name.
    pub fn new(name: &str, enrolled: &Arc<Enrolled>) -> Self {
        let (decoder, enrolled) = (ReceiverDecoder::default(), Arc::clone(enrolled));
        Self { name: name.to_owned(), enrolled, decoder, noted: None, adverts: 0 }
    }

    /// Takes bytes of its port.
    ///
    /// # Errors
    /// As `out`'s.
    pub fn bytes(
        &mut self,
        now: Now,
        bytes: &[u8],
        out: &mut BufWriter<impl Write>,
    ) -> io::Result<()> {
        let (mut text, mut lives) = (String::new(), false);
        let (enrolled, name, adverts) = (&self.enrolled, &self.name, &mut self.adverts);
        self.decoder.push(bytes, |said| {
            lives = true;
            let Said::Advert(sighting) = said else { return };
            let Sender::Known(heard, _) = enrolled.list().sender(sighting) else { return };
            let tag = enrolled.get(&heard.key).filter(|(_, class)| *class != TagClass::Staff);
            if let Some((tag, _)) = tag {
                *adverts += 1;
                // Names of the configuration need no escapes. Writing to a string cannot fail.
                let _ = writeln!(
                    text,
                    "{{\"at\":\"{}\",\"receiver\":\"{name}\",\"tag\":\"{tag}\",\"rssi\":{}}}",
                    now.wall, heard.rssi
                );
            }
        });
        let quiet = self.noted.is_none_or(|noted| LIFE <= now.mono.since(noted));
        if lives && text.is_empty() && quiet {
            text = life(now.wall, &self.name);
        }
        if !text.is_empty() {
            self.noted = Some(now.mono);
        }
        out.write_all(text.as_bytes())
    }
}

fn life(at: UtcMs, name: &str) -> String {
    format!("{{\"at\":\"{at}\",\"receiver\":\"{name}\"}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const CONFIG: &str = "[gateway]\nid = \"gw-1\"\ntenant = \"acme\"\nstore_id = 7\ntimezone = \"UTC\"\n\
        currency = \"EUR\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\
        \n[[receiver]]\nname = \"a\"\nzone = \"A\"\nkind = \"serial\"\nport = \"/dev/a\"\n\
        \n[[receiver]]\nname = \"radio\"\nzone = \"A\"\nkind = \"bluez\"\n\
        \n[[receiver]]\nname = \"b\"\nzone = \"B\"\nkind = \"serial\"\nport = \"/dev/b\"\n\
        \n[[tag]]\nid = \"anna\"\nclass = \"customer\"\n\
        match = { ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = 1 }\n\
        \n[[tag]]\nid = \"boss\"\nclass = \"staff\"\n\
        match = { ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = 2 }\n";

    fn config() -> Config {
        config::parse(CONFIG, "f", &config::System).unwrap().0
    }

    fn line(major: u16) -> String {
        let uuid = "F7826DA64FA24E988024BC5B71E0893E";
        format!("$GPRP,AC233F00ABCD,F008D1798C00,-61,1AFF4C000215{uuid}{major:04X}0007C5\r\n")
    }

    #[test]
    fn all_serial_receivers_or_one_of_them_are_meant() {
        let names = |name: &str| -> Vec<String> {
            meant(&config(), name).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names("receivers"), ["a", "b"]);
        assert_eq!(names("b"), ["b"]);
        assert!(names("radio").is_empty() && names("till-1").is_empty());
    }

    #[test]
    fn only_enrolled_tags_are_recorded_and_a_sign_of_life_now_and_then() {
        let mut ear = Ear::new("a", &Arc::new(agent::enrolled(&config())));
        let mut out = BufWriter::new(Vec::new());
        let steps = [
            (0, line(2)),
            (1, line(1)),
            (2, line(3)),
            (3, "noise\r\n".to_owned()),
            (6, line(3)),
            (9, line(2)),
        ];
        for (second, line) in steps {
            let now = Now::default().plus(Duration::from_secs(second));
            ear.bytes(now, line.as_bytes(), &mut out).unwrap();
        }
        let text = String::from_utf8(out.into_inner().unwrap()).unwrap();
        assert_eq!(
            text,
            "{\"at\":\"1970-01-01T00:00:00.000Z\",\"receiver\":\"a\"}\n\
             {\"at\":\"1970-01-01T00:00:01.000Z\",\"receiver\":\"a\",\"tag\":\"anna.7\",\"rssi\":-61}\n\
             {\"at\":\"1970-01-01T00:00:06.000Z\",\"receiver\":\"a\"}\n"
        );
        assert_eq!(ear.adverts, 1);
    }
}
